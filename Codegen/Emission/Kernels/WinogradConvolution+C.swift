import ElbowCTree
import ElbowSchedule

/// How a convolution with fewer multiplications is called: the arguments of `elbow_winograd.h`.
extension WinogradConvolution {
  /// The function that kernels with phases of so many places share.
  var functionName: String { "el_winograd_\(result)_" + shape.map(String.init).joined(separator: "_") }

  private var shape: [Int] { [points] + taps }

  var declarations: [CDeclaration] {
    [
      .include("elbow_winograd.h", isSystem: false),
      .macro("EL_WINOGRAD_\("\(result)".uppercased())", shape.map { .integer($0) }),
    ]
  }

  /// The fields of the prelude's `el_winograd` but for the image's height.
  var fields: [CExpression.Field] {
    let values = [
      ("wide", positions[1].extent), ("tall", places[0].extent),
      ("broad", places[1].extent), ("stride", stride), ("channels", channels.extent), ("filters", filters),
      ("a_row", places[0].left), ("a_column", places[1].left), ("image_row", positions[0].other),
      ("image_column", positions[1].other), ("kernel_row", places[0].other), ("kernel_column", places[1].other),
      ("kernel_channel", channels.other), ("patches", patches),
    ]
    return values.map { CExpression.Field(name: $0, value: .integer($1)) }
  }
}
