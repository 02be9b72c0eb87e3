import ElbowData
import ElbowGraph
import Foundation

/// Changes of a saved graph that mostly leave it one.
///
/// Changed bytes rarely do: a type that follows from another one no longer fits. Here operations, operands and attributes are
/// changed, and then the types that the reader misses are put right, as far as it says which they are.
struct GraphMutator {
  private var random: SplitMix64
  private var nodes: [[String: Any]] = []
  private static let operations = PrimitiveRegistry.all.map { $0.name }
  private static let dtypes = ["bool", "float32", "float64", "int32", "int64", "uint32", "uint8"]
  private static let extents = ["n", "n1", "1", "2", "3", "4", "8", "2*n", "n + 1", "n*n", "0", "1000", "1048576"]
  private static let words = dtypes + extents + ["sum", "max", "min", "product", "less", "equal", "x", "v", "carry0"]
  private static let numbers = [0, 1, 2, 3, 4, 7, 8, 16, 64, 255, 1 << 20, 1 << 31, 1 << 40, Int.max, Int.min, -1, -2]

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// - Returns: Nil where the bytes are no graph file.
  mutating func changed(_ bytes: [UInt8]) -> [UInt8]? {
    guard var file = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any],
      let found = file["nodes"] as? [[String: Any]], !found.isEmpty
    else { return nil }
    nodes = found
    for _ in 0..<Int.random(in: 1...3, using: &random) { change(&file) }
    return repaired(&file)
  }

  private mutating func index() -> Int { Int.random(in: nodes.indices, using: &random) }

  private mutating func change(_ file: inout [String: Any]) {
    let node = index()
    switch Int.random(in: 0..<6, using: &random) {
    case 0: append(&file)
    case 1:
      guard var inputs = nodes[node]["in"] as? [Int], node > 0, !inputs.isEmpty else { return }
      inputs[Int.random(in: inputs.indices, using: &random)] = Int.random(in: 0..<node, using: &random)
      nodes[node]["in"] = inputs
    case 2: nodes[node]["op"] = GraphMutator.operations.randomElement(using: &random)
    case 3: if let attributes = nodes[node]["with"] { nodes[node]["with"] = changed(attributes, key: "") }
    case 4: changePlaceholder(&file)
    default: changeOutput(&file, to: node)
    }
  }

  /// A new node at the end, which an output becomes.
  private mutating func append(_ file: inout [String: Any]) {
    let operation = GraphMutator.operations.randomElement(using: &random) ?? "add"
    var node: [String: Any] = ["op": operation, "type": "float32[]"]
    node["in"] = (0..<Int.random(in: 0...3, using: &random)).map { _ in index() }
    let like = nodes.filter { $0["op"] as? String == operation }.randomElement(using: &random) ?? nodes[index()]
    if Bool.random(using: &random), let attributes = like["with"] { node["with"] = attributes }
    nodes.append(node)
    changeOutput(&file, to: nodes.count - 1)
  }

  private mutating func changeOutput(_ file: inout [String: Any], to node: Int) {
    guard var signatures = file["signatures"] as? [[String: Any]],
      let signature = signatures.indices.randomElement(using: &random),
      var outputs = signatures[signature]["outputs"] as? [[String: Any]]
    else { return }
    if outputs.count < 2 || Bool.random(using: &random) {
      outputs.append(["name": "o\(outputs.count)", "node": node])
    } else {
      outputs[Int.random(in: outputs.indices, using: &random)]["node"] = node
    }
    signatures[signature]["outputs"] = outputs
    file["signatures"] = signatures
  }

  /// Another type, wherever a placeholder's stands.
  private mutating func changePlaceholder(_ file: inout [String: Any]) {
    guard var placeholders = file["placeholders"] as? [[String: Any]],
      let index = placeholders.indices.randomElement(using: &random), let node = placeholders[index]["node"] as? Int,
      nodes.indices.contains(node), var attributes = nodes[node]["with"] as? [String: Any],
      let dtype = GraphMutator.dtypes.randomElement(using: &random)
    else { return }
    let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      GraphMutator.extents.randomElement(using: &random) ?? "n"
    }
    attributes["dtype"] = ["dtype": dtype]
    attributes["shape"] = ["shape": shape]
    nodes[node]["with"] = attributes
    nodes[node]["type"] = "\(dtype)[\(shape.joined(separator: ", "))]"
    placeholders[index]["type"] = nodes[node]["type"]
    file["placeholders"] = placeholders
  }

  /// One value in a tree changed, whichever the way down comes to.
  private mutating func changed(_ value: Any, key: String) -> Any {
    switch value {
    case var object as [String: Any]:
      guard let key = object.keys.sorted().randomElement(using: &random), let old = object[key] else { return object }
      object[key] = changed(old, key: key)
      return object
    case var list as [Any]:
      guard let place = list.indices.randomElement(using: &random) else { return list }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: list.remove(at: place)
      case 1: list.insert(list[place], at: place)
      default: list[place] = changed(list[place], key: key)
      }
      return list
    case let text as String: return GraphMutator.words.randomElement(using: &random) ?? text
    default:
      return key == "flag" ? Bool.random(using: &random) : GraphMutator.numbers.randomElement(using: &random) ?? 0
    }
  }

  /// Puts right the types that do not follow from their operands, by what the reader says of them.
  private func repaired(_ file: inout [String: Any]) -> [UInt8]? {
    var nodes = nodes
    for round in 0... {
      file["nodes"] = nodes
      guard let data = try? JSONSerialization.data(withJSONObject: file, options: .sortedKeys) else { return nil }
      let bytes = [UInt8](data)
      guard round < 16 else { return bytes }
      do {
        _ = try GraphFile(decoding: bytes)
        return bytes
      } catch {
        guard let match = "\(error)".firstMatch(of: /Node (\d+) .* its result is (.+), but the file says/),
          let node = Int(match.1), nodes.indices.contains(node)
        else { return bytes }
        nodes[node]["type"] = String(match.2)
      }
    }
    return nil
  }
}
