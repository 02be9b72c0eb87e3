import ElbowArrays
import ElbowGraph

/// A convolution, or its gradient by the kernel, that `elbow_winograd.h` computes with fewer multiplications: where that pays,
/// and what it needs.
///
/// Both are sums over a view of windows, `left[s y + u, s x + v]` with a stride s. A convolution is the sum over the kernel's
/// places u, v and makes an image; the gradient by its kernel is the sum over the image's positions y, x and makes a kernel.
package struct WinogradConvolution: Sendable, Hashable {
  package enum Result: Sendable, Hashable { case image, kernel }

  /// An axis of the windows, or the channels.
  package struct Axis: Sendable, Hashable {
    package var extent: Int
    /// The step of the left operand.
    package var left: Int
    /// The step of the right operand for what is summed over, else that of the result.
    package var other: Int
  }

  package let result: Result
  /// The positions of the image, vertical and horizontal.
  package let positions: [Axis]
  /// The kernel's places.
  package let places: [Axis]
  package let stride: Int
  package let channels: Axis
  package let filters: Int
  /// The loop over images, if there are several. Of a single one, threads share the rows.
  package let images: Loop?

  /// - Returns: nil where the kernel is something else, or where it would not be faster.
  package init?(_ kernel: Kernel, _ body: ContractionBody) {
    let batch = kernel.isPartial || body.rows.count == 3 ? kernel.partition : nil
    func axes(_ loops: [Int], _ other: Access) -> [Axis]? {
      let axes = loops.filter { $0 != batch?.id }.compactMap { id -> Axis? in
        guard let extent = kernel.loops.first(where: { $0.id == id })?.extent.value,
          let left = (body.left.index.coefficients[id] ?? 0).value, let step = (other.index.coefficients[id] ?? 0).value
        else { return nil }
        return Axis(extent: extent, left: left, other: step)
      }
      return axes.count == loops.filter { $0 != batch?.id }.count ? axes : nil
    }
    guard body.dtype == .float32, kernel.epilogue.isEmpty, let column = body.columns.first, body.columns.count == 1,
      body.right.index.coefficients[column] == 1, body.result.index.coefficients[column] == 1,
      let filters = kernel.loops.first(where: { $0.id == column })?.extent.value,
      let rows = axes(body.rows, body.result), let contracted = axes(body.contracted, body.right),
      kernel.loops.count == body.rows.count + body.contracted.count + 1
    else { return nil }
    let form: Result
    if rows.count == 2, batch.map({ body.rows.contains($0.id) }) ?? true {
      form = .image
    } else if contracted.count == 2, batch.map({ kernel.isPartial && body.contracted.contains($0.id) }) ?? true {
      form = .kernel
    } else {
      return nil
    }
    let positions = (form == .image ? rows : contracted).sorted { $0.left > $1.left }
    guard let (places, channels) = WinogradConvolution.split(form == .image ? contracted : rows, like: positions),
      let vertical = places.first, let horizontal = places.last
    else { return nil }
    (self.result, self.positions, self.places, self.channels) = (form, positions, places, channels)
    stride = positions[0].left / vertical.left
    guard stride * horizontal.left == positions[1].left else { return nil }
    if batch == nil, let divided = kernel.partition {
      guard (body.left.index.coefficients[divided.id] ?? 0).value == positions[0].left else { return nil }
    }
    (self.filters, self.images) = (filters, batch)
    guard isWorthwhile else { return nil }
  }

  /// The axes over a kernel's places, vertical and horizontal, and the channels. The channels may lie in one loop with the
  /// horizontal places.
  private static func split(_ axes: [Axis], like positions: [Axis]) -> ([Axis], Axis)? {
    guard positions[0].left > positions[1].left, positions[1].left > 0,
      let vertical = axes.max(by: { $0.left < $1.left }), vertical.left > 0
    else { return nil }
    let (stride, remainder) = positions[0].left.quotientAndRemainder(dividingBy: vertical.left)
    guard (1...mostStride).contains(stride), remainder == 0, positions[1].left % stride == 0 else { return nil }
    let (rest, step) = (axes.filter { $0 != vertical }, positions[1].left / stride)
    if rest.count == 2, let horizontal = rest.first(where: { $0.left == step }),
      let channels = rest.first(where: { $0.left == 1 }), channels != horizontal
    {
      return ([vertical, horizontal], channels)
    }
    guard rest.count == 1, rest[0].left == 1, rest[0].extent % step == 0 else { return nil }
    let horizontal = Axis(extent: rest[0].extent / step, left: step, other: rest[0].other * step)
    return ([vertical, horizontal], Axis(extent: step, left: 1, other: rest[0].other))
  }

  // MARK: Cost

  /// The images that a tile should have at least: the kernel's patches are made anew for each tile. `EL_WINOGRAD_IMAGES` in C: tiles
  /// that sums over images are divided into have a multiple of it.
  package static let leastRows = 8

  private static let mostStride = 2
  /// Channels and filters come in pairs of the largest vectors.
  private static let channelMultiple = 32
  /// A kernel's points that leave the caches would be read from memory for every few patches, and each thread has its own.
  private static let mostBytes = 8 << 20

  /// The numbers along an axis that a patch is brought to. With a stride there are fewer taps, and smaller patches fit better.
  package var points: Int { stride == 1 ? 8 : 6 }

  /// The kernel's places in one phase, along both axes.
  package var taps: [Int] { places.map { ($0.extent + stride - 1) / stride } }

  /// The yield of a patch along both axes: outputs for an image, taps taken in for a kernel.
  private var steps: [Int] { taps.map { points + 1 - $0 } }

  /// The unit in which threads share a single image's rows: whole patches, so that those are the same for any number of them.
  package var grain: Int { images == nil ? steps[0] : 1 }

  /// The patches of an image.
  private var patchCount: Int { zip(positions, steps).map { ($0.extent + $1 - 1) / $1 }.reduce(1, *) }

  /// The channels of all phases.
  private var allChannels: Int { stride * stride * channels.extent }

  /// The patches that are computed at a time: as many as a few tiles of the product have rows.
  package var patches: Int { 24 }

  /// The multiplications that are carried out, as a share of the products that there are.
  package var share: Double {
    Double(patchCount * points * points * stride * stride) / Double((positions + places).map(\.extent).reduce(1, *))
  }

  /// `F(4 x 4, 5 x 5)`: the outputs and the taps of a patch, as the literature writes it.
  package var notation: String {
    let (outputs, taps) = result == .image ? (steps, taps) : (taps, steps)
    return "F(\(outputs[0]) x \(outputs[1]), \(taps[0]) x \(taps[1]))" + (stride > 1 ? ", stride \(stride)" : "")
  }

  /// Estimated against every product carried out, in cycles an image with vectors of 16 lanes: two multiply-adds a cycle at
  /// what the building block reaches, and what reading and writing patches was measured to take.
  ///
  /// Small products are added up with so little rounding error that this one's would stand out, and gain little.
  private var isWorthwhile: Bool {
    guard taps.allSatisfy({ (3...6).contains($0) }), steps.allSatisfy({ $0 > 1 }),
      [channels.extent, filters].allSatisfy({ $0.isMultiple(of: WinogradConvolution.channelMultiple) }),
      byteCount <= WinogradConvolution.mostBytes
    else { return false }
    let area = Double(points * points)
    let (inputs, outputs) = (Double((allChannels + 15) / 16), Double((filters + 15) / 16))
    let patch = area * (4 * inputs + 2.4 * outputs + Double(allChannels * filters) / 32 / 0.85)
    // The kernel's own patches, once for about eight images, or for a single one by each thread.
    let once = area * 3 * Double(allChannels) * outputs * (images == nil ? 2 : 0.125)
    let direct = Double((positions + places).map(\.extent).reduce(1, *) * channels.extent * filters) / 32 / 0.9
    return Double(patchCount) * patch + once < 0.7 * direct
  }

  /// The bytes that a thread needs while it runs.
  package var byteCount: Int {
    [allChannels * filters, patches * allChannels, patches * filters]
      .map { WinogradConvolution.pitch($0) * points * points * DType.float32.byteCount }.reduce(0, +)
  }

  /// As `el_winograd_pitch` has it.
  private static func pitch(_ count: Int) -> Int { (count + 15) / 16 * 16 + 16 }
}
