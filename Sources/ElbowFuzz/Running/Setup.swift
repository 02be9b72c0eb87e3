import ElbowArrays
import ElbowCodegen

/// How a case's results are compared.
public enum FuzzMode: String, Sendable, Codable, CaseIterable {
  /// Small whole numbers, of which every sum is exact: compiled code and the evaluator agree to the bit.
  case exact
  /// Any numbers, compared element by element with bounds on the error.
  case smooth
}

/// How a library is built that many cases share.
public struct LibrarySetup: Sendable, Hashable {
  public var mode = FuzzMode.exact
  /// The C compiler's name.
  public var compiler = "clang"
  public var optimization = 1
  public var contractions = ContractionBackend.direct
  public var tileRows: Int?
  /// Whether functions such as exp are called, not inlined, which takes a fraction of the time to compile.
  public var isSmall = false

  public init() {}

  /// The setup of the cases of a block.
  init(seed: UInt64, block: Int) {
    var random = RandomChoices(seed: seed, number: block, purpose: 0x5e7)
    mode = random.chance(0.6) ? .exact : .smooth
    compiler = random.pick("clang", "clang", "gcc")
    optimization = random.pick(0, 1, 1, 2, 3)
    // Winograd's convolutions are rounded even where everything is a whole number.
    let backends: [ContractionBackend] =
      mode == .exact ? [.direct, .direct, .openBLAS] : [.emitted, .emitted, .openBLAS]
    contractions = random.pick(from: backends) ?? .direct
    tileRows = random.chance(0.5) ? nil : random.pick(1, 2, 3, 5, 8, 16, 64)
    isSmall = random.chance(0.8)
  }

  /// The options that the library is built with; where OpenBLAS is not to be had, without it.
  var buildOptions: BuildOptions {
    let isMissing = contractions == .openBLAS && OpenBLAS.obstacle != nil
    return BuildOptions(
      compiler: compiler, optimization: optimization, extraFlags: isSmall ? ["-DELBOW_SMALL"] : [],
      contractions: isMissing ? .direct : contractions,
      tileRows: tileRows, usesTuning: false)
  }
}

/// How one case runs.
public struct RunSetup: Sendable, Hashable {
  /// The values of the graph's symbols, in alphabetical order; the last one stands for all that follow.
  public var extents: [Int] = [3]
  public var threads = 1
  /// Whether the code is made for these extents alone.
  public var isSpecialized = false
  /// Whether the graph is written to a file and read back first.
  public var isSaved = false
  /// The seed of the inputs and of the model's random numbers.
  public var data: UInt64 = 1

  public init() {}

  init(_ random: inout RandomChoices) {
    extents = (0..<3).map { _ in random.pick(1, 2, 3, 3, 5, 7, 16, 17, 33, 64, 100) }
    threads = random.integer(in: 1...5)
    isSpecialized = random.chance(0.25)
    isSaved = random.chance(0.25)
    data = random.bits() >> 40
  }

  /// The values of symbols, which are sorted.
  func bindings(_ symbols: [String]) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: symbols.enumerated().map { ($1, extents.isEmpty ? 1 : extents[min($0, extents.count - 1)]) }
    )
  }
}

/// All that decides about a case besides its graph, as a line of words: `mode=exact cc=gcc O=2 contractions=direct ...`.
public struct Setup: Sendable, Hashable {
  public var library = LibrarySetup()
  public var run = RunSetup()

  public init() {}
  public init(library: LibrarySetup, run: RunSetup) { (self.library, self.run) = (library, run) }
}

extension Setup: CustomStringConvertible {
  public var description: String {
    var words = [
      "mode=\(library.mode.rawValue)", "cc=\(library.compiler)", "O=\(library.optimization)",
      "contractions=\(library.contractions.rawValue)",
    ]
    if let rows = library.tileRows { words.append("tile=\(rows)") }
    if library.isSmall { words.append("small=yes") }
    words.append("extents=" + run.extents.map(String.init).joined(separator: ","))
    words.append("threads=\(run.threads)")
    if run.isSpecialized { words.append("specialized=yes") }
    if run.isSaved { words.append("saved=yes") }
    words.append("data=\(run.data)")
    return words.joined(separator: " ")
  }

  /// Reads a description.
  ///
  /// - Throws: `ElbowError` that names the word that makes no sense.
  public init(parsing text: String) throws {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, read(parts[0], parts[1]) else {
        throw ElbowError(
          .invalidArgument,
          "'\(word)' is no part of a setup; expected words such as 'mode=exact cc=gcc O=2 contractions=direct tile=8 "
            + "extents=17,3 threads=2 specialized=yes saved=yes data=1'.")
      }
    }
  }

  private mutating func read(_ name: String, _ value: String) -> Bool {
    func assign<T>(_ place: inout T, _ value: T?) -> Bool {
      guard let value else { return false }
      place = value
      return true
    }
    func number(_ range: ClosedRange<Int>) -> Int? { Int(value).flatMap { range.contains($0) ? $0 : nil } }
    switch name {
    case "mode": return assign(&library.mode, FuzzMode(rawValue: value))
    case "cc": return assign(&library.compiler, value)
    case "O": return assign(&library.optimization, number(0...3))
    case "contractions": return assign(&library.contractions, ContractionBackend(rawValue: value))
    case "tile": return assign(&library.tileRows, number(1...4096))
    case "small": return assign(&library.isSmall, value == "yes" ? true : value == "no" ? false : nil)
    case "extents":
      let extents = value.split(separator: ",").compactMap { Int($0) }
      return assign(&run.extents, extents.isEmpty || extents.contains { !(1...1 << 20).contains($0) } ? nil : extents)
    case "threads": return assign(&run.threads, number(1...64))
    case "specialized": return assign(&run.isSpecialized, value == "yes" ? true : value == "no" ? false : nil)
    case "saved": return assign(&run.isSaved, value == "yes" ? true : value == "no" ? false : nil)
    case "data": return assign(&run.data, UInt64(value))
    default: return false
    }
  }
}
