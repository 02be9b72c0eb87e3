import ElbowArrays
import Foundation
import Testing

@testable import ElbowPlots

@Suite struct PlotTests {
  @Test func ticksAreRound() {
    #expect(Ticks(0...20, count: 5).labels == ["0", "5", "10", "15", "20"])
    #expect(Ticks(-0.12...0.31, count: 5).labels == ["-0.1", "0", "0.1", "0.2", "0.3"])
    #expect(Ticks(1...3, count: 8, isWhole: true).labels == ["1", "2", "3"])
    #expect(Ticks(0.001...0.0031, count: 3).labels == ["0.001", "0.002", "0.003"])
    #expect(Ticks(2e7...6e7, count: 3).labels == ["2e+07", "4e+07", "6e+07"])
    #expect(Ticks(3...3, count: 4).values.isEmpty)
  }

  @Test func logarithmicTicksAreRound() {
    #expect(Ticks(logarithmic: 3...450, count: 8).labels == ["5", "10", "20", "50", "100", "200"])
    #expect(Ticks(logarithmic: 0.001...1000, count: 7).labels == ["0.001", "0.01", "0.1", "1", "10", "100", "1000"])
    #expect(Ticks(logarithmic: 0.5...1e11, count: 4).values.count <= 5)
    // Less than a decade: evenly spaced.
    #expect(Ticks(logarithmic: 150...190, count: 4).labels == ["150", "160", "170", "180", "190"])
  }

  @Test func logarithmicAxesHaveEqualFactors() {
    let axis = Axis(1...100, [], margin: 0, isLogarithmic: true, tickCount: 5)
    for (value, share) in [(1.0, 0.0), (10, 0.5), (100, 1), (1000, 1.5)] {
      #expect(abs(axis.share(of: value) - share) < 1e-12)
    }
    #expect(axis.share(of: 0).isNaN && axis.share(of: -3).isNaN)
    // What has no logarithm does not count; a wish that has none is not met.
    let positive = Axis(-5...100, [0, -2, 4], margin: 0, isLogarithmic: true, tickCount: 5)
    #expect(abs(positive.range.lowerBound - 4) < 1e-12 && abs(positive.range.upperBound - 100) < 1e-9)
    let none = Axis(nil, [], margin: 0, isLogarithmic: true, tickCount: 5)
    #expect(none.range.lowerBound > 0 && none.range.lowerBound < none.range.upperBound)
  }

  /// The pixel in a column and row.
  private func pixel(_ image: HostArray, _ x: Int, _ y: Int) -> [UInt8] {
    let start = (y * image.shape[1] + x) * 3
    return Array(image.bytes[start..<start + 3])
  }

  @Test func strokesCoverPixelsByTheirShare() throws {
    var canvas = try Canvas(width: 8, height: 6)
    canvas.stroke([Segment(Point(-4, 2.5), Point(40, 2.5))], width: 2, Color(0x000000))
    let image = try canvas.image
    // Two pixels wide, its middle in the middle of a row: that row is covered wholly, those beside it by half.
    #expect((0..<6).map { pixel(image, 4, $0)[0] } == [255, 128, 0, 128, 255, 255])
  }

  @Test func crossingsAreNotDarker() throws {
    var canvas = try Canvas(width: 9, height: 9)
    canvas.stroke(
      [Segment(Point(0, 4.5), Point(9, 4.5)), Segment(Point(4.5, 0), Point(4.5, 9))], width: 3, Color(0x000000),
      opacity: 0.5)
    let image = try canvas.image
    #expect(pixel(image, 4, 4) == pixel(image, 1, 4))
  }

  @Test func drawingStaysWithinTheClip() throws {
    var canvas = try Canvas(width: 10, height: 10)
    canvas.clip = Rectangle(left: 2, top: 3, right: 5, bottom: 6)
    canvas.disc(Point(5, 5), radius: 100, Color(0x000000))
    canvas.disc(Point(1e300, -1e300), radius: 3, Color(0x000000))
    canvas.disc(Point(.nan, 5), radius: 3, Color(0x000000))
    let image = try canvas.image
    let black = (0..<100).filter { pixel(image, $0 % 10, $0 / 10) == [0, 0, 0] }
    #expect(black == [32, 33, 34, 42, 43, 44, 52, 53, 54])
  }

  @Test func theTypefaceHasAllOfASCII() {
    let unknown = Font.strokes("\u{2603}").segments
    for code in UInt8(33)..<127 {
      let strokes = Font.strokes(String(Unicode.Scalar(code))).segments
      #expect(!strokes.isEmpty && strokes != unknown, "\(code)")
    }
    #expect(Font.strokes(" ").segments.isEmpty)
    // Around the corner, not across it: three strokes join the dots of an L's foot and two more go up.
    #expect(Font.strokes("L").segments.count == 10)
    #expect(Font.strokes("Wi").width > Font.strokes("W").width)
  }

  @Test func contoursLieAtTheirLevel() throws {
    let size = 41
    let values = (0..<size * size).map { index -> Double in
      let (x, y) = (Double(index % size) / 20 - 1, Double(index / size) / 20 - 1)
      return x * x + y * y
    }
    let surface = try Surface(HostArray(values, shape: [size, size]), x: -1...1, y: -1...1)
    let circle = surface.contour(0.49)
    #expect(circle.count > 40)
    for segment in circle {
      #expect(abs((segment.start.x * segment.start.x + segment.start.y * segment.start.y).squareRoot() - 0.7) < 1e-3)
    }
    #expect(surface.contour(3).isEmpty)
    #expect(abs(surface.value(0.5, 1) - 1) < 1e-12)
  }

  /// Points land where their numbers say, and what is not finite is left out.
  @Test func pointsLandWhereTheyShould() throws {
    var plot = Plot()
    (plot.width, plot.height) = (300, 200)
    (plot.xRange, plot.yRange) = (0...1, 0...1)
    plot.addPoints(
      [Point(0.5, 0.5), Point(.nan, 0), Point(0, .infinity)], color: Color(0xff0000), radius: 4, opacity: 1)
    let image = try plot.image()
    let red = (0..<300 * 200).filter { pixel(image, $0 % 300, $0 / 300) == [255, 0, 0] }
    func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(values.count) + 0.5 }
    let left = 26 + Canvas.width(of: "0.5", size: 2)
    let (x, y) = ((left + 272) / 2, 90.0)
    #expect(abs(mean(red.map { $0 % 300 }) - x) < 1)
    #expect(abs(mean(red.map { $0 / 300 }) - y) < 1)
    #expect((30...60).contains(red.count))
  }

  /// A point of a line beyond the axis leaves a mark at the edge, and a note.
  @Test func whatIsCutOffIsMarked() throws {
    var plot = Plot(xLabel: "epoch")
    (plot.xRange, plot.yRange) = (0...4, 0...1)
    plot.addLine([Point(1, 0.5), Point(2, 7.25), Point(3, -2)], color: Color(0xff0000))
    plot.addPoints([Point(1, 1), Point(5, 0.5)], color: Color(0x00ff00))
    let drawing = try PlotDrawing(plot)
    #expect(
      drawing.notes == ["above, epoch 2: up to 7.25", "below, epoch 3: down to -2", "1 of 2 points lie outside"])
    let image = try plot.image()
    let place = drawing.placed(Point(2, 1))
    // Wider than the line would be at the edge.
    let row = (Int(place.x) - 12..<Int(place.x) + 12).filter {
      pixel(image, $0, Int(drawing.frame.top) + 10) == [255, 0, 0]
    }
    #expect(row.count >= 8)
    plot.yRange = -3...8
    plot.xRange = nil
    #expect(try PlotDrawing(plot).notes.isEmpty)
  }

  @Test func longTitlesFit() throws {
    let title = String(repeating: "W", count: 200)
    let size = Canvas.size(of: title, upTo: 2.4, within: 600)
    #expect(abs(Canvas.width(of: title, size: size) - 600) < 1e-6)
    #expect(Canvas.size(of: "W", upTo: 2.4, within: 600) == 2.4)
    #expect(Font.strokes(String(repeating: "W", count: 1_000_000)).segments.count < 100_000)
  }

  @Test func mistakesAreExplained() throws {
    var plot = Plot()
    plot.width = 60
    #expect(throws: ElbowError.self) { try plot.image() }
    plot.width = 1_000_000
    #expect(throws: ElbowError.self) { try plot.image() }
    let flat = try HostArray([1, 2, 3] as [Float], shape: [1, 3])
    #expect(throws: ElbowError.self) { try Surface(flat, x: 0...1, y: 0...1) }
    #expect(throws: ElbowError.self) { try Surface.grid(x: 0...1, y: 0...1, columns: 1, rows: 5) }
  }

  @Test func hardDataIsDrawn() throws {
    var plot = Plot(title: "\u{2603} \n", yLabel: "y")
    plot.addLine([Point(1, 1e308), Point(2, -1e308), Point(3, .nan), Point(4, 0)], name: "a", isDashed: true)
    plot.addLine([], name: "")
    #expect(try plot.image().shape == [640, 960, 3])
    var single = Plot()
    single.addLine([Point(3, 3)])
    #expect(try single.image().shape == [640, 960, 3])
    #expect(try Plot().image().shape == [640, 960, 3])
  }
}
