import ElbowArrays
import ElbowGraph

/// The data fed to placeholders: the same for the same seed and name, whatever else is fed.
struct InputData {
  let mode: FuzzMode
  let seed: UInt64

  /// Whole numbers from -3 to 3 in exact mode, else floats from -2 to 2; integers from -3 to 3, or 0 to 6 if unsigned.
  func array(_ name: String, _ dtype: DType, _ shape: [Int]) throws -> HostArray {
    var random = RandomChoices(seed: seed, number: name.utf8.reduce(5381) { ($0 &* 33) ^ Int($1) })
    let count = try HostArray.byteCount(dtype: dtype, shape: shape) / dtype.byteCount
    func values<T>(_ value: (inout RandomChoices) -> T) -> [T] { (0..<count).map { _ in value(&random) } }
    func float(_ random: inout RandomChoices) -> Double {
      mode == .exact ? Double(random.integer(in: -3...3)) : random.unit() * 4 - 2
    }
    switch dtype {
    case .float32: return try HostArray(values { Float(float(&$0)) }, shape: shape)
    case .float64: return try HostArray(values { float(&$0) }, shape: shape)
    case .int32: return try HostArray(values { Int32($0.integer(in: -3...3)) }, shape: shape)
    case .int64: return try HostArray(values { Int64($0.integer(in: -3...3)) }, shape: shape)
    case .uint32: return try HostArray(values { UInt32($0.integer(in: 0...6)) }, shape: shape)
    case .uint8: return try HostArray(values { UInt8($0.integer(in: 0...6)) }, shape: shape)
    case .bool: return try HostArray(values { $0.chance(0.5) }, shape: shape)
    }
  }

  /// A value for each input of a program.
  func feeds(_ program: Program, _ bindings: [String: Int]) throws -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for input in program.inputs where input.defaultValue == nil {
      guard let shape = input.type.shape.evaluated(with: bindings) else {
        throw ElbowError(.feed, "The shape of '\(input.name)', \(input.type), has a symbol without a value.")
      }
      feeds[input.name] = try array(input.name, input.type.dtype, shape)
    }
    return feeds
  }
}
