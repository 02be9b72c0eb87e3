/// The known facts about the data sets that come as four IDX files: their publisher's names, sizes and checksums.
struct DatasetCatalog {
  /// One file as its publisher offers it.
  struct File {
    /// The name without `.gz`.
    let name: String
    /// The bytes of the `.gz` file.
    let byteCount: Int
    /// The SHA-256 of the `.gz` file in hexadecimal; nil where only the size and the CRC within are known.
    let sha256: String?
  }

  let name: String
  /// The address of the folder that the files are downloaded from.
  let address: String
  /// Where Debian's package of the data set installs it, and the package.
  let debian: (folder: String, package: String)?
  let trainingImages: File
  let trainingLabels: File
  let validationImages: File
  let validationLabels: File

  var files: [File] { [trainingImages, trainingLabels, validationImages, validationLabels] }

  static let all = [fashionMNIST, kmnist, mnist]

  static let fashionMNIST = DatasetCatalog(
    name: "fashion-mnist",
    address: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    debian: ("/usr/share/datasets/fashion-mnist", "dataset-fashion-mnist"),
    trainingImages: File(
      name: "train-images-idx3-ubyte", byteCount: 26_421_880,
      sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    trainingLabels: File(
      name: "train-labels-idx1-ubyte", byteCount: 29_515,
      sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    validationImages: File(
      name: "t10k-images-idx3-ubyte", byteCount: 4_422_102,
      sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    validationLabels: File(
      name: "t10k-labels-idx1-ubyte", byteCount: 5_148,
      sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"))

  static let kmnist = DatasetCatalog(
    name: "kmnist",
    address: "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    debian: nil,
    trainingImages: File(name: "train-images-idx3-ubyte", byteCount: 18_165_135, sha256: nil),
    trainingLabels: File(
      name: "train-labels-idx1-ubyte", byteCount: 29_497,
      sha256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
    validationImages: File(
      name: "t10k-images-idx3-ubyte", byteCount: 3_041_136,
      sha256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
    validationLabels: File(
      name: "t10k-labels-idx1-ubyte", byteCount: 5_120,
      sha256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"))

  static let mnist = DatasetCatalog(
    name: "mnist",
    address: "https://storage.googleapis.com/cvdf-datasets/mnist/",
    debian: nil,
    trainingImages: File(
      name: "train-images-idx3-ubyte", byteCount: 9_912_422,
      sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    trainingLabels: File(
      name: "train-labels-idx1-ubyte", byteCount: 28_881,
      sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    validationImages: File(
      name: "t10k-images-idx3-ubyte", byteCount: 1_648_877,
      sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    validationLabels: File(
      name: "t10k-labels-idx1-ubyte", byteCount: 4_542,
      sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"))
}
