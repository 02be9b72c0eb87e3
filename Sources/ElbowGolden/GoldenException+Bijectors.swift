/// The exceptions among bijectors.
extension GoldenException {
  static let ofBijectors: [GoldenException] =
    (0..<4).map {
      GoldenException(
        id: "Cumsum/\($0)", fields: ["gradients.inverse.y"],
        reason: "the sum of differences is the last element; TFP's gradient leaves out what is subtracted",
        skipped: [[0, 1], [0, 1, 3, 4], [0, 1, 2, 4, 5, 6], [0, 1, 2, 3]][$0])
    }
    + (0..<3).map {
      GoldenException(
        id: "IteratedSigmoidCentered/\($0)", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "TFP subtracts what was taken from 1 where we add up what is left", isWithinSimplex: true)
    }
    + ["TransformedDistribution/8", "TransformedDistribution/17"].map {
      GoldenException(
        id: $0, fields: ["gradients.x"], reason: "TFP takes the log determinant at the other side, off the simplex",
        isWithinSimplex: true)
    } + [
      GoldenException(
        id: "IteratedSigmoidCentered/3", fields: ["forward_log_det_jacobian.1", "forward_log_det_jacobian.2"],
        reason: "TFP takes the logarithm of 1 - sigmoid, off by 5e-4 at 20 and more",
        tolerance: Tolerance(relative: 1e-5)),
      GoldenException(
        id: "IteratedSigmoidCentered/3", fields: ["inverse", "gradients.forward_log_det_jacobian.x"],
        reason: "y has been rounded, and TFP subtracts what was taken from 1: both lose what 1e-9 is to 1",
        tolerance: Tolerance(relative: 1e-8, absolute: 3e-9)),
      GoldenException(
        id: "IteratedSigmoidCentered/3", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "derivatives of 1e9 by a y that has been rounded", skipped: [Int](0..<12)),
      GoldenException(
        id: "KumaraswamyCDF/4",
        fields: [
          "inverse_log_det_jacobian.0", "gradients.inverse.concentration0", "gradients.inverse.concentration1",
          "gradients.inverse.y", "gradients.inverse_log_det_jacobian.concentration0",
          "gradients.inverse_log_det_jacobian.concentration1", "gradients.inverse_log_det_jacobian.y",
        ], reason: "TFP subtracts the power of a number near 1 from 1, off by 3e-9, just below what `exact` lists",
        tolerance: Tolerance(relative: 1e-8)),
      GoldenException(
        id: "NormalCDF/4", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "the quantile has no gradient at 0 and 1", skipped: [9, 11, 13] + [Int](15..<23)),
      GoldenException(
        id: "NormalCDF/5", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "the quantile has no gradient at 0 and 1", skipped: [0, 7]),
      GoldenException(
        id: "Pad/0", fields: ["gradients.forward.constant_values", "gradients.forward_weighted.constant_values"],
        reason: "TFP does not differentiate by the constant", skipped: [0]),
      GoldenException(
        id: "RationalQuadraticSpline/3",
        fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "at the knots inside TFP has no gradient; the slope there is given", skipped: [1, 2]),
      GoldenException(
        id: "RationalQuadraticSpline/3",
        fields: ["gradients.inverse.bin_heights", "gradients.inverse_log_det_jacobian.bin_heights"],
        reason: "at the knots inside TFP has no gradient, by the heights below them either", skipped: [0, 1]),
      GoldenException(
        id: "SoftClip/4", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "y has been rounded to an end of the range, where the derivative is infinite", skipped: [0, 4]),
      GoldenException(
        id: "Softplus/10", fields: ["inverse"], reason: "y = 69.3 divided by 100 is rounded",
        tolerance: Tolerance(relative: 1e-10, absolute: 1e-14)),
      GoldenException(
        id: "Softplus/10",
        fields: [
          "gradients.forward.hinge_softness", "gradients.forward_weighted.hinge_softness",
          "gradients.inverse.hinge_softness",
        ], reason: "at x = 100 and a softness of 0.01 terms of 10^4 cancel",
        tolerance: Tolerance(relative: 1e-10, absolute: 1e-11)),
      GoldenException(
        id: "Tanh/4", fields: ["gradients.inverse.y", "gradients.inverse_log_det_jacobian.y"],
        reason: "TFP takes 1 - y^2, which loses digits near 1", tolerance: Tolerance(relative: 1e-8)),
      GoldenException(
        id: "WeibullCDF/4",
        fields: [
          "gradients.forward_log_det_jacobian.concentration", "gradients.inverse_log_det_jacobian.concentration",
        ],
        reason:
          "TFP's xlogy drops log(x) where the factor is 0, at a concentration of 1; at y = 1 the derivative is infinite",
        skipped: [5, 6, 8, 9, 13, 14]),
      GoldenException(
        id: "WeibullCDF/5", fields: ["gradients.inverse_log_det_jacobian.concentration"],
        reason: "a y has been rounded to 1, where the derivative is infinite", skipped: [0]),
    ]
}
