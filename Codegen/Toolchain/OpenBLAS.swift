import Foundation

/// The one library that can multiply matrices in place of Elbow's own kernels.
public enum OpenBLAS {
  /// Why measurements should not choose it here; nil if they can.
  public static var obstacle: String? {
    guard ProcessInfo.processInfo.environment["OPENBLAS_NUM_THREADS"] == "1" else {
      return "OPENBLAS_NUM_THREADS is not 1, and the model's own threads would call it side by side"
    }
    guard let handle = dlopen("libopenblas.so", RTLD_LAZY | RTLD_LOCAL) else { return "it is not installed" }
    defer { dlclose(handle) }
    return dlsym(handle, "cblas_sgemm") == nil ? "it has no products of matrices" : nil
  }
}
