import ElbowArrays

extension Plot {
  /// Codes of a two-dimensional latent space as points, a colour for each label.
  ///
  /// - Parameters:
  ///   - codes: Of shape `[count, 2]`.
  ///   - labels: An integer for each code; without them all points have one colour. Colours repeat after ten labels, and
  ///     more than 24 are not named.
  ///   - title: The text over the plot; nil for one that says how many codes there are.
  /// - Throws: `ElbowError` when the codes are not points of the plane, or there are not as many labels.
  public static func latentScatter(codes: HostArray, labels: HostArray? = nil, title: String? = nil) throws -> Plot {
    guard codes.shape.count == 2, codes.shape[1] == 2 else {
      throw ElbowError(
        .shape,
        "A scatter plot shows codes of two dimensions, an array of shape [count, 2], but found \(codes.dtype)"
          + "\(codes.shape).")
    }
    let values = codes.doubles
    let points = (0..<codes.shape[0]).map { Point(values[2 * $0], values[2 * $0 + 1]) }
    var plot = Plot(title: title ?? "\(points.count) codes", xLabel: "z1", yLabel: "z2")
    (plot.width, plot.height) = (880, 800)
    guard let labels else {
      plot.addPoints(points)
      return plot
    }
    guard labels.shape == [points.count], labels.dtype.isInteger else {
      throw ElbowError(
        .shape,
        "\(points.count) codes need as many integer labels, of shape [\(points.count)], but found "
          + "\(labels.dtype)\(labels.shape).")
    }
    plot.legendTitle = "label"
    let classes = Dictionary(grouping: zip(points, labels.doubles), by: \.1)
    for (index, label) in classes.keys.sorted().enumerated() {
      // A legend of more would be longer than the picture.
      let name = classes.count <= 24 ? "\(Int(label))" : nil
      plot.addPoints((classes[label] ?? []).map(\.0), name: name, color: .distinct(index))
    }
    return plot
  }
}
