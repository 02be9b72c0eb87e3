@testable import ElbowCTree
@testable import ElbowEmission
import Testing

@testable import ElbowCodegen

/// Functions for kernels that differ in names and numbers alone.
@Suite struct SharedKernelsTests {
  /// `float *const NAME = f->state + OFFSET; NAME[OFFSET] = BOUND * 2;`
  private func kernel(_ number: Int, _ name: String, offset: Int, bound: Double, factor: Double = 2) -> CFunction {
    CFunction(
      "kernel_\(number)", parameters: [(CType("frame").constant.pointer, "f")], comment: "fill",
      body: [
        .declare(CType.float.pointer.constant, name, .binary(.plus, .field("f", "state"), .integer(offset))),
        .assign(
          .subscripted(.name(name), .integer(offset)), .assign,
          .binary(.times, .floating(bound, isDouble: false), .floating(factor, isDouble: false))),
      ])
  }

  private func text(_ function: CFunction?) -> String { function.map { CPrinter.text([.function($0)]) } ?? "" }

  @Test func whatDiffersIsGiven() {
    let shared = SharedKernels([
      3: kernel(3, "weights", offset: 64, bound: 0.5), 7: kernel(7, "bias", offset: 128, bound: 0.25),
    ])
    #expect(shared.functions.keys.sorted() == [3])
    #expect(
      text(shared.functions[3]) == """

        /* fill
         * and 1 more of this kind */
        static __attribute__((noinline)) void kernel_3(const frame *f, long given0, float given1) {
          float *const weights = f->state + given0;
          weights[given0] = given1 * 2.0f;
        }

        """)
    #expect(shared.calls[3]?.name == "kernel_3" && shared.calls[7]?.name == "kernel_3")
    #expect(shared.calls[3]?.arguments == [64, .floating(0.5, isDouble: false)])
    #expect(shared.calls[7]?.arguments == [128, .floating(0.25, isDouble: false)])
  }

  /// NaN, which is not equal to itself, is the same number in both; 0 and -0, which are equal, are not.
  @Test func numbersAreComparedByTheirBits() {
    let same = SharedKernels([
      0: kernel(0, "a", offset: 64, bound: 1, factor: .nan), 1: kernel(1, "b", offset: 64, bound: 2, factor: .nan),
    ])
    #expect(text(same.functions[0]).contains("= given0 * __builtin_nanf(\"\");"))
    #expect(same.calls[1]?.arguments == [.floating(2, isDouble: false)])
    let other = SharedKernels([
      0: kernel(0, "a", offset: 64, bound: 0, factor: .nan), 1: kernel(1, "b", offset: 64, bound: -0.0, factor: 1),
    ])
    #expect(text(other.functions[0]).contains("= given0 * given1;"))
    #expect(other.calls[1]?.arguments == [.floating(-0.0, isDouble: false), .floating(1, isDouble: false)])
  }

  @Test func aKernelOfItsOwnKindStaysAsItIs() {
    let alone = kernel(0, "weights", offset: 64, bound: 0.5)
    var other = kernel(1, "weights", offset: 64, bound: 0.5)
    other.body.append(.returned(nil))
    let shared = SharedKernels([0: alone, 1: other])
    #expect(text(shared.functions[0]) == text(alone))
    #expect(text(shared.functions[1]) == text(other))
    #expect(shared.calls[1]?.name == "kernel_1" && shared.calls[1]?.arguments == [])
  }

  @Test func namesFromElsewhereAndTypesTellKernelsApart() {
    func reading(_ number: Int, _ value: CExpression) -> CFunction {
      CFunction("kernel_\(number)", parameters: [], body: [.declare(.float.constant, "x", value)])
    }
    let shared = SharedKernels([
      0: reading(0, "constant_1"), 1: reading(1, "constant_2"), 2: reading(2, 1), 3: reading(3, .name("1u")),
      4: reading(4, .floating(1, isDouble: false)), 5: reading(5, .floating(1, isDouble: true)),
    ])
    #expect(shared.functions.count == 6)
  }

  @Test func lengthsOfArraysStayNumbers() {
    func blocks(_ number: Int, _ count: Int) -> CFunction {
      CFunction("kernel_\(number)", parameters: [], body: [.declareArray(.float, "block", .integer(count), nil)])
    }
    #expect(SharedKernels([0: blocks(0, 4), 1: blocks(1, 4)]).functions.count == 1)
    #expect(SharedKernels([0: blocks(0, 4), 1: blocks(1, 8)]).functions.count == 2)
  }
}
