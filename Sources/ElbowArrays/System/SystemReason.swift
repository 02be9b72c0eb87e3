import Foundation

extension Error {
  /// The system's words about a failure, "No space left on device", where it is behind an error of Foundation's, which says
  /// that an operation could not be completed; else what the error says, without its full stop.
  package var systemReason: String {
    var error: (any Error)? = self
    while let current = error.map({ $0 as NSError }) {
      if current.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(current.code))) }
      error = current.userInfo[NSUnderlyingErrorKey] as? any Error
    }
    let text = localizedDescription
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
