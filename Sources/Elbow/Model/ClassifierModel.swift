import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime

/// A compiled classifier of images whose weights are random, so that each run of its signature `predict` gives other
/// probabilities.
///
/// ```swift
/// let bnn = try ClassifierModel(compiled)
/// let says = try bnn.predict(digits.validation["images"], draws: 100)
/// print(says.means[0], says.entropies[0])
/// ```
public struct ClassifierModel {
  /// The compiled model that is asked.
  public let compiled: CompiledModel
  /// The input of `predict` that takes the images.
  public let inputName: String
  private let output: Int
  private let classCount: Int

  /// - Throws: `ElbowError` of kind `feed` when the model has no signature `predict` that draws class probabilities of images.
  public init(_ compiled: CompiledModel) throws {
    guard let (inputName, output, classCount) = ClassifierModel.roles(compiled.manifest) else {
      let names = compiled.signatures.map(\.name).joined(separator: ", ")
      throw ElbowError(
        .feed,
        "The model '\(compiled.manifest.name)' has no signature 'predict' that takes images, an array of shape "
          + "[n, height, width] or [n, height, width, channels], and gives 'probs' of shape [n, classes] that differ from "
          + "run to run; it has \(names).",
        notes: ["a model is uncertain of its predictions where its weights are random, as those of 'cs20-bnn'"])
    }
    self.compiled = compiled
    (self.inputName, self.output, self.classCount) = (inputName, output, classCount)
  }

  /// Whether a model is a classifier of images with random weights.
  public static func fits(_ manifest: Manifest) -> Bool { roles(manifest) != nil }

  private static func roles(_ manifest: Manifest) -> (input: String, output: Int, classes: Int)? {
    guard let signature = manifest.signatures.first(where: { $0.role == .predict }), signature.isRandom,
      let output = signature.outputs.firstIndex(where: { $0.name == "probs" && $0.shape.count == 2 }),
      case .fixed(let classes) = signature.outputs[output].shape[1]
    else { return nil }
    let inputs = signature.inputs.filter { !$0.hasDefault }
    guard inputs.count == 1, (3...4).contains(inputs[0].shape.count) else { return nil }
    return (inputs[0].name, output, classes)
  }

  /// The model's predictions for images, over several draws of its weights.
  ///
  /// - Parameters:
  ///   - images: `[n, height, width]`, or with channels, as `predict` takes them.
  ///   - draws: How often `predict` is run on each batch; all examples of a run share its weights.
  ///   - batchSize: The images of a run.
  /// - Throws: `ElbowError`: of kind `data` when there are no images, `feed` when they do not fit, `numerics` when a
  ///   probability is NaN or infinite.
  public func predict(_ images: HostArray, draws: Int, batchSize: Int = 1000) throws -> PosteriorPredictive {
    guard draws >= 1 else {
      throw ElbowError(.invalidArgument, "Predictions need at least 1 draw of the weights, not \(draws).")
    }
    guard let count = images.shape.first, count > 0 else {
      throw ElbowError(.data, "There are no images to predict the classes of.")
    }
    let prepared = try compiled.prepare(.predict)
    var sums = PosteriorPredictive.Sums(exampleCount: count, classCount: classCount)
    var first = 0
    for batch in try Dataset(columns: [(inputName, images)]).batches(of: batchSize) {
      let feeds = [inputName: batch[inputName]].compactMapValues { $0 }
      for _ in 0..<draws {
        let probs = try prepared.run(prepared.ordered(feeds))[output]
        try sums.add(check(probs, count: batch.count), from: first)
      }
      first += batch.count
    }
    return sums.means(over: draws)
  }

  private func check(_ probs: HostArray, count: Int) throws -> [Double] {
    guard probs.shape == [count, classCount] else {
      throw ElbowError(
        .feed,
        "The signature 'predict' of the model '\(compiled.manifest.name)' should give probabilities of shape "
          + "[\(count), \(classCount)] for \(count) images, but gave \(probs.shape).")
    }
    let values = probs.doubles
    guard values.allSatisfy(\.isFinite) else {
      throw ElbowError(
        .numerics,
        "The signature 'predict' of the model '\(compiled.manifest.name)' gave a probability that is NaN or infinite.")
    }
    return values
  }
}
