import ElbowArrays

/// Bytes that say what a value is, for digests: different values never have the same ones.
///
/// Numbers take eight bytes, and whatever has a variable length begins with it, so that where one value ends and the next
/// begins follows from the bytes themselves. Texts count by their bytes in UTF-8.
package struct CanonicalBytes: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func add(_ value: Int) { withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0 } }
  package mutating func add(_ value: Bool) { bytes.append(value ? 1 : 0) }
  package mutating func add(_ text: String) { add([UInt8](text.utf8)) }
  package mutating func add(_ contents: [UInt8]) {
    add(contents.count)
    bytes += contents
  }
  package mutating func add<Element>(_ list: [Element], _ add: (inout CanonicalBytes, Element) -> Void) {
    self.add(list.count)
    for element in list { add(&self, element) }
  }
  package mutating func add<Value>(_ value: Value?, _ add: (inout CanonicalBytes, Value) -> Void) {
    self.add(value != nil)
    if let value { add(&self, value) }
  }
  package mutating func add(_ array: HostArray) {
    add(array.dtype.rawValue)
    add(array.shape) { $0.add($1) }
    add(array.bytes)
  }

  /// The SHA-256 digest, in hexadecimal.
  package var digest: String { SHA256.digits(of: bytes) }
}

extension CanonicalBytes {
  mutating func add(_ dimension: Dimension) {
    add(dimension.constant)
    add(dimension.terms) { bytes, term in
      bytes.add(term.coefficient)
      bytes.add(term.symbols) { $0.add($1) }
    }
  }
  mutating func add(_ shape: Shape) { add(shape.dimensions) { $0.add($1) } }
  mutating func add(_ type: TensorType) {
    add(type.dtype.rawValue)
    add(type.shape)
  }

  mutating func add(_ value: AttributeValue) {
    // Each case begins with a number of its own.
    switch value {
    case .integer(let value):
      add(0)
      add(value)
    case .integers(let values):
      add(1)
      add(values) { $0.add($1) }
    case .string(let value):
      add(2)
      add(value)
    case .flag(let value):
      add(3)
      add(value)
    case .dtype(let value):
      add(4)
      add(value.rawValue)
    case .shape(let value):
      add(5)
      add(value)
    case .list(let values):
      add(6)
      add(values) { $0.add($1) }
    case .array(let value):
      add(7)
      add(value)
    }
  }
  mutating func add(_ primitive: any Primitive) {
    add(type(of: primitive).name)
    add(primitive.attributes.sorted { $0.key < $1.key }) { bytes, attribute in
      bytes.add(attribute.key)
      bytes.add(attribute.value)
    }
  }
}

extension CanonicalBytes {
  /// All that a program computes: neither its name, nor the user's lines, nor how the user wrote the inputs' shapes.
  package mutating func add(_ program: Program) {
    add(program.nodes) { bytes, node in
      bytes.add(node.primitive)
      bytes.add(node.inputs) { $0.add($1) }
      bytes.add(node.type)
    }
    add(program.inputs) { bytes, input in
      bytes.add(input.name)
      bytes.add(input.type)
      bytes.add(input.defaultValue) { $0.add($1) }
    }
    add(program.outputs) { bytes, output in
      bytes.add(output.name)
      bytes.add(output.node)
      bytes.add(output.check != nil)
    }
    add(program.updates) { bytes, update in
      bytes.add(update.variable)
      bytes.add(update.node)
    }
    // The initial value of a variable is another program.
    add(program.variables) { bytes, variable in
      bytes.add(variable.name)
      bytes.add(variable.type)
      bytes.add(variable.role.rawValue)
      bytes.add(variable.group)
    }
    add(program.equalities) { bytes, equality in
      bytes.add(equality.left)
      bytes.add(equality.right)
    }
  }
}
