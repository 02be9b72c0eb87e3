import ElbowArrays
import ElbowGraph

/// One variable of a joint distribution.
public enum JointComponent {
  /// A variable that does not depend on the others.
  case of(any Distribution)
  /// A variable whose distribution is made of the values of those before it.
  case given((JointValues) -> any Distribution)
}

/// The values of the variables of a joint distribution that come before another.
public struct JointValues {
  let names: [String]
  let values: [Tensor]

  /// The value of a variable by its position; a recorded mistake if it does not come before.
  public subscript(position: Int) -> Tensor {
    values.indices.contains(position) ? values[position] : missing("at position \(position)")
  }

  /// The value of a variable by its name; a recorded mistake if it does not come before.
  public subscript(name: String) -> Tensor {
    guard let position = names.firstIndex(of: name), position < values.count else { return missing("named '\(name)'") }
    return values[position]
  }

  private func missing(_ what: String) -> Tensor {
    let known = names.prefix(values.count).map { "'\($0)'" }.joined(separator: ", ")
    return (values.first?.graph ?? Graph()).invalid(
      .invalidArgument,
      "A joint distribution has no variable \(what) before this one"
        + (known.isEmpty ? "; there are \(values.count)." : "; there are \(known)."))
  }
}

/// The common part of joint distributions: variables in the order in which they are drawn.
struct JointModel {
  let typeName: String
  let names: [String]
  let components: [JointComponent]
  /// Whether runs check the parameters of all variables.
  var validatesArguments = false

  /// The distributions of all variables, given each one's value by `value`, which is called in order.
  func distributions(
    _ value: (Int, any Distribution) -> Tensor
  ) -> (distributions: [any Distribution], values: [Tensor]) {
    var (distributions, values): ([any Distribution], [Tensor]) = ([], [])
    for (position, component) in components.enumerated() {
      let distribution: any Distribution =
        switch component {
        case .of(let distribution): distribution
        case .given(let make): make(JointValues(names: names, values: values))
        }
      if validatesArguments { distribution.validateArguments() }
      distributions.append(distribution)
      values.append(value(position, distribution))
    }
    return (distributions, values)
  }

  /// Draws. What depends on earlier values has their sample shape in its batch.
  func sample(_ sampleShape: Shape) -> [Tensor] {
    distributions { position, distribution in
      if case .of = components[position] { return distribution.sample(sampleShape) }
      return distribution.sample()
    }.values
  }

  /// The sum of the variables' log probabilities.
  func logProb(_ values: [Tensor]) -> Tensor {
    guard let graph = values.first?.graph, values.count == components.count else {
      return (values.first?.graph ?? Graph()).invalid(
        .invalidArgument,
        "'logProb' of \(typeName): expected a value for each of \(components.count) variables, but there are "
          + "\(values.count).")
    }
    return graph.located {
      let terms = zip(distributions { position, _ in values[position] }.distributions, values).map { $0.logProb($1) }
      return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
    }
  }

  /// The shapes of one draw of all variables.
  var shapes: (batchShape: Shape, eventShapes: [Shape]) {
    let distributions = distributions { $1.sample() }.distributions
    let batch = distributions.first?.graph.broadcastShape(distributions.map(\.batchShape))
    return (batch ?? .scalar, distributions.map(\.eventShape))
  }
}
