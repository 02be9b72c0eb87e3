import ElbowArrays

extension Manifest {
  /// How much of anything a manifest may hold: far more than models need, and little enough to be safe to read.
  public enum Limits {
    /// The bytes of the JSON.
    public static let byteCount = 64 << 20
    /// The variables of a model.
    public static let variables = 1 << 20
    /// The signatures of a model.
    public static let signatures = 1024
    /// The inputs of a signature, and likewise its outputs.
    public static let arrays = 1024
    /// The axes of an array.
    public static let rank = 32
    /// The bytes of a name in UTF-8.
    public static let nameByteCount = 1024
    /// The bytes of the state.
    public static let stateByteCount = 1 << 46
    /// The CPU features that code needs.
    public static let features = 1024
  }

  /// Checks what the types do not say: names are unique and have no NUL, extents are not negative, sizes do not
  /// overflow, variables fit in the state, and updates name variables.
  ///
  /// - Throws: ``ElbowError`` of kind `library` for the first rule that is broken.
  public func checkInvariants() throws {
    try require(
      format == Manifest.currentFormat,
      "The manifest's format is '\(format)', but this version of Elbow reads '\(Manifest.currentFormat)'.")
    try checkName(name, of: "model")
    try require(prefix.isCIdentifier, "The manifest's prefix '\(prefix)' is not a C identifier.")
    try require(abiVersion > 0, "The manifest's ABI version is \(abiVersion), but versions start at 1.")
    try require(
      (0...Limits.stateByteCount).contains(stateByteCount),
      "The manifest's state of \(stateByteCount) bytes is not between 0 and \(Limits.stateByteCount).")
    try require(
      target.features.count <= Limits.features,
      "The manifest names \(target.features.count) CPU features; \(Limits.features) are allowed.")
    try require(target.lanes > 0, "The manifest's vectors have \(target.lanes) lanes; there must be at least one.")
    try checkVariables()
    try checkSignatures()
  }

  private func checkVariables() throws {
    try require(
      variables.count <= Limits.variables,
      "The manifest lists \(variables.count) variables; \(Limits.variables) are allowed.")
    try checkUnique(variables.map(\.name), what: "variable", whose: "The manifest")
    var total = 0
    for variable in variables {
      try require(
        variable.shape.count <= Limits.rank,
        "The variable '\(variable.name)' has rank \(variable.shape.count); \(Limits.rank) is allowed.")
      try require(
        variable.shape.allSatisfy { $0 >= 0 },
        "The variable '\(variable.name)' has the shape \(variable.shape), with a negative extent.")
      let byteCount = try? HostArray.byteCount(dtype: variable.dtype, shape: variable.shape)
      let (sum, overflow) = total.addingReportingOverflow(byteCount ?? .max)
      try require(
        !overflow && sum <= stateByteCount,
        "The variables up to '\(variable.name)' take more than the state's \(stateByteCount) bytes.")
      total = sum
    }
  }

  private func checkSignatures() throws {
    try require(
      signatures.count <= Limits.signatures,
      "The manifest lists \(signatures.count) signatures; \(Limits.signatures) are allowed.")
    try checkUnique(signatures.map(\.name), what: "signature", whose: "The manifest")
    let known = Set(variables.map(\.name))
    for signature in signatures {
      let whose = "The signature '\(signature.name)'"
      try require(signature.function.isCIdentifier, "\(whose) has '\(signature.function)' for a C function.")
      try checkArrays(signature.inputs.map { ($0.name, $0.shape) }, what: "input", whose: whose)
      try checkArrays(signature.outputs.map { ($0.name, $0.shape) }, what: "output", whose: whose)
      if let unknown = signature.updates.first(where: { !known.contains($0) }) {
        throw ElbowError(.library, "\(whose) updates '\(unknown)', which is not a variable of the manifest.")
      }
      try require(
        signature.arenaByteCount ?? 0 >= 0, "\(whose) has a negative arena of \(signature.arenaByteCount ?? 0) bytes.")
    }
  }

  private func checkArrays(_ arrays: [(name: String, shape: [ManifestDimension])], what: String, whose: String) throws {
    try require(
      arrays.count <= Limits.arrays, "\(whose) lists \(arrays.count) \(what)s; \(Limits.arrays) are allowed.")
    try checkUnique(arrays.map(\.name), what: what, whose: whose)
    for (name, shape) in arrays {
      try require(
        shape.count <= Limits.rank,
        "\(whose) has the \(what) '\(name)' of rank \(shape.count); \(Limits.rank) is allowed.")
      for dimension in shape {
        switch dimension {
        case .fixed(let extent):
          try require(extent >= 0, "\(whose) has the \(what) '\(name)' with the negative extent \(extent).")
        case .symbolic(let text):
          try require(
            (1...Limits.nameByteCount).contains(text.utf8.count) && text.utf8.allSatisfy { (32...126).contains($0) },
            "\(whose) has the \(what) '\(name)' with a dimension that is not an expression.")
        }
      }
    }
  }

  private func checkUnique(_ names: [String], what: String, whose: String) throws {
    var seen = Set<String>(minimumCapacity: names.count)
    for name in names {
      try checkName(name, of: what)
      try require(seen.insert(name).inserted, "\(whose) lists the \(what) '\(name)' twice.")
    }
  }

  private func checkName(_ name: String, of what: String) throws {
    try require(
      (1...Limits.nameByteCount).contains(name.utf8.count) && !name.utf8.contains { $0 < 32 || $0 == 127 },
      "The manifest has a \(what) whose name is empty, longer than \(Limits.nameByteCount) bytes, or has control "
        + "characters in it.")
  }

  private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw ElbowError(.library, message()) }
  }
}
