// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that the library depends on nothing that only measuring needs.
let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "Elbow", path: "..")],
  targets: [
    .executableTarget(name: "probability", dependencies: [.product(name: "Elbow", package: "Elbow")]),
    .executableTarget(name: "step", dependencies: [.product(name: "Elbow", package: "Elbow")]),
  ],
  swiftLanguageModes: [.v6]
)
