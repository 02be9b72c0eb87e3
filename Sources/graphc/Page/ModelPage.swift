import Elbow

/// `graphc inspect --html`: a model on one page that needs nothing else, no network either.
struct ModelPage {
  let model: Model
  let batchSize: Int

  /// The page.
  ///
  /// - Throws: `ElbowError` if a signature cannot be scheduled.
  func text() throws -> String {
    let report = try ModelReport(model, batchSize: batchSize)
    let sections = try model.signatures.map { try section($0) }
    let page = HTML.tag(
      "html", ["lang": "en"],
      [
        .tag("head", [:], head),
        .tag("body", [:], [header(report), .tag("main", [:], sections + [variables]), .literal(PageStyle.script)]),
      ])
    var text = "<!DOCTYPE html>\n"
    page.print(to: &text)
    return text + "\n"
  }

  private var head: [HTML] {
    [
      .literal("<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
      // Names come from files: should one ever get past the escaping, it could still load nothing.
      .literal(
        """
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'unsafe-inline'">
        """),
      .tag("title", [:], model.name), .literal(PageStyle.style),
    ]
  }

  private func header(_ report: ModelReport) -> HTML {
    let facts = [
      ("parameters", report.parameters.grouped), ("bytes of state", report.stateBytes.grouped),
      ("signatures", "\(model.signatures.count)"), ("batch", "\(batchSize)"), ("data", model.dataset ?? "none named"),
    ]
    return .tag(
      "header", [:],
      [
        .tag("h1", [:], model.name),
        .tag(
          "div", ["class": "facts"],
          facts.map { .tag("div", [:], [.tag("b", [:], $0.1), .tag("span", [:], $0.0)]) }),
        .tag(
          "nav", [:],
          model.signatures.enumerated().map { .tag("a", ["href": "#s\($0.offset)"], $0.element.name) }
            + [.tag("a", ["href": "#variables"], "variables")]),
      ])
  }

  private func section(_ signature: Signature) throws -> HTML {
    let number = model.signatures.firstIndex { $0.name == signature.name } ?? 0
    let built = try model.graph.program(signature).withLocations()
    let schedule = try SchedulePipeline().run(Pipeline().run(built))
    let symbols = Extents(schedule.program, batchSize: batchSize).symbols
    let analysis = try ScheduleAnalysis(schedule, symbols: symbols)
    func list(_ values: [(String, String)]) -> String {
      values.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
    }
    let inputs = list(built.inputs.map { ($0.name, "\($0.type)") })
    let outputs = list(built.outputs.map { ($0.name, "\(built.type($0.node))") })
    return .tag(
      "section", ["id": "s\(number)"],
      [
        .tag("h2", [:], signature.name),
        .tag("p", ["class": "types"], "(\(inputs)) -> (\(outputs))"),
        .tag("h3", [:], "Layers"), LayerTree(built, signature: number).html,
        .tag("h3", [:], "Kernels"), KernelDrawing(schedule, analysis, signature: number).html,
        .fold([.text("costs of \(analysis.kernels.count) kernels")], isOpen: true, [costs(schedule, analysis)]),
        .tag("h3", [:], "Memory"), MemoryDrawing(schedule, analysis, symbols: symbols).html,
      ])
  }

  private func costs(_ schedule: Schedule, _ analysis: ScheduleAnalysis) -> HTML {
    let most = max(analysis.kernels.map(\.cost.flops).max() ?? 0, 1)
    let boxes = schedule.kernelBoxes
    let rows = analysis.kernels.map { kernel -> [HTML] in
      let share = (kernel.cost.flops / most * 100).fixed(1)
      return [
        .text("k\(kernel.number)"), .text("\(kernel.stage)"),
        .text(boxes[kernel.number]),
        .tag("div", ["class": "wide"], kernel.operations.joined(separator: ", ")),
        .tag(
          "div", ["class": "bar"],
          [.tag("i", ["style": "width:\(share)%"]), .tag("span", [:], kernel.cost.flops.whole)]),
        .text(kernel.cost.bytes.whole), .text(kernel.cost.intensity.fixed(2)),
        .text(kernel.places.prefix(3).joined(separator: ", ")),
      ]
    }
    return .table(["kernel", "stage", "scope or line", "operations", "FLOPs", "bytes", "FLOP/byte", "lines"], rows)
  }

  private var variables: HTML {
    let rows = model.graph.variables.map { variable -> [HTML] in
      let count = variable.type.shape.elementCount.value ?? 0
      return [
        .text(variable.name), .text("\(variable.type)"), .text(variable.role.rawValue), .text(count.grouped),
        .text((count * variable.type.dtype.byteCount).grouped),
      ]
    }
    return .tag(
      "section", ["id": "variables"],
      [.tag("h2", [:], "Variables"), .table(["name", "type", "role", "elements", "bytes"], rows)])
  }
}

extension Schedule {
  /// The box of each kernel, `encoder/hidden`: the scope that most of its operations belong to, or where none has one, the line of
  /// the source.
  var kernelBoxes: [String] {
    let (scopes, boxes) = (program.scopes, program.boxes.map { $0.joined(separator: "/") })
    func most(_ names: [String]) -> String? {
      let counts = names.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
      return counts.filter { !$0.key.isEmpty }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
    return kernels.map { kernel in most(kernel.nodes.map { scopes[$0] }) ?? most(kernel.nodes.map { boxes[$0] }) ?? "" }
  }
}
