import Foundation

/// The marks that tell a file from another one without reading it.
package func fileIdentity(_ path: String) -> String {
  var status = stat()
  guard stat(path, &status) == 0 else { return path }
  return "\(path) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}
