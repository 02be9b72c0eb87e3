import ElbowArrays

/// Every primitive there is. A new one is added here, once; files, tests and listings find it by this list.
public enum PrimitiveRegistry {
  /// The types of all primitives, in the order of their Swift names.
  public static let all: [any Primitive.Type] = [
    Absolute.self, Add.self, ArgReduce.self, Atan.self, BesselI0e.self, BesselI1e.self, BinomialQuantile.self,
    Bitwise.self, Broadcast.self, Cast.self, Ceil.self, Cholesky.self, Compare.self, Concatenate.self, Constant.self,
    Contraction.self, Convolution.self, Cos.self, CumulativeSum.self, Digamma.self, Divide.self, Erf.self, Erfc.self,
    Exp.self, Expm1.self, ExtentOf.self, Floor.self, GammaReparameterization.self, Gather.self, ImplicitSolution.self,
    IncompleteBeta.self,
    IncompleteBetaByA.self, IncompleteBetaByB.self, IncompleteBetaInverse.self, IncompleteGamma.self,
    IncompleteGammaComplement.self, IncompleteGammaComplementInverse.self, IncompleteGammaInverse.self,
    Interleave.self, Iota.self,
    Log.self, Log1p.self, LogBeta.self, LogGamma.self, LogicalNot.self, Maximum.self, Minimum.self, Multiply.self,
    Ndtr.self, Negate.self, Pad.self, Placeholder.self, PoissonQuantile.self, Polygamma.self, Power.self,
    RandomBits.self,
    RandomGammaGradient.self, ReadVariable.self, Reduce.self, ReduceWindow.self, Remainder.self, Reshape.self,
    Round.self, Scan.self, ScatterAdd.self, Select.self, Sign.self, Sin.self, Slice.self, SquareRoot.self,
    StopGradient.self, Subtract.self, Tan.self, Tanh.self, Transpose.self, TriangularSolve.self, Windows.self,
  ]

  /// The primitive of that name.
  public static func named(_ name: String) -> (any Primitive.Type)? { byName[name] }

  private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
}
