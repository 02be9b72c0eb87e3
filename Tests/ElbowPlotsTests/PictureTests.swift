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
    #expect(try plot.image().shape == [800, 880, 3])
    #expect(throws: ElbowError.self) {
      try Plot.latentScatter(codes: codes, labels: HostArray([1, 2] as [Int32]))
    }
  }

  @Test func curvesAreNamed() throws {
    let plot = Plot.lossCurves([
      LossCurve("loss", training: [3, 2], validation: [.nan, 2.5]), LossCurve("kl", training: [1, 1]),
    ])
    #expect(plot.layers.compactMap(\.name) == ["loss", "loss, val.", "kl"])
    #expect(plot.layers[0].color == plot.layers[1].color)
    #expect(try Plot.lossCurves([]).image().shape == [640, 960, 3])
  }

  @Test func densitiesTakeSamples() throws {
    let logs = try HostArray((0..<100).map { -Double($0 % 10) }, shape: [10, 10])
    let samples = try HostArray([0.1, 0.2] as [Float], shape: [1, 2])
    let plot = try Plot.density(logProb: logs, x: 0...1, y: 0...1, samples: samples, contours: [0.5])
    #expect(plot.layers.count == 3)
    #expect(try plot.image().shape == [760, 760, 3])
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
    // Half of the image is white and a quarter black and grey each, 96 x 96 in all.
    #expect(count(Color(0x808080), in: labelled) == 48 * 48)
    #expect(throws: ElbowError.self) { try PredictionSheet().image() }
    var broken = PredictionSheet()
    broken.addRow("", [Prediction(image: HostArray([1] as [Float]), means: [1], deviations: [0])])
    #expect(throws: ElbowError.self) { try broken.image() }
  }
}
