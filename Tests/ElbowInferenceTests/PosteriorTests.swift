import Elbow
import ElbowArrays
import ElbowInference
import Testing

/// Models with known posteriors: their densities at given points, and what chains of theirs come to.
@Suite(.serialized) struct PosteriorTests {
  private func compiled(_ reference: ReferencePosterior) throws -> (PosteriorModels.Entry, CompiledPosterior) {
    let entry = try #require(PosteriorModels.all[reference.name])
    let data = try entry.prepare(reference.data())
    return (entry, try entry.model.compile(data, cache: TestCache.cache(), options: BuildOptions(optimization: 1)))
  }

  @Test(arguments: ReferencePosterior.all) func theLogDensityIsThatOfOtherSystems(_ reference: ReferencePosterior)
    throws
  {
    let (_, posterior) = try compiled(reference)
    var first: Double?
    for point in try reference.points() {
      let (position, change) = try posterior.unconstrain(point.values)
      let (value, gradient) = try posterior.logDensity(at: position)
      let density = value - change
      let base = first ?? density
      first = base
      let tolerance = 1e-9 * max(1, abs(density), abs(base), abs(point.logDensity))
      #expect(abs(density - base - point.logDensity) <= tolerance, "\(reference.name) at \(point.values)")
      try expectGradient(posterior, position, gradient)
    }
  }

  /// The gradient is that of central differences, where these are of any use.
  private func expectGradient(_ posterior: CompiledPosterior, _ position: [Double], _ gradient: [Double]) throws {
    for index in position.indices.prefix(8) {
      let step = 1e-5 * max(1, abs(position[index]))
      func value(_ offset: Double) throws -> Double {
        var moved = position
        moved[index] += offset
        return try posterior.logDensity(at: moved).value
      }
      let (coarse, fine) = (
        (try value(step) - value(-step)) / (2 * step), (try value(step / 2) - value(-step / 2)) / step
      )
      let tolerance = 1e-4 * max(1, abs(gradient[index])) + 20 * abs(coarse - fine)
      #expect(abs(fine - gradient[index]) <= tolerance, "number \(index) of \(gradient)")
    }
  }

  @Test(arguments: ReferencePosterior.all) func chainsFindTheReferenceMoments(_ reference: ReferencePosterior) throws {
    let (entry, compiled) = try compiled(reference)
    var options = SamplerOptions()
    options.seed = 20_261_201
    options.targetAcceptance = entry.targetAcceptance
    options.metric = entry.metric
    let posterior = try compiled.sample(options)
    if entry.diverges {
      #expect(posterior.divergenceCount > 0)
      #expect(posterior.summary.warnings.contains { $0.contains("diverged") })
      return
    }
    for moments in try reference.moments() {
      let draws = try #require(self.draws(of: moments.name, posterior), "no '\(moments.name)'")
      let squares = draws.map { $0.map { $0 * $0 } }
      for (what, values, mean, error) in [
        ("mean", draws, moments.mean, moments.meanError),
        ("square", squares, moments.meanSquare, moments.meanSquareError),
      ] {
        let own = Diagnostics.meanError(values)
        let found = values.joined().reduce(0, +) / Double(values.joined().count)
        let distance = abs(found - mean) / (own * own + error * error).squareRoot()
        #expect(distance < 4, "\(moments.name), \(what): \(found), expected \(mean)")
      }
      #expect(Diagnostics.rHat(draws) < 1.01, "\(moments.name)")
      #expect(min(Diagnostics.bulkESS(draws), Diagnostics.tailESS(draws)) >= 400, "\(moments.name)")
    }
  }

  /// `theta[3]` counts from 1, `tau` has no elements.
  private func draws(of name: String, _ posterior: Posterior) -> [[Double]]? {
    let parts = name.split(separator: "[")
    guard let variable = posterior[String(parts[0])] else { return nil }
    let element = parts.count == 2 ? Int(parts[1].dropLast()) : 1
    return element.map { variable.draws(of: $0 - 1) }
  }
}
