import Elbow
import Foundation
import Testing

/// Neither every system nor every container lets a user mount in a namespace of its own.
private let canMount: Bool = {
  guard let unshare = RunningProcess.find("unshare") else { return false }
  let folder = FileManager.default.temporaryDirectory.path
  let mount = "mount -t tmpfs -o size=1m,mode=700 tmpfs \"$0\""
  return (try? RunningProcess(unshare, ["-rm", "sh", "-c", mount, folder]).finish().status) == 0
}()

/// Real disks that are full, and that cannot be written to: of a megabyte of memory, which only a program and those that it
/// starts see.
@Suite(.enabled(if: canMount, "unshare cannot mount a file system here")) struct DiskTests {
  private let place: FaultPlace

  init() throws { place = try FaultPlace() }

  /// Runs commands of the shell where `disk/small` is such a disk. `try NAME WORDS...` runs graphc.
  ///
  /// - Returns: How each ended, by its name.
  private func outcomes(_ commands: String) throws -> [String: Graphc.Outcome] {
    let small = place.disk.appendingPathComponent("small")
    try FileManager.default.createDirectory(at: small, withIntermediateDirectories: true)
    let script = """
      set -eu
      cd "$0"
      mount -t tmpfs -o size=1m,mode=700 tmpfs disk/small
      export XDG_CACHE_HOME="$0/disk/cache" TMPDIR="$0/disk/temporary"
      try() {
        name=$1
        shift
        status=0
        "$graphc" "$@" >"$name.out" 2>"$name.err" </dev/null || status=$?
        echo "$status" >"$name.status"
      }
      fill() { cat /dev/zero >disk/small/filler 2>/dev/null || true; }
      \(commands)
      """
    let unshare = try #require(RunningProcess.find("unshare"))
    let (status, output) = try RunningProcess(
      unshare,
      [
        "-rm", "env", "graphc=\(try Graphc.executable().path)", "sh", "-c", script, place.graphc.folder.path,
      ]
    ).finish()
    try #require(status == 0, "\(output)")
    var outcomes: [String: Graphc.Outcome] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: place.graphc.folder.path) {
      guard file.hasSuffix(".status") else { continue }
      let name = String(file.dropLast(".status".count))
      func text(_ kind: String) throws -> String {
        String(decoding: try place.graphc.contents("\(name).\(kind)"), as: UTF8.self)
      }
      let status = try #require(Int32(try text("status").dropLast()))
      outcomes[name] = Graphc.Outcome(
        status: status, outputBytes: Data(try text("out").utf8), errors: try text("err"))
    }
    return outcomes
  }

  /// One sentence of how it is, after which come notes alone.
  private func expectError(
    _ outcome: Graphc.Outcome?, _ part: String, location: Testing.SourceLocation = #_sourceLocation
  ) {
    let lines = (outcome?.errors ?? "").split(separator: "\n")
    let errors = lines.filter { $0.hasPrefix("error: ") }
    #expect(outcome?.status == 1 && errors.count == 1, "\(outcome?.errors ?? "")", sourceLocation: location)
    #expect(errors.first?.contains(part) == true, "\(outcome?.errors ?? "")", sourceLocation: location)
  }

  private let train = FaultPlace.train.joined(separator: " ")

  @Test func fullDisks() throws {
    let outcomes = try outcomes(
      """
      try first \(train) --epochs 1 --output disk/small/run
      fill
      try full \(train) --epochs 3 --output disk/small/run --resume
      ls -A disk/small/run disk/small/run/checkpoints >listing
      rm disk/small/filler
      try second \(train) --epochs 3 --output disk/small/run --resume
      cp disk/small/run/weights.safetensors disk/second.safetensors
      try whole \(train) --epochs 3 --output disk/whole
      mkdir -m 700 disk/small/cache
      fill
      XDG_CACHE_HOME=$PWD/disk/small/cache
      try cache build disk/toy.json -o disk/toy2.so
      rm disk/small/filler
      find disk/small/cache -type f >rest
      try rebuilt build disk/toy.json -o disk/toy2.so
      """)
    #expect(outcomes["first"]?.status == 0, "\(outcomes["first"]?.errors ?? "")")
    expectError(outcomes["full"], "No space left on device")
    #expect(outcomes["full"]?.errors.contains("--resume goes on after step 6\n") == true)
    let listing = String(decoding: try place.graphc.contents("listing"), as: UTF8.self)
    #expect(listing.contains("step-000000006.safetensors") && !listing.contains(".elbow-"), "\(listing)")
    for name in ["second", "whole", "rebuilt"] {
      #expect(outcomes[name]?.status == 0, "\(outcomes[name]?.errors ?? "")")
    }
    #expect(try place.contents("second.safetensors") == place.contents("whole/weights.safetensors"))
    expectError(outcomes["cache"], "No space left on device")
    #expect(try place.graphc.contents("rest").isEmpty)
  }

  @Test func disksThatCannotBeWrittenTo() throws {
    let outcomes = try outcomes(
      """
      cp -a disk/run disk/small/run
      mkdir disk/small/empty
      cp -a disk/cache disk/small/cache
      mount -o remount,ro disk/small
      try new \(train) --epochs 1 --output disk/small/new
      try resume \(train) --epochs 3 --output disk/small/run --resume
      try build build disk/toy.json -o disk/small/toy.so
      try evaluate evaluate disk/toy.json --data disk/data.csv --weights disk/small/run/weights.safetensors
      XDG_CACHE_HOME=$PWD/disk/small/cache
      try warm build disk/toy.json -o disk/toy2.so
      XDG_CACHE_HOME=$PWD/disk/small/empty
      try cold build disk/toy.json -o disk/toy2.so
      """)
    for name in ["new", "resume", "build", "cold"] { expectError(outcomes[name], "Read-only file system") }
    for name in ["evaluate", "warm"] { #expect(outcomes[name]?.status == 0, "\(outcomes[name]?.errors ?? "")") }
  }
}
