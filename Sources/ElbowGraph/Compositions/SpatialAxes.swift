/// The axes that windows slide along, between that of the examples and that of the channels, as messages name them.
package enum SpatialAxes: Int, Sendable {
  /// Series `[n, steps, channels]`.
  case one = 1
  /// Images `[n, height, width, channels]`.
  case two
  /// Volumes `[n, depth, height, width, channels]`.
  case three

  /// How many there are.
  package var count: Int { rawValue }
  /// Their places in a tensor.
  package var positions: [Int] { [Int](1...count) }

  /// The tensors that have them: `images`.
  package var things: String { ["series", "images", "volumes"][count - 1] }
  /// The shape of such tensors: `[n, height, width, channels]`.
  package func shape(channels: String = "channels") -> String {
    "[n, " + [["steps"], ["height", "width"], ["depth", "height", "width"]][count - 1].joined(separator: ", ")
      + ", \(channels)]"
  }
  /// The condition on the extents: `of fixed height and width`.
  package var fixed: String {
    ["of a fixed number of steps", "of fixed height and width", "of fixed depth, height and width"][count - 1]
  }
  /// As many of something as there are axes: `two extents`.
  package func counted(_ noun: String) -> String {
    ["one \(noun)", "two \(noun)s", "three \(noun)s"][count - 1]
  }
}
