import Elbow

/// Random inputs of the dtypes and shapes that signatures take, the same for the same seed.
struct SyntheticInputs {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// A value for each input of a program that has no default; symbols are the batch size. Floating-point numbers are
  /// from -1 to 1, integers from 0 to 9, bytes from 0 to 255.
  mutating func feeds(_ program: Program, batchSize: Int) throws -> [String: HostArray] {
    let symbols = Extents(program, batchSize: batchSize).symbols
    var feeds: [String: HostArray] = [:]
    for input in program.inputs where input.defaultValue == nil {
      guard let shape = input.type.shape.evaluated(with: symbols) else {
        throw ElbowError(.feed, "The shape of '\(input.name)', \(input.type), cannot be made up.")
      }
      feeds[input.name] = try array(input.type.dtype, shape)
    }
    return feeds
  }

  /// Random elements.
  mutating func array(_ dtype: DType, _ shape: [Int]) throws -> HostArray {
    let count = shape.reduce(1, *)
    switch dtype {
    case .float32: return try HostArray((0..<count).map { _ in Float(unit()) }, shape: shape)
    case .float64: return try HostArray((0..<count).map { _ in unit() }, shape: shape)
    case .int32: return try HostArray((0..<count).map { _ in Int32(number(below: 10)) }, shape: shape)
    case .int64: return try HostArray((0..<count).map { _ in Int64(number(below: 10)) }, shape: shape)
    case .uint32: return try HostArray((0..<count).map { _ in UInt32(number(below: 10)) }, shape: shape)
    case .uint8: return try HostArray((0..<count).map { _ in UInt8(number(below: 256)) }, shape: shape)
    case .bool: return try HostArray((0..<count).map { _ in number(below: 2) == 1 }, shape: shape)
    }
  }

  /// A number from 0 up to a bound.
  mutating func number(below bound: UInt64) -> UInt64 { generator.next(upperBound: bound) }

  /// A number from -1 to 1.
  mutating func unit() -> Double { Double.random(in: -1...1, using: &generator) }
}
