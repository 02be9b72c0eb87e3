import Elbow
import Foundation
import Testing

@testable import graphc

/// `graphc inspect --html`, and the line that shows progress.
@Suite struct PageTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func pagesNeedNothingElse() throws {
    let written = try graphc("inspect", "cs20-regression", "--html", "page.html", "--json")
    #expect(written.status == 0, "\(written.errors)")
    let page = String(decoding: try graphc.contents("page.html"), as: UTF8.self)
    #expect(try written.json["bytes"] as? Int == page.utf8.count)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    for address in ["http:", "https:", "src=", "@import", "url("] { #expect(!page.contains(address), "\(address)") }
    for part in [
      "<h2>train</h2>", "<h2>predict</h2>", "hidden/kernel", "class=\"kernel\"", "stage 0", "arena, by stage",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    // Narrow windows scroll what is wide, and nothing lies in a box without a name.
    #expect(page.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""))
    for wide in ["<table>", "<svg "] {
      let places = page.components(separatedBy: wide).dropLast()
      #expect(!places.isEmpty && places.allSatisfy { $0.hasSuffix("<div class=\"scroll\" tabindex=\"0\">") }, "\(wide)")
    }
    #expect(page.contains("<b>inputs</b>") && page.contains("<b>hidden</b>"))
    #expect(!page.contains("<div class=\"layers\"><details><summary><span class=\"note\">"))
    #expect(try graphc("inspect", "cs20-regression", "--html", "no-such-folder/page.html").status == 1)
    #expect(try graphc("inspect", "cs20-regression", "--html", "x.html", "--dot").status == 64)
  }

  /// A graph file's names are text on the page, never markup.
  @Test func namesAreEscaped() throws {
    let graph = Graph()
    let name = "<script>alert('1')</script>&\"\u{202E}"
    let x = graph.placeholder(name, shape: [nil, 2])
    let weight = graph.scope("<b onclick=\"x\">") { graph.variable(name, initialValue: graph.ones([2, 2])) }
    let model = try Model(
      name: name, graph: graph, dataset: name,
      signatures: [Signature(name, outputs: [name: matmul(x, weight)]), Signature("two", outputs: [name: x * 2])])
    let page = try ModelPage(model: model, batchSize: 4).text()
    #expect(!page.contains("<script>alert") && !page.contains("<b onclick"))
    #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"))
    #expect(page.components(separatedBy: "<script>").count == 2)
  }

  @Test func controlCharactersAreReplaced() {
    var text = ""
    HTML.tag("p", ["title": "a\u{0}\"b"], "\u{1B}[0m\n").print(to: &text)
    #expect(text == "<p title=\"a\u{FFFD}&quot;b\">\u{FFFD}[0m\n</p>")
  }

  @Test func progressFitsTheTerminal() {
    let line = ProgressLine(
      epoch: 3, epochs: 20, step: 15, steps: 45, losses: [("nll", 170.25), ("kl", 4.5), ("loss", 174.75)],
      examplesPerSecond: 41_200.7, secondsLeft: 3725)
    #expect(
      line.text(width: 120)
        == "epoch 3/20 [=========>                    ] 15/45  nll 170.250  kl 4.500  loss 174.750  41,200/s  "
        + "ETA 1:02:05")
    for width in 0..<140 { #expect(line.text(width: width).count <= width) }
    #expect(line.text(width: 80).contains("loss 174.750") && line.text(width: 80).contains("ETA 1:02:05"))
    #expect(line.text(width: 40).contains("ETA"))
    var done = line
    (done.step, done.secondsLeft, done.examplesPerSecond) = (45, .nan, .infinity)
    #expect(
      done.text(width: 120).contains("[==============================] 45/45")
        && done.text(width: 120).hasSuffix("0:00"))
    done.steps = 0
    #expect(
      done.text(width: 120)
        == "epoch 3/20 [==============================] 45/0  nll 170.250  kl 4.500  loss 174.750  0/s  ETA 0:00")
  }
}
