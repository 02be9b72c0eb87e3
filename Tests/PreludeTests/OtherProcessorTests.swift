import ElbowArrays
import Foundation
import Testing

/// The same programs on processors that this machine is not, where there are compilers and an emulator for them. Not all
/// processors have the sign of `char`, and the multiply-add, that one is used to.
@Suite("Headers of compiled graphs on other processors")
struct OtherProcessorTests {
  struct Toolchain: CustomTestStringConvertible {
    let compiler: URL
    let flags: [String]
    let emulator: URL

    var testDescription: String { "\(compiler.lastPathComponent) for \(emulator.lastPathComponent)" }
  }

  static let toolchains: [Toolchain] = ["aarch64", "riscv64"].flatMap { processor -> [Toolchain] in
    // The C library for the processor comes with GCC.
    guard let emulator = RunningProcess.find("qemu-\(processor)"),
      let gcc = RunningProcess.find("\(processor)-linux-gnu-gcc")
    else { return [] }
    let target = ["--target=\(processor)-linux-gnu"] + (processor == "riscv64" ? ["-march=rv64gc"] : [])
    let clang = RunningProcess.find("clang").map { Toolchain(compiler: $0, flags: target, emulator: emulator) }
    return [Toolchain(compiler: gcc, flags: [], emulator: emulator)] + (clang.map { [$0] } ?? [])
  }

  @Test(arguments: toolchains, ["vector", "contraction", "transpose", "random"])
  func programs(toolchain: Toolchain, name: String) throws {
    try PreludeTests.check(
      name, compiler: toolchain.compiler, flags: toolchain.flags + ["-O1", "-static"], under: (toolchain.emulator, []))
  }
}
