import Foundation

/// What lies beyond the axes is never cut off in silence: a mark at the edge for each point of a line, and a note.
extension PlotDrawing {
  /// Triangles at the edge for the points of a line that lie above or below the plot.
  func drawMarks(of points: [Point], _ color: Color, _ canvas: inout Canvas) {
    for point in points where point.isFinite && x.range.contains(point.x) {
      let (place, share) = (placed(point), y.share(of: point.y))
      // Directions are those of a picture: up is towards smaller rows.
      if share > 1 { drawTriangle(Point(place.x, frame.top + 3), up: -1, color, &canvas) }
      if share < 0 { drawTriangle(Point(place.x, frame.bottom - 3), up: 1, color, &canvas) }
    }
  }

  private func drawTriangle(_ tip: Point, up: Double, _ color: Color, _ canvas: inout Canvas) {
    let base = (0...8).map { Segment(tip, Point(tip.x + Double($0) - 4, tip.y - up * 8)) }
    canvas.stroke(base, width: 2, color)
  }

  func drawNotes(_ canvas: inout Canvas) {
    let text = notes.joined(separator: "; ")
    let size = Canvas.size(of: text, upTo: PlotDrawing.noteSize, within: Double(plot.width) - frame.left - 20)
    let below = plot.xLabel.isEmpty ? 46.0 : 78
    canvas.write(text, at: Point(frame.left, frame.bottom + below), size: size)
  }
}

extension Plot {
  /// Sentences about what the axes leave out.
  func notes(_ x: Axis, _ y: Axis) -> [String] {
    var cut: (above: [Point], below: [Point]) = ([], [])
    var (outside, all) = (0, 0)
    for layer in layers {
      switch layer.shape {
      case .line(let points, _):
        let shown = points.filter { $0.isFinite && x.range.contains($0.x) }
        cut.above += shown.filter { y.share(of: $0.y) > 1 }
        cut.below += shown.filter { y.share(of: $0.y) < 0 }
      case .points(let points, _, _):
        all += points.count
        outside += points.count { !x.range.contains($0.x) || !y.range.contains($0.y) }
      case .segments, .surface: break
      }
    }
    var notes: [String] = []
    if let most = cut.above.map(\.y).max() { notes.append("above, \(place(of: cut.above)): up to \(short(most))") }
    if let least = cut.below.map(\.y).min() { notes.append("below, \(place(of: cut.below)): down to \(short(least))") }
    if outside > 0 { notes.append("\(outside) of \(all) points lie outside") }
    return notes
  }

  /// Where along the x axis points lie.
  private func place(of points: [Point]) -> String {
    let positions = points.map(\.x)
    guard let first = positions.min(), let last = positions.max() else { return "" }
    let name = xLabel.isEmpty ? "at" : xLabel
    return first == last ? "\(name) \(short(first))" : "\(name) \(short(first)) to \(short(last))"
  }

  private func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : String(format: "%.4g", value)
  }
}
