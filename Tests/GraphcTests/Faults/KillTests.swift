import Elbow
import Foundation
import Synchronization
import Testing

/// Programs that are killed at any moment: what they had finished is whole, and goes on.
@Suite struct KillTests {
  private let place: FaultPlace

  init() throws { place = try FaultPlace() }

  /// How often: `$ELBOW_KILLS`, which `Scripts/faults` sets.
  private static let kills = ProcessInfo.processInfo.environment["ELBOW_KILLS"].flatMap { Int($0) } ?? 8

  /// After each kill all files are whole and the newest checkpoint loads; what training comes to is the same to the bit.
  @Test func trainingGoesOn() throws {
    func train(to folder: String, _ more: [String] = [], disturbedBy disturbance: Graphc.Disturbance? = nil) throws
      -> Graphc.Outcome
    {
      let common = FaultPlace.train + ["--epochs", "300", "--checkpoint-steps", "9", "--output", "disk/\(folder)"]
      return try place.run(common + more, disturbedBy: disturbance)
    }
    let start = ContinuousClock.now
    #expect(try train(to: "whole").status == 0)
    var seconds = (ContinuousClock.now - start) / .seconds(1)
    let expected = try place.contents("whole/weights.safetensors")

    var random = SplitMix64(seed: 20)
    var (killed, round, step) = (0, 0, 0)
    func goOn(_ disturbance: Graphc.Disturbance?) throws -> Graphc.Outcome {
      let hasBegun = try place.newestStep(in: "round-\(round)") != nil
      return try train(to: "round-\(round)", hasBegun ? ["--resume"] : [], disturbedBy: disturbance)
    }
    func finish(_ outcome: Graphc.Outcome) throws {
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try place.contents("round-\(round)/weights.safetensors") == expected, "after \(killed) kills")
      // The files that the killed ones were writing are gone.
      let damage = try place.damage()
      #expect(damage == [])
      (round, step) = (round + 1, 0)
    }
    while killed < Self.kills {
      let outcome = try goOn(.init(signal: SIGKILL, seconds: seconds * .random(in: 0...0.8, using: &random)))
      guard outcome.status == -SIGKILL else {
        try finish(outcome)
        // The machine has become faster than it was when the time was taken.
        seconds *= 0.8
        continue
      }
      killed += 1
      let damage = try place.damage(strict: false)
      #expect(damage == [], "after \(killed) kills")
      let newest = try place.newestStep(in: "round-\(round)") ?? 0
      #expect(newest >= step)
      step = newest
    }
    try finish(goOn(nil))
    print("\(killed) kills of \(round) trainings")
  }

  /// Two programs compile the same into an empty cache, and one is killed: the other one is not disturbed.
  @Test func theCacheIsWhole() throws {
    @Sendable func build(_ name: String, disturbedBy disturbance: Graphc.Disturbance? = nil) throws -> Graphc.Outcome {
      try place.run(["build", "disk/toy.json", "-o", "disk/\(name).so"], disturbedBy: disturbance)
    }
    try place.emptyCache()
    let start = ContinuousClock.now
    #expect(try build("one").status == 0)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    var random = SplitMix64(seed: 21)
    var killed = 0
    for _ in 0..<max(Self.kills / 4, 1) {
      try place.emptyCache()
      let disturbance = Graphc.Disturbance(signal: SIGKILL, seconds: seconds * .random(in: 0...1.5, using: &random))
      let outcomes = Mutex<[Int: Graphc.Outcome]>([:])
      let failures = Mutex<[any Error]>([])
      DispatchQueue.concurrentPerform(iterations: 2) { index in
        do {
          let outcome = try build(index == 0 ? "one" : "two", disturbedBy: index == 0 ? disturbance : nil)
          outcomes.withLock { $0[index] = outcome }
        } catch {
          failures.withLock { $0.append(error) }
        }
      }
      if let failure = failures.withLock({ $0.first }) { throw failure }
      let (first, second) = outcomes.withLock { ($0[0], $0[1]) }
      #expect(first?.status == -SIGKILL || first?.status == 0, "\(first?.errors ?? "")")
      #expect(second?.status == 0, "\(second?.errors ?? "")")
      if first?.status == -SIGKILL { killed += 1 }
      #expect(try place.damage(strict: false) == [])
      let again = try build("one")
      #expect(again.status == 0, "\(again.errors)")
      let ran = try place.run(["run", "disk/one.so", "predict", "--input", "x=disk/x.npy"])
      #expect(ran.status == 0, "\(ran.errors)")
    }
    #expect(killed > 0)
    print("\(killed) kills of compilations")
  }
}
