import ElbowArrays
import Foundation
import Testing

@testable import ElbowFuzz

/// Workers that die, played by a shell script that runs cases one after the other and ends in the middle of one.
@Suite struct SupervisorTests {
  private func supervisor(_ whenFive: String, seconds: Double = 60) -> Supervisor {
    // The job is the last argument; its numbers are all that is read of it.
    let script = """
      for i in $(echo "$1" | sed 's/.*"indices":\\[\\([0-9,]*\\)\\].*/\\1/; s/,/ /g'); do
        echo '{"began":{"step":"run","index":'$i'}}'
        if [ $i = 5 ]; then \(whenFive); fi
        echo '{"passed":{"index":'$i'}}'
      done
      echo '{"done":{}}'
      """
    var supervisor = Supervisor(executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script, "sh"])
    supervisor.seconds = seconds
    return supervisor
  }

  @Test func aCrashIsAFindingAndTheOthersRun() throws {
    let result = try supervisor("kill -SEGV $$").run(WorkerJob(seed: 1, indices: [3, 4, 5, 6, 7]))
    #expect(result.passed == [3, 4, 6, 7])
    #expect(result.findings.map(\.index) == [5])
    #expect(result.findings.map(\.kind) == [.crash])
    #expect(result.findings[0].message.contains("signal 11"))
  }

  @Test func aHangIsAFindingAndTheOthersRun() throws {
    let result = try supervisor("exec sleep 60", seconds: 1).run(WorkerJob(seed: 1, indices: [4, 5, 6]))
    #expect(result.passed == [4, 6])
    #expect(result.findings.map(\.kind) == [.hang])
  }

  @Test func aWorkerThatSaysNothingIsAnError() {
    let supervisor = Supervisor(executable: URL(fileURLWithPath: "/bin/false"), arguments: [])
    #expect(throws: ElbowError.self) { try supervisor.run(WorkerJob(seed: 1, indices: [0, 1])) }
  }

  /// Cases that compile together and kill the worker are taken apart.
  @Test func aCompilerThatCrashesIsTracedToACase() throws {
    let script = """
      indices=$(echo "$1" | sed 's/.*"indices":\\[\\([0-9,]*\\)\\].*/\\1/')
      echo '{"compiling":{"_0":['$indices']}}'
      case ,$indices, in *,5,*) kill -ILL $$;; esac
      for i in $(echo $indices | sed 's/,/ /g'); do echo '{"passed":{"index":'$i'}}'; done
      echo '{"done":{}}'
      """
    let supervisor = Supervisor(executable: URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script, "sh"])
    let result = try supervisor.run(WorkerJob(seed: 1, indices: [Int](0..<8)))
    #expect(result.findings.map(\.index) == [5])
    #expect(result.passed == [0, 1, 2, 3, 4, 6, 7])
  }
}
