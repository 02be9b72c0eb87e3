import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// A signature on its way to C, and what all that writes parts of it know.
struct SignatureScope {
  let schedule: Schedule
  let context: KernelContext
  /// The model's prefix and the signature's name, `vae_train`.
  let name: String
  let withLines: Bool
  /// The symbols whose values the frame holds.
  let symbols: [String]
  /// The kernels that are loops.
  let scans: [Int: ScanEmitter]
  /// Whether this is the body of a loop.
  let isStep: Bool
  /// Whether the time that each kernel takes is added up.
  let isProfiled: Bool

  init(
    _ schedule: Schedule, _ places: StatePlaces, name: String, withLines: Bool, isProfiled: Bool, isStep: Bool,
    symbols: [String]
  ) {
    self.isStep = isStep
    self.isProfiled = isProfiled
    self.symbols = symbols
    self.schedule = schedule
    self.name = name
    self.withLines = withLines
    let context = KernelContext(schedule, places, signature: name)
    self.context = context
    scans = schedule.kernels.indices.reduce(into: [:]) { scans, index in
      guard case .scan(let scan) = schedule.kernels[index].body else { return }
      let field = KernelContext.loopField(index)
      let step = SignatureScope(
        scan.step, places, name: "\(name)__\(field)", withLines: withLines, isProfiled: false, isStep: true,
        symbols: symbols)
      scans[index] = ScanEmitter(context: context, scan: scan, body: SignatureEmitter(step), field: field)
    }
  }

  /// The kernels that are loops, in order.
  var loops: [ScanEmitter] { scans.sorted { $0.key < $1.key }.map(\.value) }

  /// Local names for the symbols that sizes depend on.
  func symbolDeclarations(_ sizes: [Dimension]) -> [CStatement] {
    sizes.reduce(into: Set<String>()) { $0.formUnion($1.symbols) }.sorted().map {
      .declare(.long.constant, Naming.symbol($0), .field("f", Naming.symbol($0)))
    }
  }
}
