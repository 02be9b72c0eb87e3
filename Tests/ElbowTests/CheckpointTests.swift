import Elbow
import Foundation
import TestFolders
import Testing

/// Training that goes on from a checkpoint, and checkpoints that do not fit.
@Suite(.serialized) struct CheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("checkpoints") }

  /// Stops after a number of steps.
  private final class Stop: TrainingCallback {
    let needsEveryStep = true
    let steps: Int
    init(after steps: Int) { self.steps = steps }
    func onStepEnd(_ run: TrainingRun) { if run.totalSteps == steps { run.stop("enough") } }
  }

  private func values(_ model: CompiledModel) throws -> [HostArray] {
    try model.variableNames.map { try model.value(of: $0) }
  }

  private func stopping() -> EarlyStopping { EarlyStopping(patience: 3, minDelta: 0.05, restoresBestWeights: true) }

  /// In the middle of an epoch, at its end, and after early stopping has begun to wait.
  @Test(arguments: [1, 4, 6, 8, 21])
  func goesOnAsIfNeverStopped(after steps: Int) throws {
    let toy = try ToyTraining(optimizer: SGD(learningRate: 0.1, momentum: 0.9))
    let whole = try toy.trainer()
    let expected = try whole.train(
      on: ToyTraining.training(), validation: ToyTraining.validation(), epochs: 12, callbacks: [stopping()])

    #expect(expected.stopReason?.hasPrefix("'val_loss' has not become better than") == true)

    let checkpoints = try Checkpoints(in: folder.url)
    _ = try toy.trainer().train(
      on: ToyTraining.training(), validation: ToyTraining.validation(), epochs: 12,
      callbacks: [checkpoints, Stop(after: steps), stopping()])
    let second = try toy.trainer(seed: 99)
    let checkpoint = try #require(try checkpoints.latest())
    #expect(checkpoint.totalSteps == steps)
    let report = try second.train(
      on: ToyTraining.training(), validation: ToyTraining.validation(), epochs: 12,
      callbacks: [checkpoints, stopping()], from: checkpoint)

    #expect(try values(whole.compiled) == values(second.compiled))
    #expect(whole.compiled.randomState == second.compiled.randomState)
    #expect(report.epochs.map(\.losses) == expected.epochs.map(\.losses))
    #expect(report.epochs.map(\.validation) == expected.epochs.map(\.validation))
    #expect(report.stopReason == expected.stopReason)
  }

  @Test func keepsTheLastAndTheBest() throws {
    for name in ["step-000000999.safetensors", "notes.txt"] {
      try Data().write(to: folder.file(name))
    }
    let trainer = try ToyTraining().trainer()
    let careful = try Checkpoints(in: folder.url)
    let error = #expect(throws: ElbowError.self) {
      try trainer.train(on: ToyTraining.training(), epochs: 5, callbacks: [careful])
    }
    #expect(
      error?.message == "The folder '\(folder.path)' holds checkpoints of earlier training, up to step 999, and this "
        + "training begins anew: go on from latest(), choose another folder, or let Checkpoints overwrite them.")
    let checkpoints = try Checkpoints(in: folder.url, keepLast: 2, monitor: "loss", overwrites: true)
    let report = try trainer.train(on: ToyTraining.training(), epochs: 5, callbacks: [checkpoints])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["best.safetensors", "notes.txt", "step-000000016.safetensors", "step-000000020.safetensors"])
    let best = try Checkpoint(contentsOf: checkpoints.bestFile)
    #expect(try #require(best.epochs.last?["loss"]) == report["loss"].min())
    try Weights.load(checkpoints.bestFile, into: trainer.compiled)
  }

  @Test func aCheckpointOfAnotherGraphOrOtherTraining() throws {
    let toy = try ToyTraining()
    let checkpoints = try Checkpoints(in: folder.url)
    _ = try toy.trainer().train(on: ToyTraining.training(), epochs: 1, callbacks: [checkpoints])
    let checkpoint = try #require(try checkpoints.latest())

    func message(_ toy: ToyTraining, _ data: DataPipeline) throws -> String {
      let trainer = try toy.trainer()
      let before = try values(trainer.compiled)
      let error = #expect(throws: ElbowError.self) { _ = try trainer.train(on: data, epochs: 2, from: checkpoint) }
      #expect(try values(trainer.compiled) == before)
      return error?.message ?? ""
    }
    let other = try message(ToyTraining(optimizer: SGD()), ToyTraining.training())
    #expect(
      other.hasPrefix("The checkpoint is of another graph than the training step of 'toy': it was saved from 'toy'"))
    let batches = try message(toy, ToyTraining.training(batchSize: 5))
    #expect(
      batches.hasPrefix("The checkpoint of 'toy' is of other training: it saw toy: 23 examples, x float32[3], y "))
    #expect(batches.contains("batches of 6, the model's learning rate, and this would be"))
    #expect(batches.hasSuffix("batches of 5, the model's learning rate."))
  }

  @Test func filesThatAreNoCheckpoints() throws {
    let file = folder.file("step-1.safetensors")
    let good = [
      "format": "elbow-checkpoint-1", "model": "toy", "graph_fingerprint": "0", "random_seed": "1",
      "random_counter": "2",
    ]
    var progress = [
      "", "{}", "[1]",
      #"{"epoch":-1,"step":0,"totalSteps":0,"plan":"","means":{"names":[],"totals":[],"count":0},"epochSeconds":0,"#
        + #""epochs":[],"callbacks":{}}"#,
      #"{"epoch":1,"step":0,"totalSteps":0,"plan":"","means":{"names":["loss"],"totals":[],"count":0},"epochSeconds":0,"#
        + #""epochs":[],"callbacks":{}}"#,
      #"{"epoch":9223372036854775808,"step":0}"#,
    ]
    // From where counting on would overflow.
    progress.append(
      #"{"epoch":1,"step":0,"totalSteps":9223372036854775807,"plan":"","means":{"names":[],"totals":[],"count":0},"#
        + #""epochSeconds":0,"epochs":[],"callbacks":{}}"#)
    for metadata in [[:], good] + progress.map({ good.merging(["progress": $0]) { $1 } }) {
      try Safetensors.write([], metadata: metadata, to: file)
      let error = #expect(throws: ElbowError.self) { try Checkpoint(contentsOf: file) }
      #expect(error?.message.contains("is not a checkpoint that training can go on from") == true)
    }
    try Data("no".utf8).write(to: file)
    #expect(throws: ElbowError.self) { try Checkpoint(contentsOf: file) }
  }

  /// Where no file can be written training goes on, and says so; at the end it is an error, and the model is as trained.
  @Test func aFolderThatIsGone() throws {
    let trainer = try ToyTraining().trainer()
    let expected = try ToyTraining().trainer()
    _ = try expected.train(on: ToyTraining.training(), epochs: 3)
    let checkpoints = try Checkpoints(in: folder.url)
    var warnings: [String] = []
    checkpoints.warn = { warnings.append($0) }

    final class Removal: TrainingCallback {
      let folder: URL
      init(_ folder: URL) { self.folder = folder }
      func onEpochBegin(_ run: TrainingRun) throws {
        if run.epoch == 2 { try FileManager.default.removeItem(at: folder) }
      }
    }
    let error = #expect(throws: ElbowError.self) {
      _ = try trainer.train(on: ToyTraining.training(), epochs: 3, callbacks: [checkpoints, Removal(folder.url)])
    }
    #expect(error?.message.contains("no file can be created in its folder") == true)
    #expect(warnings.count == 2)
    #expect(warnings[0].hasPrefix("no checkpoint was saved after step 8: Cannot write"))
    #expect(try values(trainer.compiled) == values(expected.compiled))
    #expect(throws: ElbowError.self) { try Checkpoints(in: URL(fileURLWithPath: "/dev/null/checkpoints")) }
  }

  /// Where the last checkpoint cannot be written, as on a full disk, the best is there already, and the error says so.
  @Test func theBestIsWrittenFirst() throws {
    let checkpoints = try Checkpoints(in: folder.url, every: .epochs(100), overwrites: true)
    let obstacle = folder.file("step-000000012.safetensors")
    try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: false)
    let trainer = try ToyTraining().trainer()
    let error = #expect(throws: ElbowError.self) {
      _ = try trainer.train(on: ToyTraining.training(), epochs: 3, callbacks: [checkpoints])
    }
    #expect(error?.message.hasPrefix("Cannot write \(obstacle.path): ") == true)
    #expect(
      error?.notes == [
        "the best weights of this training are whole, in '\(checkpoints.bestFile.path)'; --weights takes them"
      ])
    let best = try Checkpoint(contentsOf: checkpoints.bestFile)
    #expect(try #require(best.epochs.last?["loss"]) == best.epochs.compactMap { $0["loss"] }.min())
    try Weights.load(checkpoints.bestFile, into: ToyTraining().trainer(seed: 3).compiled)
  }

  /// Variables that evaluation does not need may be missing: an optimiser's memory and counters.
  @Test func weightsAlone() throws {
    let trained = try ToyTraining().trainer()
    _ = try trained.train(on: ToyTraining.training(), epochs: 1)
    let weights = try trained.compiled.manifest.variables.filter { $0.role == .parameter }
      .map { (name: $0.name, array: try trained.compiled.value(of: $0.name)) }
    for name in ["w.safetensors", "w.npz"] {
      let file = folder.file(name)
      func write(_ tensors: [(name: String, array: HostArray)]) throws {
        if name.hasSuffix("npz") { try NPZ.write(tensors, to: file) } else { try Safetensors.write(tensors, to: file) }
      }
      func message() throws -> String {
        let model = try ToyTraining().trainer(seed: 3).compiled
        let before = try values(model)
        let error = #expect(throws: ElbowError.self) { try Weights.load(file, into: model) }
        #expect(try values(model) == before)
        return error?.message ?? ""
      }
      try write(weights)
      let model = try ToyTraining().trainer(seed: 3).compiled
      try Weights.load(file, into: model)
      for (name, array) in weights { #expect(try model.value(of: name) == array) }
      #expect(try model.value(of: "adam/step").doubles == [0])
      try write([(name: String, array: HostArray)](weights.dropFirst()))
      #expect(try message().hasSuffix("it lacks the variable '\(weights[0].name)'."))
      try write(weights + [("extra", HostArray([1] as [Float]))])
      #expect(try message().hasSuffix("the model has no variable 'extra'."))
      try write(weights + [("adam/step", HostArray([1] as [Float]))])
      #expect(try message().contains("the variable 'adam/step' is int64[], but the file has float32[1]"))
    }
  }

  @Test func weightsByName() throws {
    let model = try ToyTraining().trainer().compiled
    let kernel = try HostArray((0..<12).map { Float($0) }, shape: [3, 4])
    let tensors = [
      ("old/kernel", kernel), ("dense_1/kernel", HostArray([1, 2] as [Float])), ("extra", HostArray([1] as [Float])),
      ("adam/step", HostArray(scalar: Int64(5))),
    ]
    for name in ["w.safetensors", "w.npz"] {
      let file = folder.file(name)
      if name.hasSuffix("npz") { try NPZ.write(tensors, to: file) } else { try Safetensors.write(tensors, to: file) }
      let report = try Weights.load(matching: file, into: model) { $0 == "old/kernel" ? "dense/kernel" : $0 }
      #expect(try model.value(of: "dense/kernel") == kernel)
      #expect(try model.value(of: "adam/step").doubles == [0])
      #expect(
        "\(report)" == """
          1 of 4 weights taken over
          not in the file: 'dense/bias'
          not in the file: 'dense_1/bias'
          the variable 'dense_1/kernel' is float32[4, 1], but the file has float32[2]
          not in the model: 'extra'
          """)
    }
  }
}
