import ElbowArrays

extension ImageSheet {
  /// Images with what a model makes of them: rows of originals, labelled "data", each over the row of their reconstructions,
  /// labelled "model".
  ///
  /// - Parameters:
  ///   - originals: As for ``init(images:columns:margin:background:title:)``.
  ///   - reconstructions: As many images of the same height, width and channels; the dtype may differ, and an axis of one
  ///     channel may be there or not.
  ///   - columns: The images in a row.
  ///   - title: The text over the sheet; empty for none.
  /// - Throws: ``ElbowError`` when these are not two such lists of images, or there are none.
  public init(
    originals: HostArray, reconstructions: HostArray, columns: Int = 10,
    title: String = "data, and what the model makes of them"
  ) throws {
    func withoutSingleChannel(_ shape: [Int]) -> [Int] {
      shape.count == 4 && shape[3] == 1 ? [Int](shape[..<3]) : shape
    }
    guard withoutSingleChannel(originals.shape) == withoutSingleChannel(reconstructions.shape),
      (3...4).contains(originals.shape.count), originals.count > 0,
      columns > 0
    else {
      throw ElbowError(
        .shape,
        """
        Expected at least one image and as many reconstructions of the same shape, but found \
        \(originals.dtype)\(originals.shape) and \(reconstructions.dtype)\(reconstructions.shape).
        """)
    }
    let sources = [try ImageSheet.bytes(originals), try ImageSheet.bytes(reconstructions)]
    let count = originals.shape[0]
    let byteCount = originals.count / count
    let columns = min(columns, count)
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: count, by: columns) {
      for source in sources {
        let end = min(start + columns, count)
        bytes += source[start * byteCount..<end * byteCount]
        // A last row that is not full is filled up as the margin is.
        bytes += [UInt8](repeating: ImageSheet.margin, count: (start + columns - end) * byteCount)
      }
    }
    let rows = 2 * ((count + columns - 1) / columns)
    try self.init(
      images: HostArray(bytes, shape: [rows * columns] + originals.shape.dropFirst()), columns: columns,
      title: title)
    rowLabels = (0..<rows).map { $0.isMultiple(of: 2) ? "data" : "model" }
  }
}
