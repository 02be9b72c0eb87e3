import Elbow

/// The regression example of "Variational Inference in TensorFlow" (Hafner 2018): a network gives the mean of a normal
/// distribution, and the loss is the squared error.
public enum Regression {
  /// - Parameter hiddenUnits: The size of the hidden layer.
  public static func make(hiddenUnits: Int = 100) throws -> Model {
    let graph = Graph()
    let features = graph.placeholder("features", shape: [nil, 7])
    let labels = graph.placeholder("labels", shape: [nil, 1])

    let inputs = (features - graph.constant(featureMeans)) / graph.constant(featureStddevs)
    let regression = Objective(inputs, labels, size: 1, hiddenUnits: hiddenUnits)
    let (dist, nll) = (regression.dist, regression.nll)
    let train = regression.minimize()
    let losses: KeyValuePairs = ["loss": nll, "nll": nll]
    return try Model(
      name: "cs20-regression", graph: graph, dataset: "auto-mpg", epochs: 500,
      signatures: [
        Signature(.train, outputs: losses, updates: train.updates),
        Signature(.evaluate, outputs: losses),
        Signature(.predict, outputs: ["mean": dist.mean(), "stddev": dist.stddev()]),
      ])
  }

  /// The model learned from vectors of features and from vectors of labels of a size, and its loss.
  struct Objective {
    let dist: MultivariateNormalDiag
    let nll: Tensor

    init(_ inputs: Tensor, _ labels: Tensor, size: Int, hiddenUnits: Int = 100) {
      let hidden = Dense(hiddenUnits, activation: relu, name: "hidden")(inputs)
      let mean = Dense(size, name: "mean")(hidden)
      dist = MultivariateNormalDiag(loc: mean, scaleDiag: mean.onesLike())
      nll = -dist.logProb(labels).mean()  // Squared error
    }

    /// A step of training.
    func minimize() -> TrainingOperation { Adam(learningRate: 1e-3).minimize(nll) }
  }

  // Of the 320 training rows of auto-mpg, rounded: cylinders, displacement, horsepower, weight, acceleration, model
  // year, origin.
  static let featureMeans = [5.406, 189.9, 103.7, 2944, 15.53, 76.13, 1.591]
  static let featureStddevs = [1.68, 103, 38.5, 849, 2.68, 3.73, 0.809]
}
