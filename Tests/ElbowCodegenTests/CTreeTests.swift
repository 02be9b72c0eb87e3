@testable import ElbowCTree
import ElbowCodegen
import Testing

/// Printing C.
@Suite struct CTreeTests {
  private func text(_ expression: CExpression) -> String {
    CPrinter.text([.constant(type: .int, name: "x", value: expression)])
  }

  @Test func parenthesizesByPrecedence() {
    #expect(text(.binary(.times, .binary(.plus, "a", "b"), "c")) == "static const int x = (a + b) * c;\n")
    #expect(text(.binary(.minus, "a", .binary(.minus, "b", "c"))) == "static const int x = a - (b - c);\n")
    #expect(text(.binary(.plus, "a", .binary(.times, "b", "c"))) == "static const int x = a + b * c;\n")
  }

  @Test func typesAreReadFromLeftToRight() {
    #expect(CType.float.declaring("x") == "float x")
    #expect(CType.float.constant.pointer.declaring("x") == "const float *x")
    #expect(CType("frame").constant.pointer.constant.declaring("f") == "const frame *const f")
    #expect(CType.void.constant.pointer.constant.pointer.declaring("inputs") == "const void *const *inputs")
    #expect(CType.void.pointer.constant.pointer.declaring("outputs") == "void *const *outputs")
    #expect(CType("model").pointer.pointer.declaring("model") == "model **model")
    #expect(CType.float.constant.variable == .float)
    #expect(text(.cast(CType.char.pointer, "y")) == "static const int x = (char *)y;\n")
  }

  @Test func longLinesAreBroken() {
    let sum = (1...40).reduce(CExpression.name("first")) { .binary(.plus, $0, .call("function", ["a", .integer($1)])) }
    for statement in [CStatement.assign("total", .assign, sum), .conditional(sum, [], []), .returned(sum)] {
      let printed = CPrinter.text([.function(CFunction("f", parameters: [], body: [statement]))])
      #expect(printed.split(separator: "\n").allSatisfy { $0.count <= CPrinter.width })
      // Nothing but the white space differs, and calls stay whole.
      #expect(printed.components(separatedBy: "function(a, ").count == 41)
    }
    let message = String(repeating: "a \\\" b ", count: 40)
    let quoted = CPrinter.text([
      .function(CFunction("f", parameters: [], body: [.assign("x", .assign, .string(message))]))
    ])
    #expect(quoted.contains(CPrinter.quoted(message)))
  }

  @Test func macrosWrapAndCutLongStrings() {
    let manifest = String(repeating: "0123456789", count: 20)
    let lines = CPrinter.text([.macro("EL_MANIFEST", ["name", .unsigned64(0xf3), .string(manifest)])])
    #expect(lines.hasPrefix("EL_MANIFEST(name, UINT64_C(0x00000000000000f3),"))
    #expect(lines.split(separator: "\n").allSatisfy { $0.count <= CPrinter.width })
    #expect(lines.split(separator: "\"").filter { $0.first?.isNumber == true }.joined() == manifest)
  }

  @Test func escapesStrings() {
    #expect(
      text(.string("a\"; system(\"x\"); //\n??/\u{e9}\\"))
        == #"static const int x = "a\"; system(\"x\"); //\n\?\?/\303\251\\";"#
        + "\n")
  }

  @Test func commentsCannotBeLeft() {
    let comment = CPrinter.text([.comment("*/ int evil; /* \\\n??/")])
    #expect(comment.components(separatedBy: "*/").count == 2)
    #expect(!comment.contains("\\") && !comment.contains("??"))
  }

  @Test func floatsKeepTheirValue() {
    #expect(text(.floating(0.1, isDouble: false)) == "static const int x = 0.1f;\n")
    #expect(text(.floating(1e-300, isDouble: true)) == "static const int x = 1e-300;\n")
    #expect(text(.floating(-.infinity, isDouble: true)) == "static const int x = -__builtin_inf();\n")
    #expect(text(.floating(2, isDouble: true)) == "static const int x = 2.0;\n")
  }
}
