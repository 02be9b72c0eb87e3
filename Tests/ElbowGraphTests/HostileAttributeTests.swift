import ElbowArrays
import ElbowGraph
import Testing

/// Attributes come from files: whatever numbers they hold, a primitive refuses them or has a type, and never traps.
@Suite struct HostileAttributeTests {
  static let numbers = [0, -1, 1, 2, 3, 5, -2, 1 << 20, 1 << 31, 1 << 40, Int.max, Int.min]

  @Test(arguments: SampleCase.all) func everyNumberIsRefusedOrFits(_ testCase: SampleCase) throws {
    func remade<P: Primitive>(_ primitive: P, _ attributes: Attributes) -> (any Primitive)? {
      try? P(attributes: attributes)
    }
    let attributes = testCase.sample.primitive.attributes
    for (name, value) in attributes {
      for number in HostileAttributeTests.numbers {
        for changed in variants(value, number) {
          var hostile = attributes
          hostile[name] = changed
          guard let primitive = remade(testCase.sample.primitive, hostile),
            let type = try? primitive.resultType(of: testCase.sample.operands)
          else { continue }
          // Primitives that are accepted must survive differentiation and lowering too.
          let graph = Graph()
          let inputs = testCase.sample.operands.enumerated().map {
            graph.placeholder("x\($0.offset)", shape: $0.element.shape.extents ?? [], dtype: $0.element.dtype)
          }
          func differentiate<P: Primitive>(_ primitive: P) {
            let y = graph.apply(primitive, inputs)
            guard y.isValid else { return }
            _ = try? primitive.gradient(GradientContext(inputs: inputs, output: y, upstream: y))
          }
          if type.dtype.isFloatingPoint { differentiate(primitive) }
          if let loops = primitive as? any LoopPrimitive {
            _ = loops.lower(operands: testCase.sample.operands, result: type)
          }
        }
      }
    }
  }

  private func variants(_ value: AttributeValue, _ number: Int) -> [AttributeValue] {
    switch value {
    case .integer: return [.integer(number)]
    case .integers(let values):
      return values.indices.map { position in
        var changed = values
        changed[position] = number
        return .integers(changed)
      } + [.integers([]), .integers(values + [number])]
    case .shape(let shape):
      return shape.dimensions.indices.map { position in
        var changed = shape
        changed.dimensions[position] = Dimension(number)
        return .shape(changed)
      } + [.shape([]), .shape(shape + [Dimension(number)])]
    case .string: return [.string("\(number)")]
    default: return []
    }
  }
}
