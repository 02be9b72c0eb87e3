import ElbowArrays
import ElbowRuntime

/// The variables as they were at some time.
struct StateCopy {
  let values: [(name: String, array: HostArray)]
  let random: CompiledModel.RandomState

  init(_ model: CompiledModel) throws {
    self.init(
      values: try model.variableNames.map { ($0, try model.value(of: $0)) }, random: model.randomState)
  }

  init(values: [(name: String, array: HostArray)], random: CompiledModel.RandomState) {
    self.values = values
    self.random = random
  }

  func restore(to model: CompiledModel) throws {
    for (name, array) in values { try model.setValue(array, of: name) }
    model.randomState = random
  }

  /// A variable that holds NaN or infinity; nil if none does.
  var nonFiniteVariable: String? { values.first { !NumericsCheck.isFinite($0.array) }?.name }
}
