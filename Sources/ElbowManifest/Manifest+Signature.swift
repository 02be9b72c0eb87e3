import ElbowArrays

extension Manifest {
  /// Something a model can run: named inputs, named outputs, and the variables it changes.
  public struct Signature: Sendable, Hashable, Codable {
    /// The name that callers use, unique in the model.
    public var name: String
    /// The C function that runs it, under the model's prefix.
    public var function: String
    /// The arrays it takes, each under a name of its own.
    public var inputs: [Input]
    /// The arrays it gives, each under a name of its own.
    public var outputs: [Output]
    /// Whether a run draws random numbers.
    public var isRandom: Bool
    /// The names of the variables a run changes.
    public var updates: [String]
    /// Floating-point operations of one run: `constant`, and for each symbol how many its extent multiplies.
    public var flops: [String: Int]?
    /// Working memory in bytes, where it does not depend on a symbol.
    public var arenaByteCount: Int?

    /// A description as given.
    ///
    /// - Parameters:
    ///   - name: The name that callers use, unique in the model.
    ///   - function: The C function that runs it, under the model's prefix.
    ///   - inputs: The arrays it takes.
    ///   - outputs: The arrays it gives.
    ///   - isRandom: Whether a run draws random numbers.
    ///   - updates: The names of the variables a run changes.
    ///   - flops: Floating-point operations of one run: `constant`, and for each symbol how many its extent multiplies.
    ///   - arenaByteCount: Working memory in bytes; nil where it depends on a symbol.
    public init(
      name: String, function: String, inputs: [Input], outputs: [Output], isRandom: Bool = false,
      updates: [String] = [], flops: [String: Int]? = nil, arenaByteCount: Int? = nil
    ) {
      self.name = name
      self.function = function
      self.inputs = inputs
      self.outputs = outputs
      self.isRandom = isRandom
      self.updates = updates
      self.flops = flops
      self.arenaByteCount = arenaByteCount
    }

    enum CodingKeys: String, CodingKey {
      case name, function, inputs, outputs, updates, flops
      case isRandom = "is_random"
      case arenaByteCount = "arena_byte_count"
    }
  }

  /// An array that a signature takes.
  public struct Input: Sendable, Hashable, Codable {
    /// The name that it is fed under, unique in the signature.
    public var name: String
    /// The type of its elements.
    public var dtype: DType
    /// Its extents, outermost first.
    public var shape: [ManifestDimension]
    /// Whether the input may be left out.
    public var hasDefault: Bool
    /// The default of a scalar, for people; the library holds the value it uses itself.
    public var defaultValue: Double?

    /// A description as given.
    ///
    /// - Parameters:
    ///   - name: The name that it is fed under, unique in the signature.
    ///   - dtype: The type of its elements.
    ///   - shape: Its extents, outermost first.
    ///   - hasDefault: Whether the input may be left out.
    ///   - defaultValue: The default of a scalar, for people; nil where there is none.
    public init(
      name: String, dtype: DType, shape: [ManifestDimension], hasDefault: Bool = false, defaultValue: Double? = nil
    ) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.hasDefault = hasDefault
      self.defaultValue = defaultValue
    }

    enum CodingKeys: String, CodingKey {
      case name, dtype, shape
      case hasDefault = "has_default"
      case defaultValue = "default"
    }

    // Written out, since a synthesized one leaves out an absent `default` where the format says null.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(dtype, forKey: .dtype)
      try container.encode(shape, forKey: .shape)
      try container.encode(hasDefault, forKey: .hasDefault)
      try container.encode(defaultValue, forKey: .defaultValue)
    }
  }

  /// An array that a signature gives.
  public struct Output: Sendable, Hashable, Codable {
    /// The name that it is returned under, unique in the signature.
    public var name: String
    /// The type of its elements.
    public var dtype: DType
    /// Its extents, outermost first.
    public var shape: [ManifestDimension]
    /// Whether it is a bool that says whether a condition on a value holds; the name is then the message for where it
    /// does not. Written only if so.
    public var isCheck: Bool

    /// A description as given.
    ///
    /// - Parameters:
    ///   - name: The name that it is returned under, unique in the signature; a check's message.
    ///   - dtype: The type of its elements.
    ///   - shape: Its extents, outermost first.
    ///   - isCheck: Whether it is a bool that says whether a condition on a value holds.
    public init(name: String, dtype: DType, shape: [ManifestDimension], isCheck: Bool = false) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.isCheck = isCheck
    }

    enum CodingKeys: String, CodingKey {
      case name, dtype, shape
      case isCheck = "is_check"
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      dtype = try container.decode(DType.self, forKey: .dtype)
      shape = try container.decode([ManifestDimension].self, forKey: .shape)
      isCheck = try container.decodeIfPresent(Bool.self, forKey: .isCheck) ?? false
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(dtype, forKey: .dtype)
      try container.encode(shape, forKey: .shape)
      if isCheck { try container.encode(true, forKey: .isCheck) }
    }
  }
}
