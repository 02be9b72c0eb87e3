/// The line that shows how far training is, no wider than the terminal.
struct ProgressLine {
  var epoch: Int
  var epochs: Int
  var step: Int
  var steps: Int
  /// The means of the epoch so far, in the order in which they are shown.
  var losses: [(name: String, value: Double)]
  var examplesPerSecond: Double?
  /// Until the last epoch is done.
  var secondsLeft: Double?

  /// The line: what fits of it. The bar shrinks first, then go the parts of the loss, the speed, and the steps.
  func text(width: Int) -> String {
    let head = "epoch \(epoch)/\(epochs)"
    let count = "\(step)/\(steps)"
    let figures = losses.map { "\($0.name) \($0.value.fixed(3))" }
    let speed = examplesPerSecond.map { "\(Int($0.isFinite ? min($0, 1e15) : 0).grouped)/s" }
    let time = secondsLeft.map { "ETA \(ProgressLine.clock($0))" }
    let total = figures.suffix(1)
    let candidates: [[String]] = [
      [count] + figures + [speed, time].compactMap { $0 },
      [count] + total + [speed, time].compactMap { $0 },
      [count] + total + [time].compactMap { $0 },
      total + [time].compactMap { $0 },
      Array(total),
    ]
    for candidate in candidates {
      let rest = candidate.joined(separator: "  ")
      let room = width - head.count - rest.count - 4
      if room >= 12 { return "\(head) \(bar(min(room - 2, 30))) \(rest)" }
      if room >= -1, candidate.count <= 3 { return "\(head)  \(rest)" }
    }
    return String(head.prefix(max(width, 0)))
  }

  private func bar(_ length: Int) -> String {
    let filled = min(length * step / max(steps, 1), length)
    let isDone = filled == length
    let done = String(repeating: "=", count: isDone ? filled : max(filled - 1, 0)) + (isDone || filled == 0 ? "" : ">")
    return "[" + done + String(repeating: " ", count: length - filled) + "]"
  }

  /// Minutes and seconds, `1:05`, with hours if there are any, `2:03:04`.
  static func clock(_ seconds: Double) -> String {
    let all = Int(min(max(seconds.isFinite ? seconds.rounded() : 0, 0), 3.6e8))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (all / 3600, all / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(all % 60))" : "\(minutes):\(two(all % 60))"
  }
}
