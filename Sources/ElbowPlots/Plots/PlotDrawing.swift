import ElbowArrays

/// Puts a plot onto a canvas: ranges first, then the frame that the labels leave, then what is in it.
struct PlotDrawing {
  private let plot: Plot
  private let x: ClosedRange<Double>
  private let y: ClosedRange<Double>
  private let xTicks: Ticks
  private let yTicks: Ticks
  private let frame: Rectangle

  private static let textSize = 2.0
  private static let titleSize = 2.4

  init(_ plot: Plot) throws {
    self.plot = plot
    let points = plot.layers.flatMap(\.extremes)
    x = PlotDrawing.range(plot.xRange, points.map(\.x), margin: plot.hasWholeX ? 0.015 : 0.04)
    y = PlotDrawing.range(plot.yRange, points.map(\.y), margin: 0.06)
    yTicks = Ticks(y, count: max(2, plot.height / 80))
    xTicks = Ticks(x, count: max(2, plot.width / 110), isWhole: plot.hasWholeX)
    frame = try PlotDrawing.frame(plot, yTicks, x, y)
  }

  /// A range that was asked for, or one that holds all values; never empty.
  private static func range(_ wish: ClosedRange<Double>?, _ values: [Double], margin: Double) -> ClosedRange<Double> {
    var (low, high) = (wish?.lowerBound ?? values.min() ?? 0, wish?.upperBound ?? values.max() ?? 1)
    // Half of the range of doubles, so that the difference is finite.
    (low, high) = (max(low, -1e300), min(high, 1e300))
    guard low.isFinite, high.isFinite, low < high else {
      let center = low.isFinite ? low : 0
      let reach = max(abs(center) * 0.1, 1)
      return center - reach...center + reach
    }
    let extra = wish == nil ? (high - low) * margin : 0
    return low - extra...high + extra
  }

  /// The area that the labels and the legend leave; square units take the largest part of that.
  private static func frame(
    _ plot: Plot, _ yTicks: Ticks, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>
  ) throws -> Rectangle {
    let numbers = yTicks.labels.map { Canvas.width(of: $0, size: textSize) }.max() ?? 0
    let legend = plot.layers.compactMap(\.name).map { Canvas.width(of: $0, size: textSize) }.max()
    var frame = Rectangle(
      left: 26 + numbers + (plot.yLabel.isEmpty ? 0 : 32), top: plot.title.isEmpty ? 24 : 56,
      right: Double(plot.width) - (legend.map { $0 + 76 } ?? 28),
      bottom: Double(plot.height) - (plot.xLabel.isEmpty ? 44 : 76))
    guard frame.width >= 40, frame.height >= 40 else {
      throw ElbowError(
        .invalidArgument,
        "A plot of \(plot.width) x \(plot.height) pixels leaves no room between its labels; make it larger.")
    }
    if plot.isSquare {
      let scale = min(frame.width / (x.upperBound - x.lowerBound), frame.height / (y.upperBound - y.lowerBound))
      frame.right = frame.left + scale * (x.upperBound - x.lowerBound)
      frame.bottom = frame.top + scale * (y.upperBound - y.lowerBound)
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
    drawLegend(&canvas)
    return try canvas.image
  }

  private func placed(_ point: Point) -> Point {
    Point(
      frame.left + (point.x - x.lowerBound) / (x.upperBound - x.lowerBound) * frame.width,
      frame.bottom - (point.y - y.lowerBound) / (y.upperBound - y.lowerBound) * frame.height)
  }

  // MARK: Axes

  private func drawGrid(_ canvas: inout Canvas) {
    let columns = xTicks.values.map { placed(Point($0, y.lowerBound)).x }
    let rows = yTicks.values.map { placed(Point(x.lowerBound, $0)).y }
    canvas.stroke(
      columns.map { Segment(Point($0, frame.top), Point($0, frame.bottom)) }
        + rows.map { Segment(Point(frame.left, $0), Point(frame.right, $0)) }, width: 1, .grid)
  }

  private func drawFrame(_ canvas: inout Canvas) {
    let corners = [
      Point(frame.left, frame.top), Point(frame.right, frame.top), Point(frame.right, frame.bottom),
      Point(frame.left, frame.bottom), Point(frame.left, frame.top),
    ]
    canvas.stroke(zip(corners, corners.dropFirst()).map { Segment($0, $1) }, width: 1.5, .frame)
    for (value, label) in zip(xTicks.values, xTicks.labels) {
      let place = placed(Point(value, y.lowerBound))
      canvas.write(label, at: Point(place.x, frame.bottom + 24), size: PlotDrawing.textSize, .ink, .center)
    }
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      let place = placed(Point(x.lowerBound, value))
      canvas.write(label, at: Point(frame.left - 10, place.y + 6), size: PlotDrawing.textSize, .ink, .right)
    }
    let middle = Point((frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2)
    canvas.write(plot.title, at: Point(frame.left, frame.top - 20), size: PlotDrawing.titleSize)
    canvas.write(plot.xLabel, at: Point(middle.x, frame.bottom + 54), size: PlotDrawing.textSize, .ink, .center)
    canvas.write(plot.yLabel, at: Point(26, middle.y), size: PlotDrawing.textSize, .ink, .center, isVertical: true)
  }

  private func drawLegend(_ canvas: inout Canvas) {
    var row = frame.top + 12
    for layer in plot.layers {
      guard let name = layer.name else { continue }
      let left = frame.right + 16
      switch layer.shape {
      case .points: canvas.disc(Point(left + 14, row), radius: 5, layer.color)
      case .line(_, let isDashed):
        let ends = [Point(left, row), Point(left + 28, row)]
        canvas.stroke(strokes(ends, isDashed: isDashed), width: 2.5, layer.color)
      case .segments, .surface:
        canvas.stroke([Segment(Point(left, row), Point(left + 28, row))], width: 2.5, layer.color)
      }
      canvas.write(name, at: Point(left + 40, row + 6), size: PlotDrawing.textSize)
      row += 26
    }
  }

  // MARK: Layers

  private func draw(_ layer: Plot.Layer, _ canvas: inout Canvas) {
    switch layer.shape {
    case .line(let points, let isDashed):
      for run in points.split(whereSeparator: { !$0.isFinite }) {
        let places = run.map(placed)
        canvas.stroke(strokes(places, isDashed: isDashed), width: 2.5, layer.color)
        if places.count <= 60 || places.count == 1 {
          for place in places { canvas.disc(place, radius: 3.5, layer.color) }
        }
      }
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
  private func strokes(_ points: [Point], isDashed: Bool) -> [Segment] {
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
