import Elbow
import Foundation
import Testing

/// `--target` of `graphc emit` and `graphc build`.
@Suite(.serialized) struct TargetTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func emitsForATarget() throws {
    for (name, architecture, flags) in [
      ("x86-64-v3", "x86_64", "-march=x86-64-v3"), ("aarch64", "aarch64", "clang --target=aarch64-linux-gnu"),
      ("riscv64", "riscv64", "riscv64-linux-gnu-gcc"), ("wasm32", "wasm32", "-DELBOW_NO_THREADS"),
    ] {
      let emitted = try graphc("emit", "cs20-regression", "-o", name, "--target", name, "--json")
      #expect(emitted.status == 0, "\(emitted.errors)")
      #expect(try emitted.json["target"] as? String == name)
      #expect(try String(decoding: graphc.contents("\(name)/BUILD.txt"), as: UTF8.self).contains(flags))
      let manifest = try JSONSerialization.jsonObject(with: graphc.contents("\(name)/cs20_regression.json"))
      let target = (manifest as? [String: Any])?["target"] as? [String: Any]
      #expect(target?["architecture"] as? String == architecture)
    }
  }

  /// The command line in BUILD.txt, typed into a shell, makes a library that runs.
  @Test(arguments: ["generic", "native"]) func writesTheCommandLine(target: String) throws {
    #expect(try graphc("emit", "cs20-regression", "-o", "c", "--target", target).status == 0)
    let instructions = String(decoding: try graphc.contents("c/BUILD.txt"), as: UTF8.self)
    let line = try #require(instructions.split(separator: "\n").first { $0.hasPrefix("    cc ") })
    let shell = URL(fileURLWithPath: "/bin/sh")
    let built = try RunningProcess(shell, ["-c", "cd '\(graphc.path("c"))' && \(line)"]).finish()
    #expect(built.status == 0, "\(built.output)")
    try graphc.writeArray([Float](repeating: 4, count: 7), shape: [1, 7], to: "x.npy")
    let ran = try graphc("run", "c/libcs20_regression.so", "predict", "--input", "features=x.npy")
    #expect(ran.status == 0, "\(ran.errors)")
  }

  /// Either the library is for the other machine, and loading it says so, or it is said what is missing.
  @Test func buildsForAnotherMachine() throws {
    #if arch(arm64)
      let (target, package) = ("riscv64", "gcc-riscv64-linux-gnu")
    #else
      let (target, package) = ("aarch64", "gcc-aarch64-linux-gnu")
    #endif
    let built = try graphc("build", "cs20-regression", "-o", "model.so", "--target", target, "--json")
    guard built.status == 0 else {
      #expect(built.errors.contains("apt-get install \(package)"))
      return
    }
    #expect(try built.json["target"] as? String == target)
    #expect(try graphc("inspect", "model.so").output.contains(": for \(target),"))
    let ran = try graphc("run", "model.so", "predict")
    #expect(ran.status == 1)
    #expect(ran.errors.contains("is for \(target), but this machine is"))
  }
}
