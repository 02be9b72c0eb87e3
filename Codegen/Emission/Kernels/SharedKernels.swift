import ElbowCTree

/// Kernels that differ in names and numbers alone, as one function that is given the numbers.
///
/// Code that runs once, such as giving the variables their first values, is sooner compiled than run: a hundred variables have
/// hundreds of kernels, but of a dozen kinds. Where speed counts, numbers that the compiler knows are worth more.
struct SharedKernels {
  /// How a kernel is called.
  struct Call {
    let name: String
    /// The arguments after those that all kernels get.
    let arguments: [CExpression]
  }

  /// The functions to emit, by the number of the first kernel that each stands for.
  private(set) var functions: [Int: CFunction] = [:]
  /// How each kernel is called.
  private(set) var calls: [Int: Call] = [:]

  /// - Parameter kernels: The functions of kernels by their numbers.
  init(_ kernels: [Int: CFunction]) {
    var kinds: [String: [Int]] = [:]
    for (index, kernel) in kernels.sorted(by: { $0.key < $1.key }) {
      kinds[SharedKernels.kind(kernel), default: []].append(index)
    }
    for members in kinds.values { share(members, kernels) }
  }

  private mutating func share(_ members: [Int], _ kernels: [Int: CFunction]) {
    guard let first = members.first, let function = kernels[first] else { return }
    let numbers = members.map { kernels[$0].map(SharedKernels.numbers) ?? [] }
    var columns: [[CExpression]] = []
    var names: [Int: String] = [:]
    for place in numbers[0].indices where numbers.contains(where: { $0[place] != numbers[0][place] }) {
      let column = numbers.map { $0[place] }
      if !columns.contains(column) { columns.append(column) }
      names[place] = columns.firstIndex(of: column).map { "given\($0)" }
    }
    let parameters = columns.enumerated().map { (type: SharedKernels.type($1[0]) ?? .long, name: "given\($0)") }
    functions[first] =
      members.count == 1
      ? function : SharedKernels.general(function, names, parameters, others: members.count - 1)
    for (row, member) in members.enumerated() {
      calls[member] = Call(name: function.name, arguments: columns.map { $0[row] })
    }
  }

  /// The function with names instead of some of its numbers, counted as `numbers` has them.
  private static func general(
    _ function: CFunction, _ names: [Int: String], _ parameters: [(type: CType, name: String)], others: Int
  ) -> CFunction {
    var (result, place) = (function, 0)
    result.body = function.body.map { statement in
      statement.rewritten { expression in
        guard type(expression) != nil else { return expression }
        defer { place += 1 }
        return names[place].map { .name($0) } ?? expression
      }
    }
    result.attributes = "__attribute__((noinline))"
    result.parameters += parameters
    result.comment = (function.comment.map { $0 + "\n" } ?? "") + "and \(others) more of this kind"
    return result
  }

  /// The type of a number as C has it; nil for what is none.
  private static func type(_ expression: CExpression) -> CType? {
    switch expression {
    case .integer: .long
    case .literal(_, let isDouble): isDouble ? .double : .float
    case .unsigned: .uint32
    default: nil
    }
  }

  /// The numbers in the order in which rewriting meets them.
  private static func numbers(_ function: CFunction) -> [CExpression] {
    var numbers: [CExpression] = []
    for statement in function.body {
      _ = statement.rewritten { expression in
        if type(expression) != nil { numbers.append(expression) }
        return expression
      }
    }
    return numbers
  }

  /// The text of a function but for the names that it declares and its numbers.
  private static func kind(_ function: CFunction) -> String {
    var names: [String: String] = [:]
    for name in function.body.flatMap(\.declaredNames) where names[name] == nil { names[name] = "local\(names.count)" }
    var plain = function
    (plain.name, plain.comment) = ("kernel", nil)
    plain.body = function.body.map { statement in
      statement.rewritten { expression in
        if let type = type(expression) { return .name("any " + type.declaring("number")) }
        if case .name(let name) = expression { return names[name].map { .name($0) } ?? expression }
        return expression
      }
    }
    return CPrinter.text([.function(plain)], hasComments: false)
  }
}
