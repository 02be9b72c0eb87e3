import ElbowArrays

/// A loop as its body sees it while the user's closure writes it down: the step, a carry, or a row of a sequence.
///
/// The operations that depend on it become the ``ScanBody``, in which it is a placeholder; it means nothing outside.
struct LoopLeaf: InputPrimitive {
  static let name = "loop leaf"
  /// The loop's number in the graph.
  let loop: Int
  /// Its name in the body: `step`, `carry0`, `row1`.
  let input: String
  let type: TensorType

  init(loop: Int, input: String, type: TensorType) {
    self.loop = loop
    self.input = input
    self.type = type
  }
  init(attributes: Attributes) throws {
    loop = try attributes.integer("loop")
    input = try attributes.string("input")
    type = TensorType(try attributes.dtype("dtype"), try attributes.shape("shape"))
  }
  var attributes: Attributes {
    ["loop": .integer(loop), "input": .string(input), "dtype": .dtype(type.dtype), "shape": .shape(type.shape)]
  }
}
