import Elbow

/// What the command line asks for.
struct Arguments {
  var workloads = Workload.names
  var threads = 2
  var repetitions = 7
  /// The least time that a repetition takes.
  var seconds = 0.4
  /// A batch to infer instead of training; nil to train.
  var inferenceBatch: Int?
  var isSpecialized = false
  var isFirstStep = false
  /// Weights, batches and noise to train from instead of measuring.
  var check: String?
  /// How many steps a check takes.
  var steps = 100
  /// A library to load instead of compiling one.
  var library: String?
  /// Where the emitted C and the library stay.
  var keep: String?

  static let usage = """
    usage: step [--workload NAME]... [--threads N] [--batch N] [--repetitions N] [--seconds S]
                [--specialize] [--keep FOLDER] [--library FILE] [--first-step]
                [--check FILE] [--steps N]

      --workload     \(Workload.names.joined(separator: ", ")); all of them unless said
      --threads      2 unless said
      --batch        measure inference of so many images instead of training
      --repetitions  how many are measured; the median is reported
      --seconds      the least time that a repetition takes
      --specialize   compile for the workload's batch size alone
      --keep         write C and library to a folder and leave them there
      --library      load a library that was kept, so that memory is the model's and the data's alone
      --first-step   run one training step through a session and its cache, and stop
      --check        train from the weights, batches and noise of an npz file, and print the losses
      --steps        how many steps a check takes; 100 unless said
    """

  init(_ words: [String]) throws {
    var named: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      func value() throws -> String {
        guard let value = rest.popFirst() else { throw ElbowError(.invalidArgument, "\(word) needs a value.") }
        return value
      }
      func number<T: LosslessStringConvertible & Comparable & Numeric>(_ type: T.Type) throws -> T {
        let text = try value()
        guard let number = T(text), number > 0 else {
          throw ElbowError(.invalidArgument, "\(word) needs a positive number, not '\(text)'.")
        }
        return number
      }
      switch word {
      case "--workload": named.append(try value())
      case "--threads": threads = try number(Int.self)
      case "--batch": inferenceBatch = try number(Int.self)
      case "--repetitions": repetitions = try number(Int.self)
      case "--seconds": seconds = try number(Double.self)
      case "--specialize": isSpecialized = true
      case "--first-step": isFirstStep = true
      case "--check": check = try value()
      case "--steps": steps = try number(Int.self)
      case "--keep": keep = try value()
      case "--library": library = try value()
      default: throw ElbowError(.invalidArgument, "'\(word)' is not an option.\n\(Arguments.usage)")
      }
    }
    if !named.isEmpty { workloads = named }
  }
}
