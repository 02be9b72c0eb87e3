import ElbowGraph

extension Distribution {
  /// Has every run that computes this distribution's parameters check them, and those of the distributions and
  /// bijectors it is made of: a scale that is not positive or a probability outside of [0, 1] becomes an error that
  /// names the parameter, the distribution and this line. So does a value outside of the distribution's support that
  /// its ``logProb(_:)`` or ``prob(_:)`` is asked for afterwards, such as a pixel of 255 for ``Bernoulli``. Without it the
  /// result is what the formulas give, usually NaN.
  ///
  ///     let posterior = Normal(loc: loc, scale: scale).validateArguments()
  ///
  /// Numbers and constants are checked when the distribution is made. A check takes a pass over the parameter;
  /// variables keep their values in a run that fails. See ``Graph/check(_:where:_:)``.
  @discardableResult
  public func validateArguments() -> Self {
    graph.located {
      for part in parts { part.validateArguments() }
      for bijector in bijectors { bijector.validateArguments() }
      let owner = name == traits.typeName ? name : "\(traits.typeName) '\(name)'"
      for parameter in traits.parameters where parameter.value.graph === graph {
        graph.check(parameter.value, parameter.constraint, parameter: parameter.name, of: owner)
      }
      for (low, high) in traits.ordered where low.value.isValid && high.value.isValid {
        graph.check(
          high.value, where: low.value < high.value,
          "The parameter '\(low.name)' of \(owner) must be below '\(high.name)', but is not in this run.")
      }
      traits.validatesValues = true
    }
    return self
  }
}

extension Bijector {
  /// Has every run that computes this bijector's parameters check those that are tensors, and those of the bijectors it
  /// is made of; see ``Distribution/validateArguments()``.
  @discardableResult
  public func validateArguments() -> Self {
    for part in parts { part.validateArguments() }
    let owner = name == traits.typeName ? name : "\(traits.typeName) '\(name)'"
    for parameter in traits.parameters {
      guard let value = parameter.givenTensor else { continue }
      value.graph.check(value, parameter.constraint, parameter: parameter.name, of: owner)
    }
    return self
  }
}

extension Graph {
  fileprivate func check(_ value: Tensor, _ constraint: ParameterConstraint, parameter: String, of owner: String) {
    located {
      guard value.isValid else { return }
      check(
        value, where: constraint.holds(value),
        "The parameter '\(parameter)' of \(owner) \(constraint.requirement), but is not in this run.")
    }
  }
}
