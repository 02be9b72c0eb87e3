import ElbowArrays

extension Graph {
  /// Independent numbers, uniform in [0, 1): 24 random bits in float32, 53 in float64.
  public func randomUniform(_ shape: Shape, dtype: DType? = nil) -> Tensor {
    located {
      let stream = freshRandomStream()
      return uniform(shape, dtype ?? floatingPoint, stream: stream, words: (0, 1))
    }
  }

  /// Independent numbers from the standard normal distribution (Box and Muller 1958): sqrt(-2 log u) cos(2 pi v).
  public func randomNormal(_ shape: Shape, dtype: DType? = nil) -> Tensor {
    located {
      let (stream, dtype) = (freshRandomStream(), dtype ?? floatingPoint)
      let u = uniform(shape, dtype, stream: stream, words: (0, 1))
      let v = uniform(shape, dtype, stream: stream, words: (2, 3))
      // 1 - u lies in (0, 1], where the logarithm is finite.
      return sqrt(-2 * log1p(-u)) * cos((2 * Double.pi) * v)
    }
  }

  /// Independent gamma variates of rate 1, one for each element of a shape that the concentrations broadcast to.
  ///
  /// Marsaglia and Tsang (2000, "A simple method for generating gamma variables"): from a normal x and a uniform u,
  /// d (1 + c x)^3 with d = a - 1/3 and c = 1/sqrt(9 d) is accepted with a probability of at least 0.95. The first of
  /// eight tries that is accepted counts; none is once in 10^10. Below a = 1 a variate of a + 1 is multiplied by
  /// u^(1/a). Gradients flow to the concentrations by implicit reparameterisation, ``GammaReparameterization``.
  /// Variates that underflow are the smallest normal number.
  public func randomGamma(_ shape: Shape, concentration: Tensor) -> Tensor {
    located {
      let dtype = concentration.dtype
      guard concentration.isValid else { return concentration }
      guard dtype.isFloatingPoint else {
        return invalid(
          .dtype,
          "'randomGamma' of concentrations \(concentration.type): they are floating point; convert with cast(to: .float32)."
        )
      }
      let fixed = stopGradient(concentration)
      let isSmall = fixed < 1
      let d = select(isSmall, fixed + 1, fixed) - 1.0 / 3
      let c = 1 / sqrt(9 * d)
      var (variate, isDone) = (d.broadcast(to: shape), constant(0, dtype: .bool).broadcast(to: shape))
      for _ in 0..<8 {
        let x = randomNormal(shape, dtype: dtype)
        let logU = log1p(-randomUniform(shape, dtype: dtype))
        let root = 1 + c * x
        let isPositive = root > 0
        let safe = select(isPositive, root, root.onesLike())
        let cube = safe * safe * safe
        let isAccepted = isPositive .& (logU < 0.5 * x * x + d * (1 - cube + log(cube)))
        variate = select(isAccepted .& .!isDone, d * cube, variate)
        isDone = isDone .| isAccepted
      }
      let logU = log1p(-randomUniform(shape, dtype: dtype))
      variate = variate * exp(select(isSmall, logU / fixed, logU.zerosLike()))
      variate = maximum(
        variate, dtype == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude))
      return elementwise(GammaReparameterization(), stopGradient(variate), concentration)
    }
  }

  /// Independent Poisson variates, one for each element of a shape that the rates broadcast to, by inversion.
  public func randomPoisson(_ shape: Shape, rate: Tensor) -> Tensor {
    located {
      let u = randomUniform(shape, dtype: .float64)
      return elementwise(PoissonQuantile(), u, rate.cast(to: .float64)).cast(to: rate.dtype)
    }
  }

  /// Independent binomial variates, one for each element of a shape that the parameters broadcast to, by inversion.
  public func randomBinomial(_ shape: Shape, count: Tensor, probability: Tensor) -> Tensor {
    located {
      let u = randomUniform(shape, dtype: .float64)
      return elementwise(BinomialQuantile(), u, count.cast(to: .float64), probability.cast(to: .float64))
        .cast(to: count.dtype)
    }
  }

  private func uniform(_ shape: Shape, _ dtype: DType, stream: UInt32, words: (Int, Int)) -> Tensor {
    func bits(_ word: Int, dropping count: Double) -> Tensor {
      let bits = apply(RandomBits(shape: shape, stream: stream, word: word), [])
      return elementwise(Bitwise(.shiftRight), bits, constant(count, dtype: .uint32)).cast(to: dtype)
    }
    guard dtype == .float64 else { return bits(words.0, dropping: 8) * (1.0 / 16_777_216) }
    return (bits(words.0, dropping: 5) * 67_108_864 + bits(words.1, dropping: 6)) * (1.0 / 9_007_199_254_740_992)
  }
}
