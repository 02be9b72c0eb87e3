import ElbowArrays
import Foundation
import Testing

@testable import ElbowPlots

@Suite struct PictureTests {
  @Test func theGridIsMadeOfQuantiles() throws {
    let grid = try LatentGrid(size: 4)
    let codes = grid.codes.doubles
    #expect(grid.codes.shape == [16, 2])
    // The quantiles of 1/8 and 3/8 of the standard normal distribution.
    let (outer, inner) = (1.1503493803760079, 0.31863936396437514)
    let x = [-outer, -inner, inner, outer]
    for (index, expected) in x.enumerated() { #expect(abs(codes[2 * index] - expected) < 1e-6) }
    // The second coordinate falls from the top.
    for (row, expected) in x.reversed().enumerated() { #expect(abs(codes[8 * row + 1] - expected) < 1e-6) }
    #expect(LatentGrid.normalQuantile(0.5).magnitude < 1e-12)
    #expect(abs(LatentGrid.normalQuantile(1e-12) + 7.034483825301131) < 1e-9)
  }

  @Test func theGridFollowsThePrior() throws {
    let values = (0..<100).flatMap { (index: Int) -> [Float] in [Float(index), Float(1000 + index)] }
    let samples = try HostArray(values, shape: [100, 2])
    let codes = try LatentGrid(size: 2, priorSamples: samples).codes.doubles
    #expect(codes == [25, 1075, 75, 1075, 25, 1025, 75, 1025])
  }

  @Test func gridsHaveAxes() throws {
    let grid = try LatentGrid(size: 3)
    let sheet = try grid.sheet(of: HostArray(zeros: [9, 2, 2]))
    // The quantiles of 1/6, 1/2 and 5/6.
    #expect(sheet.columnLabels == ["-0.97", "0", "0.97"] && sheet.rowLabels == ["0.97", "0", "-0.97"])
    #expect(sheet.xLabel == "z1" && sheet.yLabel == "z2" && sheet.pixels.shape == [6, 6])
    #expect(throws: ElbowError.self) { try grid.sheet(of: HostArray(zeros: [8, 2, 2])) }
  }

  @Test func onlyPlanesHaveGrids() throws {
    #expect(throws: ElbowError.self) { try LatentGrid(size: 1) }
    let space = try HostArray(zeros: [5, 3])
    #expect(throws: ElbowError.self) { try LatentGrid(size: 4, priorSamples: space) }
    #expect(throws: ElbowError.self) { try Plot.latentScatter(codes: space) }
  }

  @Test func classesHaveColours() throws {
    let codes = try HostArray((0..<60).map { Float($0) }, shape: [30, 2])
    let labels = HostArray((0..<30).map { Int32($0 % 10) })
    let plot = try Plot.latentScatter(codes: codes, labels: labels)
    #expect(plot.layers.map(\.name) == (0..<10).map { "\($0)" })
    #expect(Set(plot.layers.map(\.color)).count == 10)
    #expect(plot.legendTitle == "label" && plot.title == "30 codes" && plot.xLabel == "z1" && plot.yLabel == "z2")
    #expect(try plot.image().shape == [800, 880, 3])
    #expect(throws: ElbowError.self) {
      try Plot.latentScatter(codes: codes, labels: HostArray([1, 2] as [Int32]))
    }
  }

  @Test func curvesAreNamed() throws {
    let plot = Plot.lossCurves([
      LossCurve("loss", training: [3, 2], validation: [.nan, 2.5]), LossCurve("kl", training: [1, 1]),
    ])
    #expect(plot.layers.compactMap(\.name) == ["loss", "val_loss", "kl"])
    #expect(plot.xLabel == "epoch" && plot.yLabel == "loss, kl" && plot.title == "losses over 2 epochs")
    #expect(plot.layers[0].color == plot.layers[1].color)
    #expect(try Plot.lossCurves([]).image().shape == [640, 960, 3])
  }

  /// One line would hide the other.
  @Test func equalCurvesShareALine() {
    let plot = Plot.lossCurves([
      LossCurve("loss", training: [3, .nan], validation: [2, 1]), LossCurve("kl", training: [3, 2]),
      LossCurve("nll", training: [3, .nan], validation: [2, 1]),
    ])
    #expect(plot.layers.map(\.name) == ["loss, nll", "val_loss, val_nll", "kl"])
    #expect(plot.layers[2].color == .distinct(1) && plot.yLabel == "loss, kl, nll")
  }

  /// All epochs are seen, on an axis that suits them.
  @Test func noEpochIsLost() throws {
    func plot(_ losses: [Double]) -> Plot { .lossCurves([LossCurve("loss", training: losses)]) }
    // From 380 to 170, settled between 210 and 170.
    let gentle = plot([240, 235, 210, 200, 190, 180, 175, 173, 171, 170])
    #expect(!gentle.hasLogY && gentle.yRange == nil && gentle.yLabel == "loss")
    let steep = plot([1000, 3, 2, 1])
    #expect(steep.hasLogY && steep.yRange == nil && steep.yLabel == "loss (log scale)")
    // A logarithm of a negative loss is none: the first epoch is marked instead, and a note says so.
    let negative = plot([1000, 3, 2, -1])
    #expect(!negative.hasLogY && negative.yRange.map { $0.upperBound < 4 } == true)
    #expect(try PlotDrawing(negative).notes == ["above, epoch 1: up to 1000"])
    for plot in [gentle, steep] { #expect(try PlotDrawing(plot).notes.isEmpty) }
    // Neither one epoch nor losses that stay the same are a reason for anything.
    for plot in [plot([5]), plot([1000, 1, 1, 1])] { #expect(!plot.hasLogY && plot.yRange == nil) }
  }

  @Test func densitiesTakeSamples() throws {
    let logs = try HostArray((0..<100).map { -Double($0 % 10) }, shape: [10, 10])
    let samples = try HostArray([0.1, 0.2] as [Float], shape: [1, 2])
    let plot = try Plot.density(logProb: logs, x: 0...1, y: 0...1, samples: samples, contours: [0.5])
    #expect(plot.layers.count == 3)
    #expect(plot.layers.map(\.name) == ["density / greatest density", "at 0.5", "samples"])
    #expect(plot.title == "density" && plot.xLabel == "x1" && plot.yLabel == "x2")
    let drawing = try PlotDrawing(plot)
    // A unit is as long on one axis as on the other.
    #expect(abs(drawing.frame.width - drawing.frame.height) < 1e-9)
    let image = try plot.image()
    #expect(image.shape == [812, 960, 3])
    // The bar of colours beside the frame, under the legend: the darkest at its top, the lightest at its foot.
    func red(_ x: Double, _ y: Double) -> UInt8 { image.bytes[(Int(y) * 960 + Int(x)) * 3] }
    let bar = drawing.frame.right + 16 + 9
    #expect(red(bar, drawing.frame.bottom - 4) > 245 && red(bar, drawing.frame.top + 90) < 40)
    #expect(throws: ElbowError.self) { try Plot.density(logProb: samples, x: 0...1, y: 0...1) }
  }

  @Test func predictionsHaveBars() throws {
    let image = try HostArray([0, 0.5, 1, 1] as [Float], shape: [2, 2])
    func picture(_ means: [Double], label: Int?) throws -> [UInt8] {
      var sheet = PredictionSheet()
      sheet.addRow("row", [Prediction(image: image, means: means, deviations: [0, 0], label: label)])
      return try sheet.image().bytes
    }
    func count(_ color: Color, in bytes: [UInt8]) -> Int {
      stride(from: 0, to: bytes.count, by: 3).count {
        bytes[$0..<$0 + 3].elementsEqual([color.red, color.green, color.blue])
      }
    }
    let (blue, green) = (Color.distinct(0), Color.distinct(2))
    let unlabelled = try picture([0.25, 0.75], label: nil)
    #expect(count(green, in: unlabelled) == 0)
    let labelled = try picture([0.25, 0.75], label: 1)
    // As high as the probabilities, but for the line that they stand on.
    let ratio = Double(count(green, in: labelled)) / Double(count(blue, in: labelled))
    #expect(abs(ratio - 3) < 0.2, "\(ratio)")
    #expect(count(blue, in: unlabelled) == count(blue, in: labelled) + count(green, in: labelled))
    // Half of the image is white and a quarter black and grey each, 112 x 112 in all.
    #expect(count(Color(0x808080), in: labelled) == 56 * 56)
    #expect(throws: ElbowError.self) { try PredictionSheet().image() }
    var broken = PredictionSheet()
    broken.addRow("", [Prediction(image: HostArray([1] as [Float]), means: [1], deviations: [0])])
    #expect(throws: ElbowError.self) { try broken.image() }
  }
}
