import ElbowData

/// Random choices that depend on nothing but a seed and the number of what they are made for.
struct RandomChoices {
  private var generator: SplitMix64

  /// Choices of their own for each pair of numbers.
  init(seed: UInt64, number: Int, purpose: UInt64 = 0) {
    var mixer = SplitMix64(seed: seed)
    var second = SplitMix64(seed: mixer.next() ^ UInt64(truncatingIfNeeded: number))
    generator = SplitMix64(seed: second.next() ^ purpose)
  }

  /// 64 random bits.
  mutating func bits() -> UInt64 { generator.next() }

  /// A number from 0 up to a bound, which is at least 1.
  mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(max(1, bound))) }

  mutating func integer(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// A number from 0 to 1.
  mutating func unit() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  /// True with a probability.
  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// One of several, each equally likely; nil if there are none.
  mutating func pick<T>(from choices: [T]) -> T? { choices.isEmpty ? nil : choices[below(choices.count)] }

  /// One of several, each equally likely.
  mutating func pick<T>(_ first: T, _ others: T...) -> T {
    let index = below(others.count + 1)
    return index == 0 ? first : others[index - 1]
  }

  /// One of several with probabilities in proportion to their weights; nil if all weights are 0.
  mutating func pick<T>(from choices: [T], weight: (T) -> Int) -> T? {
    let total = choices.reduce(0) { $0 + weight($1) }
    guard total > 0 else { return nil }
    var rest = below(total)
    for choice in choices {
      rest -= weight(choice)
      if rest < 0 { return choice }
    }
    return nil
  }

  /// The elements in a random order.
  mutating func shuffled<T>(_ elements: [T]) -> [T] {
    var result = elements
    for index in result.indices.reversed() { result.swapAt(index, below(index + 1)) }
    return result
  }
}
