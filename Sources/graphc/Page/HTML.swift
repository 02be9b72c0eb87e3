/// A piece of a page.
///
/// Text and attributes are escaped when the page is printed, so that names from a graph file stay text, whatever they hold.
/// Text that is printed as it is can only be a literal of the program.
indirect enum HTML {
  case text(String)
  case literal(StaticString)
  case element(String, attributes: [(name: String, value: String)], children: [HTML])
  case group([HTML])

  /// An element; its name and its attributes' names are the program's own.
  static func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: [HTML] = []
  ) -> HTML {
    .element("\(name)", attributes: attributes.map { ("\($0.key)", $0.value) }, children: children)
  }

  /// An element with nothing but text in it.
  static func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ text: String
  ) -> HTML {
    tag(name, attributes, [.text(text)])
  }

  /// A table with a row of headings, which scrolls where the window is narrower.
  static func table(_ headings: [String], _ rows: [[HTML]]) -> HTML {
    scrolling(
      tag(
        "table", [:],
        [
          tag("thead", [:], [tag("tr", [:], headings.map { tag("th", [:], $0) })]),
          tag("tbody", [:], rows.map { row in tag("tr", [:], row.map { tag("td", [:], [$0]) }) }),
        ]))
  }

  /// Something wide, which scrolls by itself where the window is narrower, so that the page does not.
  static func scrolling(_ content: HTML) -> HTML { tag("div", ["class": "scroll", "tabindex": "0"], [content]) }

  /// A part of the page that opens and closes.
  static func fold(_ summary: [HTML], isOpen: Bool = false, _ children: [HTML]) -> HTML {
    let content = [tag("summary", [:], summary)] + children
    return isOpen ? tag("details", ["open": ""], content) : tag("details", [:], content)
  }

  func print(to text: inout String) {
    switch self {
    case .text(let content): text += HTML.escaped(content)
    case .literal(let content): text += "\(content)"
    case .group(let parts): for part in parts { part.print(to: &text) }
    case .element(let name, let attributes, let children):
      text += "<\(name)"
      for attribute in attributes { text += " \(attribute.name)=\"\(HTML.escaped(attribute.value))\"" }
      text += ">"
      for child in children { child.print(to: &text) }
      text += "</\(name)>"
    }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters are not allowed in HTML, not even escaped.
      case _ where scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Double {
  /// A number with thousands set apart, rounded to a whole.
  var whole: String { magnitude < 1e15 ? Int(rounded()).grouped : "\(self)" }

  /// A coordinate of a drawing.
  var coordinate: String { fixed(1) }
}
