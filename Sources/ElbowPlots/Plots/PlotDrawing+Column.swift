/// The column beside a plot: the legend, and under it the colours of a heat map.
extension PlotDrawing {
  private static let row = 26.0
  private static let barWidth = 18.0

  /// How wide it is, in pixels; 0 if there is nothing to say.
  static func columnWidth(_ plot: Plot) -> Double {
    let entries = plot.entries.map { 40 + Canvas.width(of: $0.name, size: textSize) }
    let title = plot.legendTitle.isEmpty || entries.isEmpty ? [] : [Canvas.width(of: plot.legendTitle, size: textSize)]
    let bar = plot.heatMap.map { layer in
      let numbers = ticks(of: layer.surface).labels.map { Canvas.width(of: $0, size: textSize) }.max() ?? 0
      return barWidth + 8 + numbers + (layer.name == nil ? 0 : 32)
    }
    return (entries + title + (bar.map { [$0] } ?? [])).max() ?? 0
  }

  func drawColumn(_ canvas: inout Canvas) {
    let left = frame.right + 16
    var row = frame.top + 12
    if !plot.legendTitle.isEmpty, !plot.entries.isEmpty {
      canvas.write(plot.legendTitle, at: Point(left, row + 6), size: PlotDrawing.textSize)
      row += PlotDrawing.row
    }
    for (name, layer) in plot.entries {
      switch layer.shape {
      case .points: canvas.disc(Point(left + 14, row), radius: 5, layer.color)
      case .line(_, let isDashed):
        let ends = [Point(left, row), Point(left + 28, row)]
        canvas.stroke(strokes(ends, isDashed: isDashed), width: 2.5, layer.color)
      case .segments, .surface:
        canvas.stroke([Segment(Point(left, row), Point(left + 28, row))], width: 2.5, layer.color)
      }
      canvas.write(name, at: Point(left + 40, row + 6), size: PlotDrawing.textSize)
      row += PlotDrawing.row
    }
    drawBar(from: plot.entries.isEmpty ? frame.top : row + 10, &canvas)
  }

  /// The colours from the greatest value at the top to the least at the bottom, with their numbers.
  private func drawBar(from top: Double, _ canvas: inout Canvas) {
    guard let (name, surface) = plot.heatMap, frame.bottom - top >= 40 else { return }
    let left = frame.right + 16
    let bar = Rectangle(left: left, top: top, right: left + PlotDrawing.barWidth, bottom: frame.bottom)
    canvas.fill(bar) { Color.heat((bar.bottom - $0.y) / bar.height) }
    canvas.stroke(bar.outline, width: 1.5, .frame)
    let heights = surface.finiteRange
    let span = max(heights.upperBound - heights.lowerBound, .leastNormalMagnitude)
    let ticks = PlotDrawing.ticks(of: surface)
    for (value, label) in zip(ticks.values, ticks.labels) {
      let y = bar.bottom - (value - heights.lowerBound) / span * bar.height
      // The numbers at the ends stay beside the bar.
      let base = min(max(y + 6, bar.top + 12), bar.bottom)
      canvas.write(label, at: Point(bar.right + 8, base), size: PlotDrawing.textSize)
    }
    guard let name else { return }
    let numbers = ticks.labels.map { Canvas.width(of: $0, size: PlotDrawing.textSize) }.max() ?? 0
    canvas.write(
      name, at: Point(bar.right + 8 + numbers + 26, (bar.top + bar.bottom) / 2),
      size: Canvas.size(of: name, upTo: PlotDrawing.textSize, within: bar.height), .ink, .center, isVertical: true)
  }

  /// Round numbers of the heights; one that lies a hair beyond them counts, as the 0 of a density does.
  private static func ticks(of surface: Surface) -> Ticks {
    let heights = surface.finiteRange
    let hair = (heights.upperBound - heights.lowerBound) / 200
    return Ticks(heights.lowerBound - hair...heights.upperBound + hair, count: 5)
  }
}

extension Plot {
  /// What the legend names, in order.
  fileprivate var entries: [(name: String, layer: Layer)] {
    layers.compactMap { layer in
      if case .surface = layer.shape { return nil }
      return layer.name.map { ($0, layer) }
    }
  }

  /// The first heat map, whose colours the bar shows.
  fileprivate var heatMap: (name: String?, surface: Surface)? {
    for layer in layers {
      if case .surface(let surface) = layer.shape { return (layer.name, surface) }
    }
    return nil
  }
}
