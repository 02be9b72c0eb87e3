import ElbowArrays

/// Puts a plot onto a canvas: axes first, then the frame that the labels leave, then what is in it.
struct PlotDrawing {
  let plot: Plot
  let x: Axis
  let y: Axis
  let frame: Rectangle
  /// Notes about what the axes do not reach, under the plot.
  let notes: [String]

  static let textSize = 2.0
  static let noteSize = 1.6
  private static let titleSize = 2.4

  init(_ plot: Plot) throws {
    self.plot = plot
    let points = plot.layers.flatMap(\.extremes)
    x = Axis(
      plot.xRange, points.map(\.x), margin: plot.hasWholeX ? 0.015 : 0.04, tickCount: max(2, plot.width / 110),
      isWhole: plot.hasWholeX)
    y = Axis(
      plot.yRange, points.map(\.y), margin: 0.06, isLogarithmic: plot.hasLogY, tickCount: max(2, plot.height / 80))
    notes = plot.notes(x, y)
    frame = try PlotDrawing.frame(plot, x, y, hasNotes: !notes.isEmpty)
  }

  /// The area that the labels and the column beside the plot leave; square units take the largest part of that.
  private static func frame(_ plot: Plot, _ x: Axis, _ y: Axis, hasNotes: Bool) throws -> Rectangle {
    let numbers = y.ticks.labels.map { Canvas.width(of: $0, size: textSize) }.max() ?? 0
    let column = columnWidth(plot)
    var frame = Rectangle(
      left: 26 + numbers + (plot.yLabel.isEmpty ? 0 : 32), top: plot.title.isEmpty ? 24 : 56,
      right: Double(plot.width) - (column > 0 ? column + 36 : 28),
      bottom: Double(plot.height) - (plot.xLabel.isEmpty ? 44 : 76) - (hasNotes ? 24 : 0))
    guard frame.width >= 40, frame.height >= 40 else {
      throw ElbowError(
        .invalidArgument,
        "A plot of \(plot.width) x \(plot.height) pixels leaves no room between its labels; make it larger.")
    }
    if plot.isSquare {
      let (columns, rows) = (
        x.range.upperBound - x.range.lowerBound, y.range.upperBound - y.range.lowerBound
      )
      let scale = min(frame.width / columns, frame.height / rows)
      frame.right = frame.left + scale * columns
      frame.bottom = frame.top + scale * rows
    }
    return frame
  }

  func image() throws -> HostArray {
    var canvas = try Canvas(width: plot.width, height: plot.height)
    drawGrid(&canvas)
    let whole = canvas.clip
    canvas.clip = frame
    for layer in plot.layers { draw(layer, &canvas) }
    canvas.clip = whole
    drawFrame(&canvas)
    drawNotes(&canvas)
    drawColumn(&canvas)
    return try canvas.image
  }

  /// Where a point lies in the picture; not finite for one that has no place on a logarithmic axis.
  func placed(_ point: Point) -> Point {
    Point(frame.left + x.share(of: point.x) * frame.width, frame.bottom - y.share(of: point.y) * frame.height)
  }

  // MARK: Axes

  private func drawGrid(_ canvas: inout Canvas) {
    let columns = x.ticks.values.map { placed(Point($0, y.range.lowerBound)).x }
    let rows = y.ticks.values.map { placed(Point(x.range.lowerBound, $0)).y }
    canvas.stroke(
      columns.map { Segment(Point($0, frame.top), Point($0, frame.bottom)) }
        + rows.map { Segment(Point(frame.left, $0), Point(frame.right, $0)) }, width: 1, .grid)
  }

  private func drawFrame(_ canvas: inout Canvas) {
    let size = PlotDrawing.textSize
    canvas.stroke(frame.outline, width: 1.5, .frame)
    for (value, label) in zip(x.ticks.values, x.ticks.labels) {
      let place = placed(Point(value, y.range.lowerBound))
      canvas.write(label, at: Point(place.x, frame.bottom + 24), size: size, .ink, .center)
    }
    for (value, label) in zip(y.ticks.values, y.ticks.labels) {
      let place = placed(Point(x.range.lowerBound, value))
      canvas.write(label, at: Point(frame.left - 10, place.y + 6), size: size, .ink, .right)
    }
    let middle = Point((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2)
    let room = Double(plot.width) - frame.left - 20
    canvas.write(
      plot.title, at: Point(frame.left, frame.top - 20),
      size: Canvas.size(of: plot.title, upTo: PlotDrawing.titleSize, within: room))
    canvas.write(
      plot.xLabel, at: Point(middle.x, frame.bottom + 54),
      size: Canvas.size(of: plot.xLabel, upTo: size, within: frame.width), .ink, .center)
    canvas.write(
      plot.yLabel, at: Point(26, middle.y), size: Canvas.size(of: plot.yLabel, upTo: size, within: frame.height), .ink,
      .center, isVertical: true)
  }

  // MARK: Layers

  private func draw(_ layer: Plot.Layer, _ canvas: inout Canvas) {
    switch layer.shape {
    case .line(let points, let isDashed):
      for places in points.map(placed).split(whereSeparator: { !$0.isFinite }).map(Array.init) {
        canvas.stroke(strokes(places, isDashed: isDashed), width: 2.5, layer.color)
        if places.count <= 60 {
          for place in places { canvas.disc(place, radius: 3.5, layer.color) }
        }
      }
      drawMarks(of: points, layer.color, &canvas)
    case .points(let points, let radius, let opacity):
      for point in points { canvas.disc(placed(point), radius: radius, layer.color, opacity: opacity) }
    case .segments(let segments):
      canvas.stroke(segments.map { Segment(placed($0.start), placed($0.end)) }, width: 1.5, layer.color)
    case .surface(let surface):
      let corners = (
        placed(Point(surface.x.lowerBound, surface.y.upperBound)),
        placed(Point(surface.x.upperBound, surface.y.lowerBound))
      )
      let area = Rectangle(left: corners.0.x, top: corners.0.y, right: corners.1.x, bottom: corners.1.y)
      let heights = surface.finiteRange
      let span = heights.upperBound - heights.lowerBound
      canvas.fill(area) { place in
        let value = surface.value((place.x - area.left) / area.width, (area.bottom - place.y) / area.height)
        return Color.heat(span > 0 ? (value - heights.lowerBound) / span : 0)
      }
    }
  }

  /// The line through points, whole or in dashes.
  func strokes(_ points: [Point], isDashed: Bool) -> [Segment] {
    if points.count == 1 { return [Segment(points[0], points[0])] }
    let whole = zip(points, points.dropFirst()).map { Segment($0, $1) }
    guard isDashed else { return whole }
    let (dash, gap) = (7.0, 6.0)
    var dashes: [Segment] = []
    var position = 0.0
    for segment in whole {
      let (dx, dy) = (segment.end.x - segment.start.x, segment.end.y - segment.start.y)
      let length = (dx * dx + dy * dy).squareRoot()
      guard length > 0, length < 1e5 else { continue }
      func point(_ along: Double) -> Point {
        Point(segment.start.x + dx * along / length, segment.start.y + dy * along / length)
      }
      var start = -position
      while start < length {
        let (from, to) = (max(start, 0), min(start + dash, length))
        if from < to { dashes.append(Segment(point(from), point(to))) }
        start += dash + gap
      }
      position = (position + length).truncatingRemainder(dividingBy: dash + gap)
    }
    return dashes
  }
}

extension Plot.Layer {
  /// Points that the axes have to reach.
  fileprivate var extremes: [Point] {
    switch shape {
    case .line(let points, _): points.filter(\.isFinite)
    case .points(let points, _, _): points
    case .segments(let segments): segments.flatMap { [$0.start, $0.end] }
    case .surface(let surface):
      [Point(surface.x.lowerBound, surface.y.lowerBound), Point(surface.x.upperBound, surface.y.upperBound)]
    }
  }
}
