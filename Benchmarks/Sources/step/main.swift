import Elbow
import Foundation

do {
  let arguments = try Arguments([String](CommandLine.arguments.dropFirst()))
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  for name in arguments.workloads {
    if let file = arguments.check {
      let check = Check(name: name, arguments: arguments, file: URL(fileURLWithPath: file))
      FileHandle.standardOutput.write(try encoder.encode(check.run()) + Data("\n".utf8))
      continue
    }
    let measurement = Measurement(workload: try Workload.make(name), arguments: arguments)
    if arguments.isFirstStep {
      try measurement.firstStep()
    } else {
      FileHandle.standardOutput.write(try encoder.encode(measurement.run()) + Data("\n".utf8))
    }
  }
} catch {
  FileHandle.standardError.write(Data("step: \(error)\n".utf8))
  exit(1)
}
