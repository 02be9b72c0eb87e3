import ElbowArrays

// Changes of images that leave what they show: more of them to learn from.
extension DataPipeline {
  /// The same, with images mirrored left to right at random.
  ///
  /// - Parameters:
  ///   - column: The images, `[n, height, width]` or `[n, height, width, channels]`, of any dtype.
  ///   - probability: How likely an image is mirrored, from 0 to 1.
  /// - Throws: ``ElbowError`` when the probability is out of range. A column that is not there, or holds no images, is an error of the
  ///   first batch.
  public func randomlyFlipped(_ column: String = "images", probability: Double = 0.5) throws -> DataPipeline {
    guard probability >= 0, probability <= 1 else {
      throw namingTheCallersLine(
        ElbowError(.invalidArgument, "Images are mirrored with a probability from 0 to 1, not \(probability)."))
    }
    return mapped("'\(column)' mirrored with probability \(probability)") { batch, random in
      try batch.replacing(column) { images in
        let size = try ImageSize(images, column)
        return try images.windows(size.height, size.width, of: size) {
          // The leading 53 bits are a number of Double's from 0 and below 1.
          Window(isMirrored: Double(random.next() >> 11) * 0x1p-53 < probability)
        }
      }
    }
  }

  /// The same, with a part of each image at random: of the image with `padding` pixels of 0 around it. Without another size the part is
  /// as large as the image, which is thereby shifted, by at most `padding` pixels each way.
  ///
  /// - Parameters:
  ///   - column: The images, `[n, height, width]` or `[n, height, width, channels]`, of any dtype.
  ///   - size: The height and width of the part; those of the image if nil.
  ///   - padding: The pixels on each side, at least 0.
  /// - Throws: ``ElbowError`` when a number is out of range. A column that is not there, or holds no images, or smaller ones, is an error
  ///   of the first batch.
  public func randomlyCropped(
    _ column: String = "images", to size: (height: Int, width: Int)? = nil, padding: Int = 0
  ) throws -> DataPipeline {
    guard (0...4096).contains(padding), size.map({ $0.height >= 1 && $0.width >= 1 }) ?? true else {
      throw namingTheCallersLine(
        ElbowError(
          .invalidArgument,
          "A part of an image has at least 1 pixel each way, and from 0 to 4096 pixels are put around the image, not \(padding)"
            + "\(size.map { " for a part of \($0.height) x \($0.width)" } ?? "")."))
    }
    let words = size.map { "\($0.height) x \($0.width)" } ?? "all of it"
    return mapped("'\(column)' cropped to \(words) with padding \(padding)") { batch, random in
      try batch.replacing(column) { images in
        let whole = try ImageSize(images, column)
        let (height, width) = size ?? (whole.height, whole.width)
        let (rows, columns) = (whole.height + 2 * padding - height, whole.width + 2 * padding - width)
        guard rows >= 0, columns >= 0 else {
          throw ElbowError(
            .data,
            "The images of the column '\(column)' are \(whole.height) x \(whole.width), with \(padding) pixels around them less than the "
              + "\(height) x \(width) that are to be cut out.")
        }
        return try images.windows(height, width, of: whole) {
          Window(row: random.number(below: rows + 1) - padding, column: random.number(below: columns + 1) - padding)
        }
      }
    }
  }
}

/// The part of an image that another one shows: its top left corner, which may lie outside.
private struct Window {
  var row = 0
  var column = 0
  /// Whether columns are counted from the right.
  var isMirrored = false
}

/// The extents of a column's images.
private struct ImageSize {
  let height: Int
  let width: Int
  /// The extents of a pixel: none, or channels.
  let rest: ArraySlice<Int>

  init(_ images: HostArray, _ column: String) throws {
    guard images.shape.count == 3 || images.shape.count == 4 else {
      throw ElbowError(
        .data,
        "The column '\(column)' is \(images.dtype)\(images.shape); expected images, [n, height, width] or [n, height, width, channels]."
      )
    }
    (height, width, rest) = (images.shape[1], images.shape[2], images.shape[3...])
  }
}

extension HostArray {
  /// A window of each image; pixels outside of the image are 0.
  fileprivate func windows(
    _ height: Int, _ width: Int, of whole: ImageSize, _ choose: () -> Window
  ) throws -> HostArray {
    let count = shape[0]
    var result = try HostArray(zeros: [count, height, width] + whole.rest, dtype: dtype)
    let pixel = dtype.byteCount * whole.rest.reduce(1, *)
    result.withUnsafeMutableBytes { target in
      withUnsafeBytes { source in
        guard let to = target.baseAddress, let from = source.baseAddress else { return }
        for image in 0..<count {
          let window = choose()
          // The columns of the window that lie within the image.
          let columns = max(0, -window.column)..<max(0, -window.column, min(width, whole.width - window.column))
          for row in 0..<height where (0..<whole.height).contains(window.row + row) && !columns.isEmpty {
            let source = from + (image * whole.height + window.row + row) * whole.width * pixel
            let target = to + (image * height + row) * width * pixel
            if window.isMirrored {
              for column in columns {
                let mirrored = whole.width - 1 - (window.column + column)
                (target + column * pixel).copyMemory(from: source + mirrored * pixel, byteCount: pixel)
              }
            } else {
              (target + columns.lowerBound * pixel).copyMemory(
                from: source + (window.column + columns.lowerBound) * pixel, byteCount: columns.count * pixel)
            }
          }
        }
      }
    }
    return result
  }
}

extension Batch {
  /// The same with another array as a column, of as many examples.
  fileprivate func replacing(_ column: String, _ change: (HostArray) throws -> HostArray) throws -> Batch {
    guard let index = columns.firstIndex(where: { $0.name == column }) else {
      let known = columns.map { "'\($0.name)'" }.joined(separator: ", ")
      throw ElbowError(.data, "The batches have no column '\(column)' with images; they have \(known).")
    }
    var changed = columns
    changed[index].array = try change(columns[index].array)
    return Batch(columns: changed, count: count)
  }
}
