/// A type of C: `const float *` is `CType.float.constant.pointer`, read from left to right.
package struct CType: Sendable, Hashable {
  /// The type's own name, which is one word.
  private let name: String
  private var isConstant = false
  /// The pointers, outermost last, and whether each may change.
  private var pointers: [Pointer] = []

  private enum Pointer: String {
    case variable = "*"
    case constant = "*const"
  }

  package init(_ name: String) { self.name = name }

  /// The type of values that do not change.
  package var constant: CType { with(isConstant: true) }
  /// The type of values that may change.
  package var variable: CType { with(isConstant: false) }

  private func with(isConstant: Bool) -> CType {
    var result = self
    if pointers.isEmpty {
      result.isConstant = isConstant
    } else {
      result.pointers[pointers.count - 1] = isConstant ? .constant : .variable
    }
    return result
  }

  /// The type of addresses of such values.
  package var pointer: CType {
    var result = self
    result.pointers.append(.variable)
    return result
  }

  /// The declaration of a name.
  package func declaring(_ name: String) -> String { text + (pointers.last == .variable ? "" : " ") + name }

  var text: String {
    let stars = pointers.map(\.rawValue).joined().replacing("const*", with: "const *")
    return (isConstant ? "const " : "") + name + (stars.isEmpty ? "" : " ") + stars
  }
}

extension CType {
  package static let void = CType("void")
  package static let char = CType("char")
  package static let int = CType("int")
  package static let long = CType("long")
  package static let float = CType("float")
  package static let double = CType("double")
  /// `size_t`.
  package static let size = CType("size_t")
  /// `uintptr_t`, an address that is computed with.
  package static let address = CType("uintptr_t")
  package static let int32 = CType("int32_t")
  package static let int64 = CType("int64_t")
  package static let uint8 = CType("uint8_t")
  package static let uint32 = CType("uint32_t")
  package static let uint64 = CType("uint64_t")
}
