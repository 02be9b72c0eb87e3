/// The form in which a nest is carried out.
package enum NestMethod: Sendable, Hashable {
  /// One row after the other, as it is written.
  case rows
  /// A row in each lane.
  case lanes(RowsInLanes)
  /// A function of a linear algebra library, for each matrix.
  case library(LibraryCall)
}

extension NestMethod: CustomStringConvertible {
  package var description: String {
    switch self {
    case .rows: "rows"
    case .lanes: "rows in lanes"
    case .library(let call): "library: \(call.function)"
    }
  }
}
