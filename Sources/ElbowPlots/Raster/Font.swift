/// The built-in typeface: letters on a grid of 5 by 7 dots, two more below the line, drawn as strokes from dot to dot, so
/// that they are smooth at any size.
enum Font {
  /// A dot's distance to the next at text size 1.
  static let pitch = 1.0
  /// From the top of capitals to the base line, in dots.
  static let ascent = 6.0
  /// A line's height, in dots.
  static let lineHeight = 11.0

  /// The strokes of a text at the origin, its base line at y = 0, in dots; and how far it reaches to the right. Names come from
  /// files: a line ends after 400 characters.
  static func strokes(_ text: String) -> (segments: [Segment], width: Double) {
    var segments: [Segment] = []
    var left = 0.0
    for character in text.prefix(400) {
      let glyph = glyphs[character] ?? unknown
      segments += glyph.segments.map {
        Segment(Point($0.start.x + left, $0.start.y - ascent), Point($0.end.x + left, $0.end.y - ascent))
      }
      left += glyph.width + 2
    }
    return (segments, max(left - 2, 0))
  }

  private struct Glyph {
    var segments: [Segment]
    var width: Double

    /// Joins neighbouring dots: diagonally only where no other way leads around the corner.
    init(_ rows: [Int]) {
      func isSet(_ x: Int, _ y: Int) -> Bool {
        rows.indices.contains(y) && x < 5 && x >= 0 && rows[y] >> (4 - x) & 1 == 1
      }
      let dots = rows.indices.flatMap { y in (0..<5).filter { isSet($0, y) }.map { (x: $0, y: y) } }
      let first = dots.map(\.x).min() ?? 0
      width = Double((dots.map(\.x).max() ?? 2) - first)
      segments = []
      func point(_ x: Int, _ y: Int) -> Point { Point(Double(x - first), Double(y)) }
      for (x, y) in dots {
        var isAlone = true
        for (dx, dy) in [(1, 0), (0, 1), (1, 1), (-1, 1), (-1, 0), (0, -1), (-1, -1), (1, -1)]
        where isSet(x + dx, y + dy) {
          let turnsCorner = dx != 0 && dy != 0 && (isSet(x + dx, y) || isSet(x, y + dy))
          if turnsCorner { continue }
          isAlone = false
          // Each pair once: to the right, or down.
          if dy > 0 || (dy == 0 && dx > 0) { segments.append(Segment(point(x, y), point(x + dx, y + dy))) }
        }
        if isAlone { segments.append(Segment(point(x, y), point(x, y))) }
      }
    }
  }

  /// The glyph for characters that the typeface lacks.
  private static let unknown = Glyph([31, 17, 17, 17, 17, 17, 31])

  /// A character and its rows from the top, each a digit to the base 32 whose bits are dots.
  private static let table = """
    0ehhhhhe 14c4444e 2eh1248v 3eh161he 426aiv22 5vgu11he 668guhhe 7v124444 8ehhehhe 9ehhf12c
    A4ahhvhh Buhhuhhu Cehggghe Dsihhhis Evgguggv Fvgguggg Gehgnhhf Hhhhvhhh Ie44444e J72222ic Khikokih Lggggggv
    Mhrllhhh Nhhpljhh Oehhhhhe Puhhuggg Qehhhlid Ruhhukih Sfgge11u Tv444444 Uhhhhhhe Vhhhhha4 Whhhllla Xhha4ahh
    Yhhha444 Zv1248gv
    a00e1fhf bggmphhu c00egghe d11djhhf e00ehvge f698s888 g00fhhhf1e hggmphhh i40c444e j2062222ic kggikoki lc44444e
    m00qllll n00mphhh o00ehhhe p00uhhhugg q00fhhhf11 r00mpggg s00fge1u t88s8896 u00hhhjd v00hhha4 w00hhlla x00ha4ah
    y00hhhhf1e z00v248v
    !4444404 "aaa0000 #aavavaa $4fke5u4 %op248j3 &cik8lid '4400000 (2488842 )8422248 *04lel40 +044v440 ,000000448
    -000e000 .0000004 /11248gg :0040040 ;004004480 <248g842 =00v0v00 >8421248 ?eh12404 @eh1dlle [e88888e \\gg84211
    ]e22222e ^4ah0000 _000000v `8420000 {2448442 |4444444 }8442448 ~008l200
    """

  private static let glyphs: [Character: Glyph] = {
    var glyphs: [Character: Glyph] = [" ": Glyph([])]
    for word in table.split(whereSeparator: \.isWhitespace) {
      guard let character = word.first else { continue }
      glyphs[character] = Glyph(word.dropFirst().compactMap { Int(String($0), radix: 32) })
    }
    return glyphs
  }()
}

/// Where a text is put in relation to a point.
enum TextAlignment {
  case left, center, right
}

extension Canvas {
  /// How wide a text is, in pixels.
  static func width(of text: String, size: Double) -> Double { Font.strokes(text).width * size }

  /// The size, not more than a given one, at which a text is no wider than so many pixels.
  static func size(of text: String, upTo size: Double, within width: Double) -> Double {
    min(size, max(width, 0) / max(Font.strokes(text).width, 1))
  }

  /// Draws a line of text.
  ///
  /// - Parameters:
  ///   - place: A point of the base line: the text's beginning, middle or end.
  ///   - size: The distance of the typeface's dots in pixels; capitals are six such high.
  ///   - isVertical: Whether the text runs from the bottom to the top.
  mutating func write(
    _ text: String, at place: Point, size: Double, _ color: Color = .ink, _ alignment: TextAlignment = .left,
    isVertical: Bool = false
  ) {
    let (segments, width) = Font.strokes(text)
    let start =
      switch alignment {
      case .left: 0.0
      case .center: -width / 2
      case .right: -width
      }
    func placed(_ point: Point) -> Point {
      let (along, across) = ((point.x + start) * size, point.y * size)
      return isVertical ? Point(place.x + across, place.y - along) : Point(place.x + along, place.y + across)
    }
    stroke(segments.map { Segment(placed($0.start), placed($0.end)) }, width: 0.85 * size, color)
  }
}
