import Elbow
import Foundation
import Testing

/// `graphc infer` draws from a built-in posterior.
@Suite struct InferTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func eightSchools() throws {
    let command = ["infer", "eight-schools", "--chains", "2", "--warmup", "200", "--draws", "50", "--seed", "3"]
    let outcome = try graphc.run(command + ["-o", "draws.npz"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("theta[H]") && outcome.output.contains("100 draws of 2 chains"))
    let arrays = try NPZ.read(contentsOf: graphc.folder.file("draws.npz"))
    #expect(arrays["theta"]?.shape == [2, 50, 8] && arrays["sample_stats/diverging"]?.shape == [2, 50])
    // Fewer draws than can be trusted are said to be few.
    #expect(outcome.output.contains("effective draws"))
    // The table depends on the seed alone.
    func table(_ output: String) -> [Substring] { output.split(separator: "\n").filter { $0.hasPrefix("theta") } }
    let again = try graphc.run(command + ["--threads", "1"])
    #expect(table(again.output) == table(outcome.output) && table(again.output).count == 8)
  }

  @Test(arguments: [
    (["infer", "nine-schools"], "There is no built-in model 'nine-schools' to draw from. There is 'eight-schools'."),
    (["infer", "eight-schools", "--chains", "0"], "there are 1 to 10,000 chains, not 0"),
    (["infer", "eight-schools", "--draws", "-1"], "not negative"),
    (["infer", "eight-schools", "--threads", "-1"], "the numbers of threads and steps are not negative"),
    (["infer", "eight-schools", "--target-acceptance", "2"], "lies between 0 and 1"),
    (["infer", "eight-schools", "--draws", "9", "--warmup", "9", "-o", "/no/such/draws.npz"], "/no/such/draws.npz"),
  ])
  func mistakes(_ arguments: [String], _ part: String) throws {
    let outcome = try graphc.run(arguments)
    #expect(outcome.status == 1 && outcome.errors.contains(part), "\(outcome.errors)")
  }
}
