import Elbow
import Foundation

// Times the log probability with gradients, and draws, of each case: one line of JSON for each.
//
//     probability [--threads N] [--case NAME]... [--seconds S]

/// What is printed.
struct Line: Encodable {
  var name: String
  var task: String
  var us: Double
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(body).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

/// The median time of a run, in microseconds.
func measure(_ budget: Double, _ body: () throws -> Void) rethrows -> Double {
  try body()
  var times: [Double] = []
  while times.count < 5 || times.reduce(0, +) < budget { times.append(try seconds(body)) }
  return times.sorted()[times.count / 2] * 1e6
}

func run(_ item: Case, threads: Int, budget: Double) throws -> [Line] {
  let graph = Graph()
  let distribution = item.make(graph)
  let isDiscrete = distribution.dtype.isInteger
  let x = graph.placeholder(
    "x", shape: [nil] + (distribution.eventShape.extents ?? []), dtype: distribution.dtype)
  let total = distribution.logProb(x).sum()
  let parameters = graph.variables(role: .parameter)
  let gradients = gradients(of: total, by: (isDiscrete ? [] : [x]) + parameters)
  var logProb = Signature("log_prob", outputs: ["total": total])
  logProb.outputs += gradients.enumerated().map { (name: "gradient\($0)", tensor: $1) }
  let sample = Signature("sample", outputs: ["x": distribution.sample([Dimension(item.count)])])

  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-probability-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let library = try ModelCompiler(name: "probability").compile(graph, [logProb, sample], to: folder)
  let model = try CompiledModel(contentsOf: library, seed: 1, threads: threads)
  let data = try model.run("sample")
  var outputs: [HostArray] = []
  let (first, second) = (try model.prepare("log_prob"), try model.prepare("sample"))
  let inputs = try first.ordered(data)
  return [
    Line(name: item.name, task: "log_prob", us: try measure(budget) { try first.run(inputs, into: &outputs) }),
    Line(name: item.name, task: "sample", us: try measure(budget) { try second.run([], into: &outputs) }),
  ]
}

var (threads, budget, names) = (2, 1.0, [String]())
var rest = CommandLine.arguments.dropFirst()
while let option = rest.popFirst(), let value = rest.popFirst() {
  switch option {
  case "--threads": threads = Int(value) ?? threads
  case "--seconds": budget = Double(value) ?? budget
  case "--case": names.append(value)
  default: break
  }
}
do {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  for item in Case.all where names.isEmpty || names.contains(item.name) {
    for line in try run(item, threads: threads, budget: budget) {
      FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8))
    }
  }
} catch {
  FileHandle.standardError.write(Data("probability: \(error)\n".utf8))
  exit(1)
}
