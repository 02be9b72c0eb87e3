import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every case of bijectors.json, against TFP; cases share graphs.
@Suite struct GoldenBijectors {
  static let cases = (try? GoldenFile.cases("bijectors.json")) ?? []
  static let groups = GoldenGroup.groups(of: cases, size: 12)

  @Test func theFileHasCasesAndAllAreSupported() {
    #expect(Self.cases.count > 280)
    #expect(Self.cases.filter { GoldenBijectorCheck.kind($0) == nil }.map(\.id) == [])
  }

  @Test(arguments: groups)
  func valuesAndGradients(_ group: GoldenGroup) throws {
    #expect(try GoldenBijectorCheck.mistakes(group.cases, on: goldenBackends) == [])
  }

  /// In float32, where no argument is extreme.
  @Test(arguments: groups)
  func float32Values(_ group: GoldenGroup) throws {
    #expect(try GoldenBijectorCheck.mistakes(group.cases, in: .float32, on: goldenBackends) == [])
  }

  @Test(arguments: groups)
  func shapes(_ group: GoldenGroup) throws {
    var builder = GoldenDistributionBuilder()
    for golden in group.cases where golden["bijector"]?.text != "Split" {
      let bijector = try builder.bijector(golden.value, path: golden.id + ":")
      #expect(
        bijector.forwardMinEventNDims == golden["forward_min_event_ndims"]?.number.map { Int($0) }, "\(golden.id)")
      #expect(
        bijector.inverseMinEventNDims == golden["inverse_min_event_ndims"]?.number.map { Int($0) }, "\(golden.id)")
      let isConstant = golden["is_constant_jacobian"]?.flag ?? false
      #expect(
        bijector.isConstantJacobian == isConstant || golden["bijector"]?.text == "BatchNormalization", "\(golden.id)")
      let shapes = golden["forward_event_shape"]?.list ?? []
      let (input, output) = (Shape(shapes[0].integers), Shape(shapes[1].integers))
      // TFP does not infer what -1 stands for.
      if shapes[1].list.count != output.rank { continue }
      #expect(try bijector.forwardEventShape(input) == output, "\(golden.id)")
      #expect(try bijector.inverseEventShape(output) == input, "\(golden.id)")
    }
  }
}
