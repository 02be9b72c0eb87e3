import ElbowArrays
import ElbowGraph

extension Graph {
  /// A named piece of state whose values stay within a bijector's range, however an optimiser moves it.
  ///
  ///     let scale = graph.variable("scale", initialValue: graph.ones([2]), constrainedBy: Bijectors.Softplus())
  ///
  /// The variable that is stored, trained and saved is unconstrained, and is called `<name>/unconstrained`.
  ///
  /// - Parameters:
  ///   - name: Unique in the graph; the names of enclosing ``scope(_:_:)`` come before it.
  ///   - initialValue: The value it starts with, within the range: an expression of constants and random numbers, of fixed
  ///     shape.
  ///   - bijector: The map from what is stored to the value.
  ///   - role: Its purpose.
  /// - Returns: The constrained value when a run begins, the bijector's `forward` of the variable.
  public func variable(
    _ name: String, initialValue: Tensor, constrainedBy bijector: any Bijector,
    role: VariableDeclaration.Role = .parameter, group: String = ""
  ) -> Tensor {
    located {
      let stored = variable(
        name + "/unconstrained", initialValue: bijector.inverse(initialValue), role: role, group: group)
      return bijector.forward(stored)
    }
  }
}
