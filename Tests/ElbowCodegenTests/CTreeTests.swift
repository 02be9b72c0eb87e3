@testable import ElbowCTree
import ElbowCodegen
import Testing

/// Printing C.
@Suite struct CTreeTests {
  private func text(_ expression: CExpression) -> String {
    CPrinter.text([.variable(type: "int", name: "x", value: expression)])
  }

  @Test func parenthesizesByPrecedence() {
    #expect(text(.binary(.times, .binary(.plus, "a", "b"), "c")) == "int x = (a + b) * c;\n")
    #expect(text(.binary(.minus, "a", .binary(.minus, "b", "c"))) == "int x = a - (b - c);\n")
    #expect(text(.binary(.plus, "a", .binary(.times, "b", "c"))) == "int x = a + b * c;\n")
  }

  @Test func escapesStrings() {
    #expect(
      text(.string("a\"; system(\"x\"); //\n??/\u{e9}\\")) == #"int x = "a\"; system(\"x\"); //\n\?\?/\303\251\\";"#
        + "\n")
  }

  @Test func commentsCannotBeLeft() {
    let comment = CPrinter.text([.comment("*/ int evil; /* \\\n??/")])
    #expect(comment.components(separatedBy: "*/").count == 2)
    #expect(!comment.contains("\\") && !comment.contains("??"))
  }

  @Test func floatsKeepTheirValue() {
    #expect(text(.floating(0.1, isDouble: false)) == "int x = 0.1f;\n")
    #expect(text(.floating(1e-300, isDouble: true)) == "int x = 1e-300;\n")
    #expect(text(.floating(-.infinity, isDouble: true)) == "int x = -__builtin_inf();\n")
    #expect(text(.floating(2, isDouble: true)) == "int x = 2.0;\n")
  }
}
