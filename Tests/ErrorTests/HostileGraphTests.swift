import Elbow
import Testing

/// Graph files that are valid as far as anybody can tell go all the way to C, or are refused.
@Suite struct HostileGraphTests {
  private func text() throws -> String {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = graph.placeholder("y", shape: [nil, 2])
    let hidden = Dense(4, activation: tanh)(x + 0.1 * graph.randomNormal(x.shape))
    let error = Dense(2)(hidden)[0..., ..<2] - y
    let train = Adam().minimize(mean(error * error))
    return try GraphFile.encode(graph, signatures: [train.signature()])
  }

  /// The file with a part replaced, compiled to C.
  private func emit(_ bytes: [UInt8]) throws {
    let file = try GraphFile(decoding: bytes)
    _ = try ModelCompiler(name: "hostile").emit(file.graph, file.signatures, withLines: false)
  }

  @Test func aSavedModelCompilesToTheSameCode() throws {
    let file = try GraphFile(decoding: [UInt8](text().utf8))
    let again = try GraphFile(decoding: [UInt8](text().utf8))
    let compiler = ModelCompiler(name: "m")
    let a = try compiler.emit(file.graph, file.signatures)
    let b = try compiler.emit(again.graph, again.signatures)
    #expect(a.sources.map(\.text) == b.sources.map(\.text))
  }

  @Test func changedNumbersAreCompiledOrRefused() throws {
    let original = [UInt8](try text().utf8)
    let digits = original.indices.filter { (48...57).contains(original[$0]) }
    var random = SplitMix64(seed: 3)
    var (compiled, refused) = (0, 0)
    for _ in 0..<400 {
      var damaged = original
      let digit = digits.randomElement(using: &random)
      let place = try #require(digit)
      if Bool.random(using: &random) {
        damaged[place] = UInt8.random(in: 48...57, using: &random)
      } else {
        damaged.replaceSubrange(
          place...place, with: (["-1", "99999999999", "0", "1e9"].randomElement(using: &random) ?? "").utf8)
      }
      do {
        try emit(damaged)
        compiled += 1
      } catch is ElbowError {
        refused += 1
      }
    }
    #expect(compiled > 0 && refused > 0)
  }

  /// Shapes that fit a file and no machine.
  @Test(arguments: [1 << 20, 1 << 39, 1 << 40, 1 << 41, 1 << 62])
  func enormousShapes(_ extent: Int) throws {
    let nodes = [
      #"{"op":"iota","type":"float32[\#(extent)]","with":{"axis":{"integer":0},"dtype":{"dtype":"float32"},"shape":{"shape":["\#(extent)"]}}}"#,
      #"{"in":[0],"op":"exp","type":"float32[\#(extent)]"}"#,
      #"{"in":[1],"op":"reduce","type":"float32[]","with":{"axes":{"integers":[0]},"operation":{"string":"sum"}}}"#,
    ]
    let file = """
      {"format":"elbow-graph-1","metadata":{},"random_streams":0,"symbols":{},"equalities":[],"placeholders":[],
      "variables":[],"nodes":[\(nodes.joined(separator: ",\n"))],
      "signatures":[{"name":"f","outputs":[{"name":"y","node":2}],"updates":[]}]}
      """
    do {
      try emit([UInt8](file.utf8))
      #expect(extent <= 1 << 40)
    } catch let error as ElbowError {
      #expect(extent > 1 << 20 && error.kind != .internal, "\(error)")
    }
  }
}
