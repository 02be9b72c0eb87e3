import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

/// Convolutions and pooling along one and three axes, padding and enlarging, against values by hand.
@Suite struct SpatialLayerTests {
  private func value(
    _ layer: some Layer, of values: [Double], _ shape: [Int], kernel: [Double] = [], _ kernelShape: [Int] = []
  ) throws -> HostArray {
    let graph = Graph()
    let y = layer(graph.constant(try HostArray(values, shape: shape)))
    let state = kernel.isEmpty ? [:] : ["c/kernel": try HostArray(kernel, shape: kernelShape)]
    try graph.check()
    return try ReferenceBackend().value(y, state: state)
  }

  @Test func variablesAreNamedAsKerasNamesThem() throws {
    let graph = Graph()
    let series = graph.placeholder("series", shape: [nil, 9, 3])
    let volumes = graph.placeholder("volumes", shape: [nil, 5, 6, 7, 2])
    let first = Sequential {
      Conv1D(4, kernelSize: 3, strides: 2, padding: .same)
      Conv1DTranspose(6, kernelSize: 2, strides: 3, padding: .same)
    }
    let second = Sequential(name: "encoder") {
      Conv3D(4, kernelSize: [2, 3, 1], strides: [1, 2, 1])
      Conv3DTranspose(3, kernelSize: 2, strides: 2, padding: .same, useBias: false)
    }
    #expect("\(first(series).type) \(second(volumes).type)" == "float32[n, 15, 6] float32[m, 8, 4, 14, 3]")
    #expect(
      graph.variables.map { "\($0.name) \($0.type.shape)" } == [
        "conv1d/kernel [3, 3, 4]", "conv1d/bias [4]", "conv1d_transpose/kernel [2, 6, 4]", "conv1d_transpose/bias [6]",
        "encoder/conv3d/kernel [2, 3, 1, 2, 4]", "encoder/conv3d/bias [4]",
        "encoder/conv3d_transpose/kernel [2, 2, 2, 3, 4]",
      ])
    #expect(first.parameters.count == 4 && second.parameters.count == 3)
    try graph.check()
  }

  @Test func convolutionsOfSeries() throws {
    let series = [1.0, 2, 4, 8, 16]
    let plain = Conv1D(1, kernelSize: 2, name: "c", useBias: false)
    #expect(try value(plain, of: series, [1, 5, 1], kernel: [1, 10], [2, 1, 1]).doubles == [21, 42, 84, 168])
    let same = Conv1D(1, kernelSize: 3, strides: 2, padding: .same, name: "c", useBias: false)
    #expect(try value(same, of: series, [1, 5, 1], kernel: [1, 10, 100], [3, 1, 1]).doubles == [210, 842, 168])
    let apart = Conv1D(1, kernelSize: 2, dilations: 3, name: "c", useBias: false)
    #expect(try value(apart, of: series, [1, 5, 1], kernel: [1, 10], [2, 1, 1]).doubles == [81, 162])
    let causal = Conv1D(1, kernelSize: 3, padding: .explicit([(2, 0)]), name: "c", useBias: false)
    #expect(
      try value(causal, of: series, [1, 5, 1], kernel: [1, 10, 100], [3, 1, 1]).doubles == [100, 210, 421, 842, 1684])
  }

  /// Each element puts the kernel, times itself, at its place; places are the stride apart.
  @Test func transposedConvolutionsOfSeries() throws {
    let valid = Conv1DTranspose(1, kernelSize: 3, strides: 2, name: "c", useBias: false)
    #expect(
      try value(valid, of: [1, 2], [1, 2, 1], kernel: [1, 10, 100], [3, 1, 1]).doubles == [1, 10, 102, 20, 200])
    let same = Conv1DTranspose(1, kernelSize: 3, strides: 2, padding: .same, name: "c", useBias: false)
    #expect(try value(same, of: [1, 2], [1, 2, 1], kernel: [1, 10, 100], [3, 1, 1]).doubles == [1, 10, 102, 20])
    let padded = Conv1DTranspose(
      1, kernelSize: 3, strides: 2, padding: .same, outputPadding: 0, name: "c", useBias: false)
    #expect(try value(padded, of: [1, 2], [1, 2, 1], kernel: [1, 10, 100], [3, 1, 1]).doubles == [10, 102, 20])
  }

  @Test func convolutionsOfVolumes() throws {
    // Digits of a sum tell which places a kernel has met.
    let volume = (0..<8).map { Double($0 + 1) }
    let kernel: [Double] = [1, 10, 100, 1000]
    let plain = Conv3D(1, kernelSize: [2, 1, 2], name: "c", useBias: false)
    let found = try value(plain, of: volume, [1, 2, 2, 2, 1], kernel: kernel, [2, 1, 2, 1, 1])
    #expect(found.shape == [1, 1, 2, 1, 1])
    #expect(found.doubles == [6521, 8743])
    let larger = Conv3DTranspose(1, kernelSize: [1, 2, 1], strides: [1, 2, 1], name: "c", useBias: false)
    let wide = try value(larger, of: [1, 2], [1, 2, 1, 1, 1], kernel: [1, 10], [1, 2, 1, 1, 1])
    #expect(wide.shape == [1, 2, 2, 1, 1])
    #expect(wide.doubles == [1, 10, 2, 20])
  }

  @Test func pooling() throws {
    let series = [3.0, 1, 4, 1, 5]
    #expect(try value(MaxPool1D(), of: series, [1, 5, 1]).doubles == [3, 4])
    #expect(try value(MaxPool1D(poolSize: 3, strides: 1), of: series, [1, 5, 1]).doubles == [4, 4, 5])
    #expect(try value(AveragePool1D(padding: .same), of: series, [1, 5, 1]).doubles == [2, 2.5, 5])
    let volume = (0..<8).map { Double($0) }
    #expect(try value(MaxPool3D(), of: volume, [1, 2, 2, 2, 1]).doubles == [7])
    #expect(try value(AveragePool3D(poolSize: [2, 1, 1]), of: volume, [1, 2, 2, 2, 1]).doubles == [2, 3, 4, 5])
  }

  /// Two examples of two channels.
  @Test func globalPooling() throws {
    let values = [1.0, 10, 3, 20, 5, -1, 7, -3]
    #expect(try value(GlobalAveragePooling1D(), of: values, [2, 2, 2]).doubles == [2, 15, 6, -2])
    #expect(try value(GlobalMaxPooling1D(), of: values, [2, 2, 2]).doubles == [3, 20, 7, -1])
    #expect(try value(GlobalAveragePooling2D(), of: values, [1, 2, 2, 2]).doubles == [4, 6.5])
    #expect(try value(GlobalMaxPooling3D(), of: values, [1, 2, 2, 1, 2]).doubles == [7, 20])
    #expect(try value(GlobalAveragePooling3D(keepDims: true), of: values, [1, 2, 1, 2, 2]).shape == [1, 1, 1, 1, 2])
    // Extents need not be known.
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, nil, nil, 3])
    #expect("\(GlobalMaxPooling2D()(x).shape)" == "[n, 3]")
    try graph.check()
  }

  @Test func zeroPadding() throws {
    #expect(try value(ZeroPadding1D(padding: 2), of: [7], [1, 1, 1]).doubles == [0, 0, 7, 0, 0])
    #expect(try value(ZeroPadding1D([(low: 1, high: 0)]), of: [7, 8], [1, 2, 1]).doubles == [0, 7, 8])
    #expect(
      try value(ZeroPadding2D([(low: 1, high: 0), (low: 0, high: 2)]), of: [7, 8], [1, 1, 2, 1]).doubles
        == [0, 0, 0, 0, 7, 8, 0, 0])
    #expect(try value(ZeroPadding2D(padding: [0, 1]), of: [7, 8], [1, 2, 1, 1]).doubles == [0, 7, 0, 0, 8, 0])
    #expect(try value(ZeroPadding3D(), of: [7], [1, 1, 1, 1, 1]).shape == [1, 3, 3, 3, 1])
  }

  @Test func upSamplingRepeats() throws {
    #expect(try value(UpSampling1D(size: 3), of: [1, 2], [1, 2, 1]).doubles == [1, 1, 1, 2, 2, 2])
    #expect(
      try value(UpSampling2D(size: [2, 3]), of: [1, 10, 2, 20], [1, 1, 2, 2]).doubles
        == [1, 10, 1, 10, 1, 10, 2, 20, 2, 20, 2, 20, 1, 10, 1, 10, 1, 10, 2, 20, 2, 20, 2, 20])
    #expect(
      try value(UpSampling3D(), of: [1, 2], [1, 2, 1, 1, 1]).doubles
        == [Double](repeating: 1, count: 8) + [Double](repeating: 2, count: 8))
  }

  /// Elements lie at half places: of two of distance 2, the four places of a doubled row lie at -1/4, 1/4, 3/4 and 5/4.
  @Test func upSamplingOnLines() throws {
    let doubled = UpSampling2D(size: [1, 2], interpolation: .bilinear)
    #expect(try value(doubled, of: [1, 3], [1, 1, 2, 1]).doubles == [1, 1.5, 2.5, 3])
    let both = UpSampling2D(interpolation: .bilinear)
    #expect(
      try value(both, of: [0, 4, 8, 12], [1, 2, 2, 1]).doubles
        == [0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12])
    let tripled = try value(UpSampling2D(size: [3, 1], interpolation: .bilinear), of: [0, 3, 9], [1, 3, 1, 1]).doubles
    let expected: [Double] = [0, 0, 1, 2, 3, 5, 7, 9, 9]
    #expect(zip(tripled, expected).allSatisfy { abs($0 - $1) < 1e-12 } && tripled.count == 9)
    // A single row has no neighbours.
    #expect(try value(both, of: [5], [1, 1, 1, 1]).doubles == [5, 5, 5, 5])
    // Extents need not be known.
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, nil, 4, 3])
    #expect("\(both(x).shape)" == "[n, 2*m, 8, 3]")
    try graph.check()
  }

  @Test func gradients() throws {
    let layers: [(any Layer, [Int])] = [
      (Conv1D(2, kernelSize: 3, strides: 2, padding: .same, activation: tanh), [2, 5, 2]),
      (Conv1DTranspose(2, kernelSize: 3, strides: 2, activation: tanh), [2, 3, 2]),
      (Conv3D(2, kernelSize: [2, 1, 2], strides: [1, 2, 1], padding: .same, activation: tanh), [1, 2, 3, 2, 2]),
      (Conv3DTranspose(1, kernelSize: 2, strides: 2, activation: tanh), [1, 2, 1, 2, 2]),
      (AveragePool1D(padding: .same), [1, 5, 2]), (MaxPool3D(), [1, 2, 2, 3, 2]),
      (GlobalMaxPooling2D(), [2, 3, 2, 2]), (ZeroPadding2D(), [1, 2, 2, 2]),
      (UpSampling2D(size: [2, 3], interpolation: .bilinear), [1, 3, 2, 2]), (UpSampling1D(size: 3), [2, 3, 2]),
    ]
    for (layer, shape) in layers {
      let error = try largestLayerGradientError(inputs: [shape], parameters: { layer.parameters }) { layer($0[0]) }
      #expect(error < 1e-6, "\(type(of: layer))")
    }
  }
}

/// One case a mistake.
@Suite struct SpatialLayerErrorTests {
  private func mistake(_ shape: [Int?], _ layer: some Layer, dtype: DType = .float32) -> String? {
    let graph = Graph()
    _ = layer(graph.placeholder("x", shape: shape, dtype: dtype))
    return graph.diagnostics.first?.message
  }

  @Test func convolutions() {
    #expect(
      mistake([nil, 8, 3], Conv1D(2, kernelSize: 0))
        == "Conv1D(2, kernelSize: 0) would have 2 filters of the size 0; it needs at least 1, and one extent of at least 1."
    )
    #expect(
      mistake([nil, 8, 8, 3], Conv1D(2, kernelSize: 3))
        == "Conv1D(2, kernelSize: 3) cannot be applied to float32[n, 8, 8, 3]: its input is series [n, steps, channels] with "
        + "a known number of channels.")
    #expect(
      mistake([nil, nil, 3], Conv1D(2, kernelSize: 3))
        == "'conv1D' of float32[n, m, 3] and the kernel float32[3, 3, 2]: series are [n, steps, channels] and kernels have "
        + "as many axes, both of a fixed number of steps.")
    #expect(
      mistake([nil, 4, 4, 4, 3], Conv3D(2, kernelSize: [3, 3]))
        == "Conv3D(2, kernelSize: [3, 3]) would have 2 filters of the size [3, 3]; it needs at least 1, and three extents "
        + "of at least 1.")
    #expect(
      mistake([nil, 8, 3], Conv1DTranspose(2, kernelSize: 3, strides: 0))
        == "'conv1DTranspose' with strides [0] and dilations [1]: both are one number of at least 1.")
    #expect(
      mistake([nil, 8, 3], Conv1D(2, kernelSize: 3, padding: .explicit([])))
        == "'conv1D' needs a padding for each spatial axis, that is one pair.")
  }

  @Test func pooling() {
    #expect(
      mistake([nil, 8], MaxPool1D())
        == "'maxPool1D' of float32[n, 8] with windows [2] and strides [2]: it takes series [n, steps, channels] of a fixed "
        + "number of steps, and a size, a stride and a padding for each axis of the window.")
    #expect(
      mistake([nil, 8, 3], GlobalMaxPooling2D())
        == "GlobalMaxPooling2D() cannot be applied to float32[n, 8, 3]: its input is images [n, height, width, channels] of "
        + "floating point.")
  }

  @Test func paddingAndUpSampling() {
    #expect(
      mistake([nil, 8, 3], ZeroPadding1D(padding: -1))
        == "ZeroPadding1D([(-1, -1)]) cannot be applied to float32[n, 8, 3]: its input is series [n, steps, channels], and "
        + "it takes one pair of numbers of at least 0.")
    #expect(
      mistake([nil, 8, 8, 3], UpSampling2D(size: [2, 0]))
        == "'upSample2D' of float32[n, 8, 8, 3] by [2, 0]: it takes images [n, height, width, channels], and two factors of "
        + "at least 1.")
    #expect(
      mistake([nil, 8, 8, 3], UpSampling2D(interpolation: .bilinear), dtype: .uint8)
        == "'upSample2D' of uint8[n, 8, 8, 3]: values between its elements are floating point; convert it with "
        + "cast(to: .float32).")
  }
}
