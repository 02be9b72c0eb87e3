extension [NamedLoss] {
  /// The evidence lower bound among a model's figures: `elbo`, or minus the sum of `nll` and `kl`, of which it consists; nil
  /// where a model has neither.
  package var evidenceLowerBound: Double? {
    if let elbo = value("elbo") { return elbo }
    guard let nll = value("nll"), let kl = value("kl") else { return nil }
    return -(nll + kl)
  }

  /// The figure of that name.
  package func value(_ name: String) -> Double? { first { $0.name == name }?.value }
}
