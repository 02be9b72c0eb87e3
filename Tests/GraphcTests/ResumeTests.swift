import Foundation
import Testing

/// Training that is killed or interrupted goes on as if it had never stopped.
@Suite struct ResumeTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  private func train(
    to output: String, _ more: [String] = [], errors: Graphc.Destination = .file,
    disturbedBy disturbance: Graphc.Disturbance? = nil
  ) throws -> Graphc.Outcome {
    try graphc.run(
      [
        "train", "cs20-bnn", "--epochs", "60", "--limit", "1050", "--threads", "1", "--json", "--output", output,
      ] + more, errors: errors, disturbedBy: disturbance)
  }

  @Test func killedAtRandomMoments() throws {
    let whole = try train(to: "whole")
    #expect(whole.status == 0, "\(whole.errors)")
    // Without the time that the compiler takes, as the library is in the cache from now on.
    let duration = try #require(whole.json["seconds"] as? Double)
    var kills = 0
    for _ in 0..<8 {
      let moment = Graphc.Disturbance(signal: SIGKILL, seconds: duration * .random(in: 0.2...0.9))
      let saved = try? FileManager.default.contentsOfDirectory(atPath: graphc.path("killed/checkpoints"))
      let hasBegun = saved?.contains { $0.hasPrefix("step-") } ?? false
      let outcome = try train(
        to: "killed", ["--checkpoint-steps", "7"] + (hasBegun ? ["--resume"] : []), disturbedBy: moment)
      if outcome.status == -SIGKILL { kills += 1 } else { break }
    }
    #expect(kills > 0)
    let last = try train(to: "killed", ["--resume"])
    #expect(last.status == 0, "\(last.errors)")
    #expect(try graphc.contents("whole/weights.safetensors") == graphc.contents("killed/weights.safetensors"))
    #expect(try #require(whole.json["validation_loss"] as? Double) == last.json["validation_loss"] as? Double)
  }

  @Test func interrupted() throws {
    let outcome = try train(to: "run", ["--epochs", "100000"], disturbedBy: .init(signal: SIGINT, seconds: 1.5))
    #expect(outcome.status == 128 + SIGINT, "\(outcome.errors)")
    #expect(outcome.errors.contains("stopped: interrupted by Ctrl-C"))
    #expect(outcome.errors.contains("to go on: the same command with --resume"))
    let other = try train(to: "run", ["--resume", "--batch-size", "50"])
    #expect(other.status == 1)
    #expect(other.errors.contains("The checkpoint of 'cs20-bnn' is of other training"))
    let model = try graphc("train", "cs20-classification", "--output", "run", "--resume")
    #expect(model.status == 1)
    #expect(model.errors.contains("The checkpoint is of another graph than the training step of 'cs20-classification'"))
  }

  /// The terminal is closed, or what reads the progress has ended.
  @Test func cutOff() throws {
    let hungUp = try train(to: "hup", ["--epochs", "100000"], disturbedBy: .init(signal: SIGHUP, seconds: 1.5))
    #expect(hungUp.status == 128 + SIGHUP, "\(hungUp.errors)")
    #expect(hungUp.errors.contains("stopped: interrupted by SIGHUP: its terminal was closed"))
    #expect(graphc.exists("hup/weights.safetensors"))
    let unread = try train(to: "pipe", ["--epochs", "100000"], errors: .closed)
    #expect(unread.status == 128 + SIGPIPE)
    #expect(graphc.exists("pipe/weights.safetensors"))
    let resumed = try train(to: "pipe", ["--epochs", "1", "--resume"])
    #expect(resumed.errors.contains("going on after step "))
  }

  /// A name that cannot be written any more is what a full disk comes to.
  @Test func resultsThatCannotBeSavedLoseNothing() throws {
    let folder = graphc.folder.file("run/losses.png")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let outcome = try train(to: "run", ["--epochs", "3"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("warning: the losses were not written after epoch 1: Cannot write "))
    #expect(outcome.errors.contains("error: Cannot write "))
    #expect(outcome.errors.contains("note: the same command with --resume goes on after step 33"))
    try FileManager.default.removeItem(at: folder)
    let repeated = try train(to: "run", ["--epochs", "3", "--resume"])
    #expect(repeated.status == 0, "\(repeated.errors)")
    #expect(repeated.errors.contains("nothing left to do: 3 epochs were done before; --epochs 4 goes on"))
    let whole = try train(to: "whole", ["--epochs", "3"])
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try graphc.contents("run/weights.safetensors") == graphc.contents("whole/weights.safetensors"))
  }

  /// Files that a run has left are kept until somebody says otherwise, and no two trainings write to one folder.
  @Test func earlierRunsAreKept() throws {
    #expect(try train(to: "run", ["--epochs", "5"]).status == 0)
    func files() throws -> [String: Data] {
      try [
        "weights.safetensors", "history.csv", "checkpoints/step-000000055.safetensors", "checkpoints/best.safetensors",
      ]
      .reduce(into: [:]) { $0[$1] = try graphc.contents("run/\($1)") }
    }
    let before = try files()
    let refused = try train(to: "run", ["--epochs", "5", "--seed", "3"])
    #expect(refused.status == 1)
    #expect(
      refused.errors
        == "error: The folder 'run' holds an earlier run: weights.safetensors and checkpoints up to step 55. "
        + "Go on with it with --resume, keep it and choose another folder with --output, or replace it with --overwrite.\n"
    )
    let done = try train(to: "run", ["--epochs", "4", "--resume"])
    #expect(done.status == 0)
    #expect(done.errors.contains("nothing left to do: 5 epochs were done before; --epochs 6 goes on"))
    #expect(try files() == before)

    // No compiler that another test starts meanwhile may hold on to the lock.
    let lock = open(graphc.path("run/lock"), O_RDWR | O_CLOEXEC)
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let second = try train(to: "run", ["--overwrite"])
    close(lock)
    #expect(second.status == 1)
    let process = try String(decoding: graphc.contents("run/lock"), as: UTF8.self).dropLast()
    #expect(
      second.errors == "error: Another training, process \(process), is writing to the folder 'run'; wait until it has "
        + "ended, or choose another folder with --output.\n")
    #expect(try files() == before)
    let replaced = try train(to: "run", ["--epochs", "1", "--overwrite"])
    #expect(replaced.status == 0, "\(replaced.errors)")
    #expect(!graphc.exists("run/checkpoints/step-000000055.safetensors"))
    #expect(graphc.exists("run/checkpoints/step-000000011.safetensors"))
  }

  @Test func brokenCheckpointsAreNamed() throws {
    let folder = graphc.folder.file("run/checkpoints")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data([16, 0, 0, 0, 0, 0, 0, 0]).write(to: folder.appendingPathComponent("step-000000007.safetensors"))
    let outcome = try train(to: "run", ["--resume"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("note: without this file, --resume goes on from the checkpoint before it"))
  }

  @Test func takesOverWeights() throws {
    let first = try train(to: "first", ["--epochs", "1"])
    #expect(first.status == 0, "\(first.errors)")
    let second = try train(to: "second", ["--epochs", "1", "--weights", "first/weights.safetensors"])
    #expect(second.errors.contains("first/weights.safetensors: 3 of 3 weights taken over"))
    let other = try graphc("train", "cs20-classification", "--weights", "first/weights.safetensors")
    #expect(other.status == 1)
    #expect(
      other.errors.contains("None of the weights in 'first/weights.safetensors' fits the model 'cs20-classification'"))
    #expect(try train(to: "none", ["--resume"]).errors.contains("There is no checkpoint in"))
  }
}
