import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc doctor`: what this machine has of what Elbow uses.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is missing on this machine, and what installs it.",
    discussion: "Ends with 1 when something that is needed is missing.")

  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  private struct Check: Encodable {
    let name: String
    let isFound: Bool
    let isNeeded: Bool
    let detail: String
    /// Debian's package that brings it.
    var package: String?
  }
  private struct Report: Encodable {
    let checks: [Check]
    let command: String?
  }

  func run() throws {
    let checks = [compiler(), openBLAS(), symbolizer(), cpu(), cache()]
    var packages: [String] = []
    for package in checks.filter({ !$0.isFound }).compactMap(\.package) where !packages.contains(package) {
      packages.append(package)
    }
    let command = packages.isEmpty ? nil : "apt-get install \(packages.joined(separator: " "))"
    var rows = checks.map { check in
      "\(check.isFound ? "ok" : check.isNeeded ? "MISSING" : "absent")".padding(
        toLength: 9, withPad: " ", startingAt: 0)
        + check.name.padding(toLength: 17, withPad: " ", startingAt: 0) + check.detail
    }
    if let command { rows.append("to install what is missing: \(command)") }
    try format.print(Report(checks: checks, command: command), text: rows.joined(separator: "\n"))
    if checks.contains(where: { $0.isNeeded && !$0.isFound }) { throw ExitCode.failure }
  }

  private func compiler() -> Check {
    do {
      let compiler = try CCompiler(toolchain.cc)
      return Check(
        name: "C compiler", isFound: true, isNeeded: true,
        detail: "\(compiler.url.path) (\(try compiler.version()))", package: "clang")
    } catch {
      let reason = (error as? ElbowError)?.message ?? "\(error)"
      return Check(name: "C compiler", isFound: false, isNeeded: true, detail: reason, package: "clang")
    }
  }

  private func openBLAS() -> Check {
    let names = ["libopenblas.so", "libopenblas.so.0"]
    for name in names {
      guard let handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL) else { continue }
      let hasProducts = dlsym(handle, "cblas_sgemm") != nil
      dlclose(handle)
      if hasProducts { return Check(name: "OpenBLAS", isFound: true, isNeeded: false, detail: name) }
    }
    return Check(
      name: "OpenBLAS", isFound: false, isNeeded: false, detail: "no \(names[0]); only a choice for matrix products",
      package: "libopenblas-dev")
  }

  private func symbolizer() -> Check {
    let found = ["llvm-symbolizer", "llvm-symbolizer-19", "llvm-symbolizer-14"].lazy
      .compactMap { RunningProcess.find($0) }.first
    return Check(
      name: "llvm-symbolizer", isFound: found != nil, isNeeded: false,
      detail: found?.path ?? "not in PATH; without it, messages and C do not name lines of Swift", package: "llvm")
  }

  private func cpu() -> Check {
    let features = ["avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "asimd"]
      .filter { CPUFeatures.current.contains($0) }
    return Check(
      name: "CPU", isFound: true, isNeeded: false,
      detail: CPUFeatures.architecture + (features.isEmpty ? "" : " with " + features.joined(separator: " ")))
  }

  private func cache() -> Check {
    do {
      let folder = try ArtifactCache.standard().folder
      guard access(folder.path, W_OK) == 0 else {
        return Check(name: "cache", isFound: false, isNeeded: true, detail: "\(folder.path) cannot be written to")
      }
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      let count = files.filter { $0.hasSuffix(".so") }.count
      return Check(name: "cache", isFound: true, isNeeded: true, detail: "\(folder.path), \(count) libraries")
    } catch {
      let reason = (error as? ElbowError)?.message ?? "\(error)"
      return Check(name: "cache", isFound: false, isNeeded: true, detail: reason)
    }
  }
}
