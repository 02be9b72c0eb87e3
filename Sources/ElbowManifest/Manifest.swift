import ElbowArrays

/// A compiled model's own description: its variables, its signatures, and what it was built with and for.
///
/// It is JSON inside the library. The emitter writes it with ``encoded()`` and the runtime reads it with
/// ``init(decoding:)``, so this type is the format.
public struct Manifest: Sendable, Hashable, Codable {
  /// The value of ``format`` that this version reads and writes.
  public static let currentFormat = "elbow-manifest-1"

  /// The name and version of this format.
  public var format: String
  /// The model's name, for people.
  public var name: String
  /// The beginning of every external C symbol of the model; a C identifier.
  public var prefix: String
  /// `ELBOW_ABI_VERSION` of the emitter.
  public var abiVersion: Int
  /// A hash of the graph, in hexadecimal.
  public var graphFingerprint: String
  /// A hash of the variables and their places in the state; models that agree here may share a ``ModelState``.
  public var stateLayoutFingerprint: String
  /// The bytes all variables and the random state take together.
  public var stateByteCount: Int
  /// The compiler of the model.
  public var compiler: Compiler
  /// The machine it was compiled for.
  public var target: Target
  /// Everything that is kept between runs.
  public var variables: [Variable]
  /// The signatures that can be run.
  public var signatures: [Signature]

  /// A description as given; `checkInvariants()` says whether it makes sense.
  ///
  /// - Parameters:
  ///   - format: The name and version of the format.
  ///   - name: The model's name, for people.
  ///   - prefix: The beginning of every external C symbol of the model; a C identifier.
  ///   - abiVersion: `ELBOW_ABI_VERSION` of the emitter, from 1.
  ///   - graphFingerprint: A hash of the graph, in hexadecimal.
  ///   - stateLayoutFingerprint: A hash of the variables and their places in the state.
  ///   - stateByteCount: The bytes all variables and the random state take together.
  ///   - compiler: The compiler of the model.
  ///   - target: The machine it was compiled for.
  ///   - variables: Everything that is kept between runs.
  ///   - signatures: The signatures that can be run.
  public init(
    format: String = Manifest.currentFormat, name: String, prefix: String, abiVersion: Int, graphFingerprint: String,
    stateLayoutFingerprint: String, stateByteCount: Int, compiler: Compiler, target: Target, variables: [Variable],
    signatures: [Signature]
  ) {
    self.format = format
    self.name = name
    self.prefix = prefix
    self.abiVersion = abiVersion
    self.graphFingerprint = graphFingerprint
    self.stateLayoutFingerprint = stateLayoutFingerprint
    self.stateByteCount = stateByteCount
    self.compiler = compiler
    self.target = target
    self.variables = variables
    self.signatures = signatures
  }

  enum CodingKeys: String, CodingKey {
    case format, name, prefix, compiler, target, variables, signatures
    case abiVersion = "abi_version"
    case graphFingerprint = "graph_fingerprint"
    case stateLayoutFingerprint = "state_layout_fingerprint"
    case stateByteCount = "state_byte_count"
  }
}

extension Manifest {
  /// The compiler of a model.
  public struct Compiler: Sendable, Hashable, Codable {
    /// The version of Elbow.
    public var elbow: String
    /// The C compiler's command.
    public var command: String
    /// The version that the C compiler states.
    public var version: String
    /// The flags it was given.
    public var flags: [String]

    /// A description as given.
    ///
    /// - Parameters:
    ///   - elbow: The version of Elbow.
    ///   - command: The C compiler's command.
    ///   - version: The version that the C compiler states.
    ///   - flags: The flags it was given.
    public init(elbow: String, command: String, version: String, flags: [String]) {
      self.elbow = elbow
      self.command = command
      self.version = version
      self.flags = flags
    }
  }

  /// The machine a model was compiled for.
  public struct Target: Sendable, Hashable, Codable {
    /// `x86_64`, `aarch64`, `riscv64` or `wasm32`; `any` for code that was emitted for none in particular, where the
    /// library's file says what it was compiled for.
    public var architecture: String
    /// The CPU features the code needs, by the names clang gives them; see ``CPUFeatures``.
    public var features: [String]
    /// How many float32 one vector holds; 1 where the compiler decides.
    public var lanes: Int

    /// A description as given.
    ///
    /// - Parameters:
    ///   - architecture: `x86_64`, `aarch64`, `riscv64` or `wasm32`; `any` for none in particular.
    ///   - features: The CPU features the code needs, by the names clang gives them.
    ///   - lanes: How many float32 one vector holds, at least 1; 1 where the compiler decides.
    public init(architecture: String, features: [String], lanes: Int) {
      self.architecture = architecture
      self.features = features
      self.lanes = lanes
    }
  }

  /// One variable: an array that is kept between runs.
  public struct Variable: Sendable, Hashable, Codable {
    /// The purpose of a variable.
    public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
      /// Trained by gradients.
      case parameter
      /// An optimiser's memory of a parameter.
      case slot
      /// A number of steps.
      case counter
      /// A running average or another summary of what was seen.
      case statistic
    }

    /// The name with its scopes, `encoder/hidden/kernel`.
    public var name: String
    /// The type of its elements.
    public var dtype: DType
    /// Its extents, outermost first; empty for a scalar.
    public var shape: [Int]
    /// The purpose it serves.
    public var role: Role

    /// A description as given.
    ///
    /// - Parameters:
    ///   - name: The name with its scopes, unique in the model.
    ///   - dtype: The type of its elements.
    ///   - shape: Its extents, outermost first; empty for a scalar.
    ///   - role: The purpose it serves.
    public init(name: String, dtype: DType, shape: [Int], role: Role) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.role = role
    }
  }
}
