import ElbowGraph

extension Distribution {
  /// Has every run that computes this distribution's parameters check them, and those of the distributions it is made of: a
  /// scale that is not positive or a probability outside of [0, 1] becomes an error that names the parameter, the
  /// distribution and this line. Without it the result is what the formulas give, usually NaN.
  ///
  ///     let posterior = Normal(loc: loc, scale: scale).validateArguments()
  ///
  /// Numbers and constants are checked when the distribution is made. A check takes a pass over the parameter; variables keep
  /// their values in a run that fails. See ``Graph/check(_:where:_:)``.
  @discardableResult
  public func validateArguments() -> Self {
    graph.located {
      for part in parts { part.validateArguments() }
      for parameter in traits.parameters where parameter.value.isValid && parameter.value.graph === graph {
        let owner = name == traits.typeName ? name : "\(traits.typeName) '\(name)'"
        graph.check(
          parameter.value, where: parameter.constraint.holds(parameter.value),
          "The parameter '\(parameter.name)' of \(owner) \(parameter.constraint.requirement), but is not in this run.")
      }
    }
    return self
  }
}
