/// The namespace of bijectors, as `tfp.bijectors` is TensorFlow Probability's: `Bijectors.Exp()`. Many of them are named as
/// the functions that they apply.
public enum Bijectors {}
