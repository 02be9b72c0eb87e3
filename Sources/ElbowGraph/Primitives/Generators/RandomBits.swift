import ElbowArrays

/// 32 uniform random bits for every element, a pure function of the seed, the run's counter, the stream, and the element's
/// row-major position: whoever computes them, in whatever order, gets the same.
///
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") with the key
/// `(seed low, seed high)` and the counter `(position, stream, counter low, counter high)`. A block is four words; `word`
/// says which one, so one block can serve up to four primitives.
public struct RandomBits: GeneratingPrimitive {
  public static let name = "random_bits"
  /// The shape of the result, which is uint32.
  public let shape: Shape
  /// The stream of numbers, independent of all others.
  public let stream: UInt32
  /// The word of each block that is taken, from 0 to 3.
  public let word: Int

  /// The word from 0 to 3 of a stream's blocks, one block for each element of a shape.
  public init(shape: Shape, stream: UInt32, word: Int) {
    self.shape = shape
    self.stream = stream
    self.word = word
  }
  public init(attributes: Attributes) throws {
    shape = try attributes.shape("shape")
    guard let stream = UInt32(exactly: try attributes.integer("stream")) else {
      throw ElbowError(.file, "A random stream is numbered from 0 to 2^32 - 1.")
    }
    self.stream = stream
    word = try attributes.integer("word")
  }
  public var attributes: Attributes {
    ["shape": .shape(shape), "stream": .integer(Int(stream)), "word": .integer(word)]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 0)
    guard (0..<4).contains(word) else { throw OperandError(.invalidArgument, "a block has the words 0 to 3") }
    return TensorType(.uint32, shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
  public func lower(
    axes: [ScalarValue], position: ScalarValue, _ dtype: DType, into builder: inout ScalarBuilder
  ) -> ScalarValue {
    let low = builder.cast(position, .uint32)
    return builder.emit(.random(stream: stream, word: word), [low], .uint32)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let count = try HostArray.byteCount(dtype: .uint32, shape: context.shape) / 4
    let philox = Philox4x32(seed: context.random.seed)
    let counter = context.random.counter
    let values = (0..<count).map { position in
      philox.block(
        UInt32(truncatingIfNeeded: position), stream, UInt32(truncatingIfNeeded: counter),
        UInt32(truncatingIfNeeded: counter >> 32))[word]
    }
    return try HostArray(values, shape: context.shape)
  }
  public static let samples = [PrimitiveSample(RandomBits(shape: [3, 17], stream: 5, word: 2), [])]
}

/// The generator itself, obviously.
public struct Philox4x32: Sendable {
  private let key: (UInt32, UInt32)

  /// The generator whose key is the seed.
  public init(seed: UInt64) { key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)) }

  /// The four words of a counter.
  public func block(_ c0: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32) -> [UInt32] {
    var counter = (c0, c1, c2, c3)
    var key = key
    for _ in 0..<10 {
      let a = counter.0.multipliedFullWidth(by: 0xD251_1F53)
      let b = counter.2.multipliedFullWidth(by: 0xCD9E_8D57)
      counter = (b.high ^ counter.1 ^ key.0, b.low, a.high ^ counter.3 ^ key.1, a.low)
      key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
    }
    return [counter.0, counter.1, counter.2, counter.3]
  }
}
