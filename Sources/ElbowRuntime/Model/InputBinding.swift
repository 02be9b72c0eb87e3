import CElbowABI
import ElbowArrays
import ElbowManifest

/// Checks a signature's inputs against the manifest and makes C arrays of them.
final class InputBinding {
  private enum Dimension {
    case fixed(Int)
    /// An index into `symbols`.
    case symbol(Int)
    /// Left for the library to check.
    case expression
  }

  /// The inputs as C arrays. Their `data` is set only while ``withData(of:_:)`` runs.
  let arrays: UnsafeMutableBufferPointer<elbow_array>
  private let signature: Manifest.Signature
  private let extents: UnsafeMutableBufferPointer<Int64>
  /// For each extent, what the manifest says of it.
  private let dimensions: [Dimension]
  /// For each input, where its extents begin; and one more, the end.
  private let starts: [Int]
  private let symbols: [String]
  /// For each symbol, its value in this run, and the input that gave it.
  private var values: [(extent: Int, input: Int)]

  init(_ signature: Manifest.Signature) {
    self.signature = signature
    var symbols: [String] = []
    var dimensions: [Dimension] = []
    var starts = [0]
    for input in signature.inputs {
      for dimension in input.shape {
        if case .fixed(let extent) = dimension {
          dimensions.append(.fixed(extent))
        } else if let symbol = dimension.symbol {
          if !symbols.contains(symbol) { symbols.append(symbol) }
          dimensions.append(.symbol(symbols.firstIndex(of: symbol) ?? 0))
        } else {
          dimensions.append(.expression)
        }
      }
      starts.append(dimensions.count)
    }
    self.symbols = symbols
    self.dimensions = dimensions
    self.starts = starts
    values = Array(repeating: (0, -1), count: symbols.count)
    extents = .allocate(capacity: dimensions.count + 1)
    // No array has an extent of -1, so the first run differs from what is here.
    extents.initialize(repeating: -1)
    arrays = .allocate(capacity: signature.inputs.count)
    for (index, input) in signature.inputs.enumerated() {
      arrays.initializeElement(
        at: index,
        to: elbow_array(
          data: nil, shape: extents.baseAddress.map { $0 + starts[index] }, rank: Int32(input.shape.count),
          dtype: input.dtype.abiCode))
    }
  }

  deinit {
    extents.deallocate()
    arrays.deallocate()
  }

  /// Checks the inputs and takes over their shapes; says whether any differs from the run before.
  ///
  /// - Throws: ``ElbowError`` of kind `feed`.
  func bind(_ inputs: [HostArray?]) throws -> Bool {
    guard inputs.count == arrays.count else {
      throw ElbowError(
        .feed,
        "The signature '\(signature.name)' takes \(arrays.count) inputs (\(quotedList(signature.inputs.map(\.name)))), "
          + "but \(inputs.count) were given.")
    }
    for index in values.indices { values[index].input = -1 }
    var changed = false
    for index in inputs.indices {
      if let array = inputs[index] {
        changed = try bind(array, to: index, inputs) || changed
      } else {
        changed = try bindDefault(of: index) || changed
      }
    }
    return changed
  }

  private func bind(_ array: HostArray, to index: Int, _ inputs: [HostArray?]) throws -> Bool {
    guard array.dtype.abiCode == arrays[index].dtype else { throw wrongDType(array, index) }
    let start = starts[index]
    let shape = array.shape
    guard shape.count == starts[index + 1] - start else { throw wrongShape(array, index) }
    var changed = false
    for (axis, extent) in shape.enumerated() {
      switch dimensions[start + axis] {
      case .fixed(let expected):
        guard extent == expected else { throw wrongShape(array, index) }
      case .symbol(let symbol):
        guard extent > 0 else { throw zeroExtent(array, index, symbols[symbol]) }
        if values[symbol].input < 0 {
          values[symbol] = (extent, index)
        } else if values[symbol].extent != extent {
          throw disagreement(array, index, symbol, extent, inputs)
        }
      case .expression:
        break
      }
      changed = changed || extents[start + axis] != Int64(extent)
      extents[start + axis] = Int64(extent)
    }
    return changed
  }

  private func bindDefault(of index: Int) throws -> Bool {
    guard signature.inputs[index].hasDefault else { throw missing(index) }
    var changed = false
    for position in starts[index]..<starts[index + 1] {
      var extent: Int64 = 0
      if case .fixed(let fixed) = dimensions[position] { extent = Int64(fixed) }
      changed = changed || extents[position] != extent
      extents[position] = extent
    }
    return changed
  }

  /// Points the C arrays at the inputs' bytes for as long as `body` runs.
  func withData(of inputs: [HostArray?], from index: Int = 0, _ body: () -> elbow_status) -> elbow_status {
    guard index < inputs.count else { return body() }
    guard let array = inputs[index] else {
      arrays[index].data = nil
      return withData(of: inputs, from: index + 1, body)
    }
    return array.withUnsafeBytes { bytes in
      // NULL means the default, so an array without elements gets another address.
      let address = bytes.baseAddress ?? UnsafeRawPointer(extents.baseAddress)
      arrays[index].data = UnsafeMutableRawPointer(mutating: address)
      return withData(of: inputs, from: index + 1, body)
    }
  }
}

// The mistakes in words.
extension InputBinding {
  private func declared(_ index: Int) -> String {
    "\(signature.inputs[index].dtype)\(text(signature.inputs[index].shape))"
  }

  private func wrongDType(_ array: HostArray, _ index: Int) -> ElbowError {
    ElbowError(
      .feed,
      "The input '\(signature.inputs[index].name)' holds \(array.dtype), but the signature '\(signature.name)' takes "
        + "\(declared(index)).")
  }

  private func wrongShape(_ array: HostArray, _ index: Int) -> ElbowError {
    ElbowError(
      .feed,
      "The input '\(signature.inputs[index].name)' has the shape \(array.shape), but the signature "
        + "'\(signature.name)' takes \(declared(index)).")
  }

  private func zeroExtent(_ array: HostArray, _ index: Int, _ symbol: String) -> ElbowError {
    ElbowError(
      .feed,
      "The input '\(signature.inputs[index].name)' has the shape \(array.shape), which makes \(symbol) 0 in "
        + "\(declared(index)); it must be at least 1.")
  }

  private func disagreement(
    _ array: HostArray, _ index: Int, _ symbol: Int, _ extent: Int, _ inputs: [HostArray?]
  ) -> ElbowError {
    let (known, other) = values[symbol]
    guard other != index else {
      return ElbowError(
        .feed,
        "The input '\(signature.inputs[index].name)' \(array.shape) disagrees with itself about \(symbols[symbol]) in "
          + "\(declared(index)): \(known) and \(extent).")
    }
    let otherShape = inputs[other].map { "\($0.shape)" } ?? ""
    return ElbowError(
      .feed,
      "The inputs '\(signature.inputs[other].name)' \(otherShape) and '\(signature.inputs[index].name)' \(array.shape) "
        + "disagree about \(symbols[symbol]): \(known) and \(extent).")
  }

  private func missing(_ index: Int) -> ElbowError {
    let names = signature.inputs.map { "'\($0.name)'\($0.hasDefault ? " (optional)" : "")" }.joined(separator: ", ")
    return ElbowError(
      .feed,
      "The signature '\(signature.name)' needs the input '\(signature.inputs[index].name)'. It takes \(names).")
  }
}

extension PreparedSignature {
  /// The named arrays in the manifest's order, nil where there is none.
  ///
  /// - Throws: ``ElbowError`` of kind `feed` when a name is not an input's.
  public func ordered(_ inputs: [String: any ArrayConvertible]) throws -> [HostArray?] {
    let result = try signature.inputs.map { input in
      do {
        return try inputs[input.name]?.hostArray(as: input.dtype)
      } catch let error as ElbowError {
        throw ElbowError(.feed, "The input '\(input.name)' of '\(signature.name)' cannot be fed: \(error.message)")
      }
    }
    if result.lazy.filter({ $0 != nil }).count < inputs.count {
      let known = Set(signature.inputs.map(\.name))
      let unknown = inputs.keys.filter { !known.contains($0) }.sorted()
      throw ElbowError(
        .feed,
        "The signature '\(signature.name)' has no input \(quotedList(unknown)). "
          + "Its inputs are \(quotedList(signature.inputs.map(\.name))).")
    }
    return result
  }
}
