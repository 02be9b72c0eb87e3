import ElbowArrays
import ElbowManifest
import ElbowPlots
import ElbowRuntime

/// A compiled model of points of the plane, asked through the signatures that ``Model`` gives a meaning.
///
/// ```swift
/// let flow = try DensityModel(compiled)
/// try flow.plot(around: moons.validation["points"], points: flow.sample(count: 1000)).write(to: url)
/// ```
public struct DensityModel {
  /// The compiled model that is asked.
  public let compiled: CompiledModel
  /// The input of `log_prob` that takes the points.
  public let inputName: String

  /// - Throws: `ElbowError` of kind `feed` when the model has no signature `log_prob` that takes points and gives a number for each.
  public init(_ compiled: CompiledModel) throws {
    guard let inputName = DensityModel.pointInput(compiled.manifest) else {
      let names = compiled.signatures.map(\.name).joined(separator: ", ")
      throw ElbowError(
        .feed,
        "The model '\(compiled.manifest.name)' has no signature 'log_prob' that takes points of the plane, an array of shape "
          + "[n, 2], and gives the logarithms of their densities, of shape [n]; it has \(names).")
    }
    self.compiled = compiled
    self.inputName = inputName
  }

  /// Whether a model is one of points of the plane.
  public static func fits(_ manifest: Manifest) -> Bool { pointInput(manifest) != nil }

  private static func pointInput(_ manifest: Manifest) -> String? {
    guard let signature = manifest.signatures.first(where: { $0.role == .logProb }),
      signature.outputs.first?.shape.count == 1
    else { return nil }
    let inputs = signature.inputs.filter { !$0.hasDefault }
    return inputs.count == 1 && arePoints(inputs[0].shape) ? inputs[0].name : nil
  }

  private static func arePoints(_ shape: [ManifestDimension]) -> Bool { shape.count == 2 && shape[1] == .fixed(2) }

  /// The logarithms of the density at points `[n, 2]`, of shape `[n]`.
  public func logProb(_ points: HostArray) throws -> HostArray {
    let prepared = try compiled.prepare(.logProb)
    return try prepared.run(prepared.ordered([inputName: points]))[0]
  }

  /// Points that the model draws, `[count, 2]`; nil if it has no signature `sample` that draws points without being fed.
  public func sample(count: Int) throws -> HostArray? {
    guard count > 0, let sample = compiled.signatures.first(where: { $0.role == .sample }),
      sample.inputs.allSatisfy(\.hasDefault),
      let output = sample.outputs.firstIndex(where: { DensityModel.arePoints($0.shape) })
    else { return nil }
    let prepared = try compiled.prepare(.sample)
    var drawn: [HostArray] = []
    var total = 0
    while total < count {
      let points = try prepared.run(sample.inputs.map { _ in nil })[output]
      guard points.shape[0] > 0 else { return nil }
      drawn.append(points)
      total += points.shape[0]
    }
    return try HostArray(rows: drawn, limit: count)
  }

  /// The density as a picture.
  ///
  /// - Parameters:
  ///   - data: Points that say which part of the plane is shown: all of them, with a margin of a fifth.
  ///   - points: The points drawn over the density.
  ///   - pointsName: What they are called in the legend.
  ///   - size: The grid has so many points a side, from 2 to 4096.
  /// - Throws: `ElbowError` when `data` has no finite points of the plane, or the size is out of range.
  public func plot(
    around data: HostArray, points: HostArray? = nil, pointsName: String = "samples", size: Int = 240
  ) throws -> Plot {
    guard data.shape.count == 2, data.shape[1] == 2 else {
      throw ElbowError(.shape, "Points of the plane have the shape [n, 2], but found \(data.dtype)\(data.shape).")
    }
    let values = data.doubles
    let (x, y) = (
      try Self.range(stride(from: 0, to: values.count, by: 2).map { values[$0] }),
      try Self.range(stride(from: 1, to: values.count, by: 2).map { values[$0] })
    )
    let logs = try logProb(Surface.grid(x: x, y: y, columns: size, rows: size))
    return try Plot.density(
      logProb: HostArray(logs.doubles, shape: [size, size]), x: x, y: y, samples: points, samplesName: pointsName,
      title: "\(compiled.manifest.name): density" + (points.map { ", and \($0.shape[0]) \(pointsName)" } ?? ""))
  }

  private static func range(_ values: [Double]) throws -> ClosedRange<Double> {
    guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite else {
      throw ElbowError(.data, "A density is shown where the data are, but there are no finite points.")
    }
    let margin = high > low ? (high - low) / 5 : 1
    return low - margin...high + margin
  }
}
