import ElbowArrays

extension Graph {
  /// Independent numbers, uniform in [0, 1): 24 random bits in float32, 53 in float64.
  public func randomUniform(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    located {
      let stream = freshRandomStream()
      return uniform(shape, dtype, stream: stream, words: (0, 1))
    }
  }

  /// Independent numbers from the standard normal distribution (Box and Muller 1958): sqrt(-2 log u) cos(2 pi v).
  public func randomNormal(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    located {
      let stream = freshRandomStream()
      let u = uniform(shape, dtype, stream: stream, words: (0, 1))
      let v = uniform(shape, dtype, stream: stream, words: (2, 3))
      // 1 - u lies in (0, 1], where the logarithm is finite.
      return sqrt(-2 * log1p(-u)) * cos((2 * Double.pi) * v)
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
