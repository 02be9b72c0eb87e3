// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Elbow",
  products: [
    .library(name: "Elbow", targets: ["Elbow"]),
    .library(name: "ElbowRuntime", targets: ["ElbowRuntime"]),
    .executable(name: "graphc", targets: ["graphc"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
  ],
  targets: [
    // What everything stands on: arrays, dtypes, errors.
    .target(name: "ElbowArrays"),

    // Loading and running compiled models: needs nothing of the compiler.
    .target(name: "CElbowABI"),
    .target(name: "ElbowRuntime", dependencies: ["ElbowArrays", "CElbowABI"]),

    // The pipeline, in the order that data flows through it.
    .target(
      name: "ElbowGraph",
      dependencies: ["ElbowArrays", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "ElbowDifferentiation", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(name: "ElbowProbability", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(name: "ElbowNetworks", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(name: "ElbowPasses", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(
      name: "ElbowCodegen",
      dependencies: [
        "ElbowArrays", "ElbowGraph", "ElbowPasses",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      path: "Codegen",
      resources: [.embedInCode("Prelude")]
    ),

    // Files and data sets.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(
      name: "ElbowData", dependencies: ["ElbowArrays", "CZlib", "CPNG"],
      resources: [.copy("Resources")]
    ),

    // What users import.
    .target(
      name: "Elbow",
      dependencies: [
        "ElbowArrays", "ElbowGraph", "ElbowDifferentiation", "ElbowProbability", "ElbowNetworks", "ElbowPasses",
        "ElbowCodegen", "ElbowRuntime", "ElbowData",
      ]),
    .target(name: "ElbowExamples", dependencies: ["Elbow"]),
    .executableTarget(
      name: "graphc",
      dependencies: [
        "Elbow", "ElbowExamples", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "ElbowGraphTests", dependencies: ["ElbowArrays", "ElbowGraph", "ElbowDifferentiation"]),
  ],
  swiftLanguageModes: [.v6]
)
