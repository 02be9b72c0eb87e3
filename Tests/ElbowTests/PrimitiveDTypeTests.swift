import Elbow
import Foundation
import Testing

/// Every primitive on operands of every dtype that it takes, and to every dtype that it gives: compiled code against the
/// reference evaluator.
@Suite struct PrimitiveDTypeTests {
  /// A primitive on operands of some dtypes.
  struct Case {
    var primitive: any Primitive
    var operands: [TensorType]
    var sample: PrimitiveSample
  }

  /// How many of the primitives share a library.
  static let share = 8
  static let shares = stride(from: 0, to: PrimitiveRegistry.all.count, by: share).map { $0 }

  @Test(arguments: shares)
  func agreesWithReference(_ first: Int) throws {
    let graph = Graph()
    var feeds: [String: HostArray] = [:]
    var signature = Signature("all")
    var random = SplitMix64(seed: 7)
    for type in PrimitiveRegistry.all[first...].prefix(PrimitiveDTypeTests.share) {
      for (index, one) in PrimitiveDTypeTests.cases(type).enumerated() {
        let operands = try one.operands.enumerated().map { position, operand in
          let input = "\(type.name)\(index)_\(position)"
          let extents = try #require(operand.shape.extents)
          let range = PrimitiveDTypeTests.range(one.sample.range, operand.dtype)
          var value = try HostArray.random(operand.dtype, extents, range, &random)
          if position == 0, one.sample.preparation == .positiveDefinite { value = try value.madePositiveDefinite() }
          feeds[input] = value
          return graph.placeholder(input, shape: extents.map { $0 }, dtype: operand.dtype)
        }
        let dtypes = one.operands.map(\.dtype.rawValue).joined(separator: ", ")
        let name = "\(type.name)(\(dtypes)) \(index)"
        signature.outputs.append((name: name, tensor: graph.apply(one.primitive, operands)))
      }
    }
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    let session = try Session(graph, threads: 2, options: BuildOptions(optimization: 1), cache: temporaryCache())
    let found = try session.run(signature, feeding: feeds)
    for (output, _) in signature.outputs {
      let value = try #require(expected[output])
      // Sums of products cancel, in float32 by two digits here.
      expectClose(try #require(found[output]), value, output, tolerance: value.dtype == .float32 ? 2e-5 : nil)
    }
  }

  /// Each sample with all dtypes in place of its own, as far as the primitive takes them.
  static func cases(_ type: any Primitive.Type) -> [Case] {
    var known: Set<String> = []
    return type.samples.flatMap { sample -> [Case] in
      let dtypes = sample.operands.reduce([[]]) { lists, _ in
        lists.flatMap { list in DType.allCases.map { list + [$0] } }
      }
      return variants(sample.primitive).flatMap { primitive in
        dtypes.compactMap { dtypes in
          let operands = zip(sample.operands, dtypes).map { TensorType($1, $0.shape) }
          guard (try? primitive.resultType(of: operands)) != nil,
            known.insert("\(primitive.attributes) \(operands)").inserted
          else { return nil }
          return Case(primitive: primitive, operands: operands, sample: sample)
        }
      }
    }
  }

  /// A primitive with all dtypes in place of those among its attributes.
  private static func variants(_ primitive: any Primitive) -> [any Primitive] {
    let keys = primitive.attributes.keys.filter { if case .dtype? = primitive.attributes[$0] { true } else { false } }
    guard !keys.isEmpty else { return [primitive] }
    return DType.allCases.compactMap { dtype in
      var attributes = primitive.attributes
      for key in keys { attributes[key] = .dtype(dtype) }
      return try? Swift.type(of: primitive).init(attributes: attributes)
    }
  }

  /// The part of a range that numbers of a dtype can have.
  private static func range(_ range: ClosedRange<Double>, _ dtype: DType) -> ClosedRange<Double> {
    guard dtype == .uint8 || dtype == .uint32 else { return range }
    return max(0, range.lowerBound)...max(0, range.upperBound)
  }
}
