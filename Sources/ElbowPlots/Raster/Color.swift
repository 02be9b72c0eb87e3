/// A colour with 8 bits a channel, sRGB.
public struct Color: Sendable, Hashable {
  /// The red channel, 0 to 255.
  public var red: UInt8
  /// The green channel, 0 to 255.
  public var green: UInt8
  /// The blue channel, 0 to 255.
  public var blue: UInt8

  /// The colour of a number as web pages write it, `0xRRGGBB`.
  public init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  /// The background of plots.
  public static let white = Color(0xffffff)
  /// The colour of text and ticks, nearly black.
  public static let ink = Color(0x2b2f36)
  /// The colour of the lines behind a plot, a light grey.
  public static let grid = Color(0xe6e8ec)
  /// The colour of the frame around a plot, a grey.
  public static let frame = Color(0xa9aeb8)

  /// Ten colours that are told apart easily, for classes and curves.
  public static let distinct = [
    0x2f6fd0, 0xe07b1f, 0x2e9e5b, 0xcf3b46, 0x8356c4, 0x8a5a3c, 0xe377b6, 0x6e7683, 0xb5a518, 0x1fb2c4,
  ].map { Color(UInt32($0)) }

  /// The colour of a class or curve by its number; they repeat after ten.
  public static func distinct(_ index: Int) -> Color {
    let count = distinct.count
    return distinct[(index % count + count) % count]
  }

  /// The colour a share of the way to another.
  public func mixed(with other: Color, _ share: Double) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + (Double(b) - Double(a)) * min(max(share, 0), 1)).rounded())
    }
    var result = self
    result.red = mix(red, other.red)
    result.green = mix(green, other.green)
    result.blue = mix(blue, other.blue)
    return result
  }

  private static let heatStops = [0xffffff, 0xd9e6f7, 0x8fb8e6, 0x3f7fc9, 0x1f4f96, 0x0d2450].map { Color(UInt32($0)) }

  /// The colour of a value from 0 to 1 on a scale from white to dark blue whose brightness falls evenly; NaN is white.
  public static func heat(_ value: Double) -> Color {
    // NaN fails the comparison.
    let position = (value > 0 ? min(value, 1) : 0) * Double(heatStops.count - 1)
    let index = min(Int(position), heatStops.count - 2)
    return heatStops[index].mixed(with: heatStops[index + 1], position - Double(index))
  }
}
