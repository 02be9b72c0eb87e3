import ElbowArrays

/// Runs a loop nest as it stands, slowly: what tests compare a primitive's lowering with before any C is written.
public struct LoopInterpreter {
  private let nest: LoopNest
  private let operands: [(shape: [Int], values: [LoopScalar])]
  private let dtype: DType
  private let shape: [Int]
  private let bindings: [String: Int]
  private var result: [LoopScalar?]
  private var variables: [Int]
  private var locals: [LoopScalar?]

  /// The array that the nest computes.
  ///
  /// - Throws: `ElbowError` of kind `internal` where the nest reads or writes what does not exist, or leaves out an element.
  public static func run(
    _ nest: LoopNest, on operands: [HostArray], dtype: DType, shape: [Int], bindings: [String: Int] = [:]
  ) throws -> HostArray {
    var interpreter = try LoopInterpreter(nest, operands, dtype, shape, bindings)
    try forEachIndex([Int](shape.prefix(nest.independentAxes))) { position in
      for (axis, value) in position.enumerated() { interpreter.variables[axis] = value }
      try interpreter.run(nest.body)
    }
    let values = try interpreter.result.map { value in
      guard let value else { throw ElbowError(.internal, "The nest left an element out.") }
      return value
    }
    return try LoopScalar.array(values, dtype, shape)
  }

  private init(
    _ nest: LoopNest, _ operands: [HostArray], _ dtype: DType, _ shape: [Int], _ bindings: [String: Int]
  ) throws {
    self.nest = nest
    self.operands = try operands.map { ($0.shape, try LoopScalar.values(of: $0)) }
    self.dtype = dtype
    self.shape = shape
    self.bindings = bindings
    result = [LoopScalar?](repeating: nil, count: shape.reduce(1, *))
    variables = [Int](repeating: 0, count: nest.variableCount)
    locals = [LoopScalar?](repeating: nil, count: nest.locals.count)
  }

  private mutating func run(_ statements: [LoopStatement]) throws {
    for statement in statements {
      switch statement {
      case .loop(let variable, let from, let to, let descending, let body):
        let (first, end) = (try value(from), try value(to))
        guard first < end else { continue }
        for step in 0..<end - first {
          variables[variable] = descending ? end - 1 - step : first + step
          try run(body)
        }
      case .store(let index, let value): result[try offset(index, shape)] = try converted(value, dtype)
      case .declare(let local, let value), .assign(let local, let value):
        locals[local] = try converted(value, nest.locals[local])
      case .conditional(let condition, let then, let otherwise):
        try run(try value(condition).integer != 0 ? then : otherwise)
      }
    }
  }

  private func offset(_ index: [LoopIndex], _ shape: [Int]) throws -> Int {
    guard index.count == shape.count else { throw ElbowError(.internal, "A nest's index has the wrong rank.") }
    var offset = 0
    for (part, extent) in zip(index, shape) {
      let position = try value(part)
      guard (0..<extent).contains(position) else {
        throw ElbowError(.internal, "A nest reaches position \(position) of an axis of extent \(extent).")
      }
      offset = offset * extent + position
    }
    return offset
  }

  private func value(_ index: LoopIndex) throws -> Int {
    switch index {
    case .extent(let dimension):
      guard let value = dimension.evaluated(with: bindings) else {
        throw ElbowError(.internal, "The extent \(dimension) is not known.")
      }
      return value
    case .variable(let number): return variables[number]
    case .sum(let a, let b): return try value(a) + value(b)
    case .difference(let a, let b): return try value(a) - value(b)
    case .product(let a, let b): return try value(a) * value(b)
    case .quotient(let a, let b):
      let (x, y) = (try value(a), try value(.extent(b)))
      return (x - (x % y + y) % y) / y
    case .remainder(let a, let b):
      let (x, y) = (try value(a), try value(.extent(b)))
      return (x % y + y) % y
    case .minimum(let a, let b): return min(try value(a), try value(b))
    case .maximum(let a, let b): return max(try value(a), try value(b))
    case .value(let scalar): return Int(try value(scalar).integer)
    }
  }

  private func converted(_ value: LoopValue, _ dtype: DType) throws -> LoopScalar {
    guard value.dtype == dtype else {
      throw ElbowError(.internal, "A nest puts \(value.dtype) where \(dtype) belongs.")
    }
    return try self.value(value)
  }

  private func value(_ value: LoopValue) throws -> LoopScalar {
    switch value {
    case .constant(let constant, let dtype): return LoopScalar(constant.value, dtype)
    case .operand(let operand, let index, _):
      return operands[operand].values[try offset(index, operands[operand].shape)]
    case .result(let index, _):
      guard let value = result[try offset(index, shape)] else {
        throw ElbowError(.internal, "A nest reads an element before it has written it.")
      }
      return value
    case .local(let local, _):
      guard let value = locals[local] else {
        throw ElbowError(.internal, "A nest reads a local before its declaration.")
      }
      return value
    case .position(let index, let dtype): return LoopScalar(Int64(try self.value(index)), dtype)
    case .apply(let operation, let operands, let dtype):
      let values = try operands.map { try self.value($0) }
      return try LoopScalar.apply(operation, values, from: operands.last?.dtype ?? dtype, to: dtype)
    }
  }
}
