import Elbow
import ElbowExamples
import Foundation

let t0 = ContinuousClock.now
let model = VariationalAutoencoder.make()
try model.graph.check()
let t1 = ContinuousClock.now
if CommandLine.arguments.count > 5 {
  let session = try Session(model.graph, seed: 1)
  let data = try NamedDatasets.load("digits", directory: nil)
  let images = try data.training.prefix(100)["images"]
  let tb = ContinuousClock.now
  print(try session.run(model.train, feeding: ["images": images])["loss"]!, ContinuousClock.now - tb)
  print("total", ContinuousClock.now - t0)
  exit(0)
}
let dir = URL(fileURLWithPath: CommandLine.arguments[1])
let compiler = ModelCompiler(name: "vae")
let library = try compiler.compile(model.graph, model.signatures, to: dir)
let t2 = ContinuousClock.now
print("graph", t1 - t0, "compile", t2 - t1)
let plain = try compiler.emit(model.graph, [model.train], withLines: false)
print("emit train", ContinuousClock.now - t2, plain.fingerprintText.count)
if CommandLine.arguments.count > 4 { for _ in 0..<10 { let t = ContinuousClock.now; _ = try compiler.emit(model.graph, [model.train], withLines: false); print(ContinuousClock.now - t) }; exit(0) }
let batch = Int(CommandLine.arguments[2])!, threads = Int(CommandLine.arguments[3])!
let m = try CompiledModel(contentsOf: library, seed: 42, threads: threads)
let data = try NamedDatasets.load("digits", directory: nil)
let p = try m.prepare("train")
for epoch in 0..<20 {
  var total = 0.0, count = 0.0
  let s = ContinuousClock.now
  for b in try data.training.shuffled(seed: UInt64(epoch)).batches(of: batch, dropRemainder: true) {
    let out = try p.run(p.ordered(["images": b["images"]!]))
    total += out[0].doubles[0]; count += 1
  }
  let d = ContinuousClock.now - s
  if epoch % 5 == 4 { print(epoch, total / count, d / count) }
}
