/// The code that multiplies matrices in a compiled model.
public enum ContractionBackend: String, Sendable, Hashable, Codable, CaseIterable {
  /// A kernel emitted for the sizes at hand; the library needs libc and libm alone. The default, for it measures faster.
  ///
  /// Where it pays, convolutions in float32 take fewer multiplications than they have products (Winograd's algorithm), whose
  /// rounding error is some six times that of adding the products up, about 2e-6 of a result's standard deviation.
  case emitted
  /// The same, with every product of a convolution carried out.
  case direct
  /// OpenBLAS, for what is a product of matrices as it lies in memory. Set `OPENBLAS_NUM_THREADS=1` in the environment: the
  /// model's own threads call it side by side, with pieces that do not depend on how many they are, so that results do not.
  case openBLAS
}

/// The inputs of scheduling besides the program: whose products a model computes with, and what was measured.
package struct SchedulingOptions: Sendable, Hashable {
  /// The code that multiplies matrices.
  package let contractions: ContractionBackend
  /// The rows of a tile of the batch; nil for what fits the caches.
  package let tileRows: Int?

  /// The most rows of a tile that can be asked for.
  package static let mostTileRows = 4096

  package init(contractions: ContractionBackend = .emitted, tileRows: Int? = nil) {
    self.contractions = contractions
    self.tileRows = tileRows.map { min(max($0, 1), SchedulingOptions.mostTileRows) }
  }
}
