import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors in blocks, each with a bijector of its own.
  ///
  ///     log |det dy/dx| = sum over the blocks of log |det|
  public struct Blockwise: Bijector {
    /// The bijectors, of numbers or of vectors.
    public let bijectors: [any Bijector]
    /// The extents of the blocks of x; those of y can be others.
    public let blockSizes: [Int]
    public let traits: BijectorTraits
    public var parts: [any Bijector] { bijectors }

    /// A map for blocks of the extents given, all 1 if they are left out.
    public init(_ bijectors: [any Bijector], blockSizes: [Int]? = nil, name: String? = nil) {
      self.bijectors = bijectors
      self.blockSizes = blockSizes ?? bijectors.map { _ in 1 }
      traits = BijectorTraits(
        "Blockwise", name: name, forwardMinEventNDims: 1,
        isConstantJacobian: bijectors.allSatisfy(\.isConstantJacobian))
    }

    /// The extents of the blocks of y.
    private func outputSizes() throws(OperandError) -> [Int] {
      guard blockSizes.count == bijectors.count, blockSizes.allSatisfy({ $0 >= 1 }), !bijectors.isEmpty else {
        throw OperandError(
          .invalidArgument, "its \(bijectors.count) bijectors do not fit blocks of the sizes \(blockSizes)")
      }
      var sizes: [Int] = []
      for (bijector, size) in zip(bijectors, blockSizes) {
        let shape = try bijector.nestedEventShape([Dimension(size)], .forward)
        guard shape.rank == 1, let value = shape[0].value else {
          throw OperandError(.shape, "\(bijector) makes events of shape \(shape) of a block, but has to make vectors")
        }
        sizes.append(value)
      }
      return sizes
    }

    private func blocks(_ x: Tensor) -> [(any Bijector, Tensor)] {
      [(any Bijector, Tensor)](zip(bijectors, splitSizes(x, blockSizes)))
    }
    private func inverseBlocks(_ y: Tensor) -> [(any Bijector, Tensor)] {
      [(any Bijector, Tensor)](zip(bijectors, splitSizes(y, (try? outputSizes()) ?? [])))
    }
    private func total(_ logDets: [Tensor]) -> Tensor? {
      logDets.first.map { first in logDets.dropFirst().reduce(first, +) }
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      concatenate(aligned(blocks(x).map { $0.forward($1) }), axis: -1)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      concatenate(aligned(inverseBlocks(y).map { $0.inverse($1) }), axis: -1)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      total(blocks(x).map { $0.forwardLogDetJacobian($1, eventNDims: 1) })
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      total(inverseBlocks(y).map { $0.inverseLogDetJacobian($1, eventNDims: 1) })
    }

    /// The blocks with their batch axes broadcast, for the parameters of one may have more than those of another.
    private func aligned(_ blocks: [Tensor]) -> [Tensor] {
      guard let graph = blocks.first?.graph, blocks.allSatisfy(\.isValid),
        let batch = graph.broadcastShape(blocks.map { $0.shape.dropLast(1) })
      else { return blocks }
      return blocks.map { $0.broadcast(to: batch + $0.shape.suffix(1)) }
    }

    private static func checked(_ shape: Shape, _ from: [Int], to: [Int]) throws(OperandError) -> Shape {
      let total = from.reduce(0, +)
      guard shape[-1].canEqual(Dimension(total)) else {
        throw OperandError(.shape, "its last axis must have the extent \(total) of all blocks together")
      }
      return [Dimension(to.reduce(0, +))]
    }

    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.checked(shape, blockSizes, to: outputSizes())
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.checked(shape, outputSizes(), to: blockSizes)
    }
  }
}
