/// A graph and how it is run.
public struct FuzzCase: Sendable {
  /// Its number among those of a seed.
  public var index: Int
  public var plan: GraphPlan
  public var setup: Setup

  public init(index: Int, plan: GraphPlan, setup: Setup) {
    self.index = index
    self.plan = plan
    self.setup = setup
  }

  /// How many cases share a library, and all that its setup says.
  public static let blockSize = 24
}

/// A fault of the compiler, as one case shows it.
public struct Finding: Sendable, Codable, Hashable {
  public enum Kind: String, Sendable, Codable {
    /// Writing the graph down failed.
    case generation
    /// The graph was not the same after it was saved and read.
    case file
    /// Passes, scheduling or emission threw an error.
    case refused
    /// The C did not compile.
    case notCompiled
    /// The library's interface is not what the graph says.
    case interface
    /// Running threw an error.
    case notRun
    /// Values differ from the evaluator's.
    case wrongValue
    /// A variable that no update names has changed, or one that is named has not become what it should.
    case wrongState
    /// Another number of threads gave other bits.
    case threads
    /// The process ended with a signal.
    case crash
    /// The process did not end.
    case hang
  }

  public var index: Int
  public var kind: Kind
  /// The failure that was seen, in a sentence.
  public var message: String

  public init(index: Int, kind: Kind, message: String) {
    self.index = index
    self.kind = kind
    self.message = message
  }
}
