// swift-tools-version: 6.1
import PackageDescription

// What a target uses through Elbow or ElbowCodegen it names, too: the package manager builds a target anew only when one changes that it
// names.
let codegen: [Target.Dependency] = [
  "ElbowAnalysis", "ElbowCodegen", "ElbowEmission", "ElbowPasses", "ElbowSchedule", "ElbowToolchain",
]

let package = Package(
  name: "Elbow",
  products: [
    .library(name: "Elbow", targets: ["Elbow"]),
    .library(name: "ElbowRuntime", targets: ["ElbowRuntime"]),
    .library(name: "ElbowInference", targets: ["ElbowInference"]),
    .library(name: "ElbowExamples", targets: ["ElbowExamples"]),
    .executable(name: "graphc", targets: ["graphc"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
  ],
  targets: [
    // What everything stands on: arrays, dtypes, errors with the user's line.
    .systemLibrary(name: "CExecinfo"),
    .target(name: "ElbowArrays", dependencies: ["CExecinfo"]),

    // Loading and running compiled models: needs nothing of the compiler.
    .target(name: "CElbowABI"),
    .target(name: "ElbowManifest", dependencies: ["ElbowArrays"]),
    .target(name: "ElbowRuntime", dependencies: ["ElbowArrays", "ElbowManifest", "CElbowABI"]),
    .testTarget(
      name: "ElbowRuntimeTests",
      dependencies: ["ElbowRuntime", "ElbowManifest", "ElbowArrays", "CElbowABI", "TestFolders"],
      exclude: ["Fixtures"]),

    // The pipeline, in the order that data flows through it.
    .target(
      name: "ElbowGraph",
      dependencies: ["ElbowArrays", .product(name: "RealModule", package: "swift-numerics")]),
    .target(name: "ElbowDifferentiation", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(name: "ElbowProbability", dependencies: ["ElbowArrays", "ElbowDifferentiation", "ElbowGraph"]),
    .target(name: "ElbowNetworks", dependencies: ["ElbowArrays", "ElbowGraph"]),
    .target(
      name: "ElbowDistributionLayers",
      dependencies: ["ElbowArrays", "ElbowGraph", "ElbowNetworks", "ElbowProbability"]),
    .target(
      name: "ElbowTraining",
      dependencies: [
        "ElbowArrays", "ElbowGraph", "ElbowDifferentiation", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "ElbowPasses", dependencies: ["ElbowArrays", "ElbowGraph"]),
    // From programs to C and on to a library, each folder of Codegen a target.
    .target(name: "ElbowSchedule", dependencies: ["ElbowArrays", "ElbowGraph"], path: "Codegen/Schedule"),
    .target(
      name: "ElbowAnalysis", dependencies: ["ElbowArrays", "ElbowGraph", "ElbowSchedule"], path: "Codegen/Analysis"),
    .target(name: "ElbowCTree", path: "Codegen/CTree"),
    // The headers that emitted C includes.
    .target(name: "ElbowPrelude", path: "Codegen/Prelude", plugins: ["EmbedFiles"]),
    .plugin(name: "EmbedFiles", capability: .buildTool()),
    .target(
      name: "ElbowEmission",
      dependencies: ["ElbowArrays", "ElbowCTree", "ElbowGraph", "ElbowManifest", "ElbowPrelude", "ElbowSchedule"],
      path: "Codegen/Emission"),
    .target(
      name: "ElbowToolchain",
      dependencies: ["ElbowArrays", "ElbowCTree", "ElbowEmission", "ElbowManifest", "ElbowPrelude", "ElbowSchedule"],
      path: "Codegen/Toolchain"),
    .target(
      name: "ElbowCodegen",
      dependencies: [
        "ElbowAnalysis", "ElbowArrays", "ElbowCTree", "ElbowEmission", "ElbowGraph", "ElbowManifest", "ElbowPasses",
        "ElbowSchedule", "ElbowToolchain",
      ],
      path: "Codegen/Compiler"),

    // Files and data sets.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(
      name: "ElbowData",
      dependencies: ["ElbowArrays", "CZlib", "CPNG"],
      resources: [.copy("Resources")]
    ),

    // Pictures of what a model learns and does: plots, and event files for TensorBoard.
    .target(name: "ElbowPlots", dependencies: ["ElbowArrays", "ElbowData", "ElbowGraph"]),

    // What users import.
    .target(
      name: "Elbow",
      dependencies: [
        "ElbowArrays", "ElbowManifest", "ElbowGraph", "ElbowDifferentiation", "ElbowProbability", "ElbowNetworks",
        "ElbowDistributionLayers", "ElbowTraining", "ElbowRuntime", "ElbowData",
        "ElbowPlots",
      ] + codegen),
    // Posteriors: models with priors and data, samplers, and what is known of their draws.
    .target(
      name: "ElbowInference",
      dependencies: [
        "Elbow", "ElbowArrays", "ElbowData", "ElbowDifferentiation", "ElbowGraph", "ElbowProbability", "ElbowRuntime",
      ] + codegen),
    .target(name: "ElbowExamples", dependencies: ["Elbow"] + codegen),
    // Values of other systems, and what compares ours with them.
    .target(
      name: "ElbowGolden",
      dependencies: [
        "Elbow", "ElbowArrays", "ElbowData", "ElbowDifferentiation", "ElbowDistributionLayers",
        "ElbowExamples", "ElbowGraph", "ElbowNetworks", "ElbowProbability", "ElbowRuntime",
      ] + codegen),
    // Random graphs, run by the evaluator and as compiled code, and made small where they differ.
    .target(
      name: "ElbowFuzz",
      dependencies: [
        "ElbowArrays", "ElbowData", "ElbowDifferentiation", "ElbowGraph", "ElbowManifest",
        "ElbowNetworks", "ElbowProbability", "ElbowRuntime", "ElbowTraining",
      ] + codegen),
    // What command lines share: how they print, and how they end.
    .target(
      name: "ElbowConsole",
      dependencies: ["ElbowArrays", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    .executableTarget(
      name: "graphc",
      dependencies: [
        "Elbow", "ElbowConsole", "ElbowExamples", "ElbowInference",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + codegen),
    // For developers of Elbow: not in graphc, which would take a tenth longer to build.
    .executableTarget(
      name: "elbow-check",
      dependencies: [
        "ElbowArrays", "ElbowConsole", "ElbowFuzz", "ElbowGolden",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests. TestSupport is what several of them share; TestFolders, for temporary folders, stands on nothing.
    .target(name: "TestFolders", path: "Tests/TestFolders"),
    .target(
      name: "TestSupport",
      dependencies: [
        "ElbowArrays", "ElbowData", "ElbowDifferentiation", "ElbowGolden", "ElbowGraph",
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "ElbowDataTests", dependencies: ["ElbowData", "ElbowArrays", "TestFolders"]),
    .testTarget(
      name: "ElbowPlotsTests", dependencies: ["ElbowPlots", "ElbowArrays", "ElbowData", "ElbowGraph", "TestFolders"]),
    .testTarget(
      name: "ElbowNetworksTests",
      dependencies: ["ElbowArrays", "ElbowDifferentiation", "ElbowGraph", "ElbowNetworks", "TestSupport"]),
    .testTarget(
      name: "ElbowProbabilityTests",
      dependencies: [
        "ElbowArrays", "ElbowDifferentiation", "ElbowGraph", "ElbowProbability", "ElbowRuntime",
        "TestFolders", "TestSupport",
      ] + codegen, exclude: ["Fixtures"]),
    .testTarget(
      name: "ElbowInferenceTests",
      dependencies: ["Elbow", "ElbowArrays", "ElbowGraph", "ElbowInference", "TestFolders"] + codegen,
      exclude: ["Posteriors", "eight_schools_main.c"]),
    .testTarget(name: "ElbowDistributionLayersTests", dependencies: ["Elbow", "TestSupport"] + codegen),
    .testTarget(
      name: "ElbowTrainingTests",
      dependencies: [
        "ElbowArrays", "ElbowDifferentiation", "ElbowExamples", "ElbowGraph", "ElbowNetworks", "ElbowProbability",
        "ElbowTraining", "TestSupport",
      ]),
    .testTarget(
      name: "ElbowPassesTests", dependencies: ["ElbowArrays", "ElbowDifferentiation", "ElbowGraph", "ElbowPasses"]),
    .testTarget(
      name: "ElbowCodegenTests",
      dependencies: [
        "ElbowAnalysis", "ElbowArrays", "ElbowCTree", "ElbowCodegen", "ElbowEmission", "ElbowGraph", "ElbowManifest",
        "ElbowNetworks", "ElbowPasses", "ElbowSchedule", "ElbowToolchain", "ElbowTraining", "TestFolders",
      ]),
    .testTarget(
      name: "ElbowTests",
      dependencies: [
        "Elbow", "ElbowArrays", "ElbowDifferentiation", "ElbowGraph", "TestFolders", "TestSupport",
      ] + codegen,
      exclude: ["Fixtures"]),
    .testTarget(
      name: "GeneratedTests",
      dependencies: ["Elbow", "ElbowExamples", "ElbowFuzz", "ElbowGraph", "TestFolders"] + codegen,
      exclude: [
        "Freestanding", "bijector_flow_main.c", "bits.c", "check.h", "cs20_bnn_main.c", "cs20_classification_main.c",
        "cs20_regression_main.c",
        "cs20_vae_losses.c", "cs20_vae_main.c", "image_autoencoder.h", "kmnist_vae_main.c", "kmnist_vae_mixture_main.c",
        "flow.h", "maf_2d_main.c", "realnvp_2d_main.c", "sanitized.c", "tfp_layers_vae_main.c",
      ]),
    .testTarget(
      name: "GraphcTests", dependencies: ["graphc", "elbow-check", "Elbow", "TestFolders"] + codegen,
      exclude: ["Faults/faults.c"]),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Elbow", "ElbowArrays", "ElbowFuzz", "ElbowGraph", "TestFolders", "elbow-check",
      ] + codegen),
    // The code of the texts that the examples are from, line by line.
    .testTarget(name: "SeedPorts", dependencies: ["Elbow", "ElbowExamples"] + codegen),
    .testTarget(name: "ErrorTests", dependencies: ["Elbow", "TestFolders"] + codegen),
    .testTarget(
      name: "ReproductionTests", dependencies: ["Elbow", "TestFolders"] + codegen, exclude: ["Graphs", "Refused"]),
    .testTarget(
      name: "DocumentationTests", dependencies: ["Elbow", "ElbowExamples", "ElbowInference", "TestFolders"] + codegen),
    .testTarget(
      name: "PreludeTests", dependencies: ["ElbowArrays", "TestFolders"], path: "Tests/PreludeTests",
      exclude: [
        "accuracy.c", "contraction.c", "dots.c", "headers.c", "lanes.c", "model.c", "random.c", "registers.c",
        "special.c", "special_values.h", "threads.c", "transpose.c", "vector.c",
      ]),
    .testTarget(
      name: "ElbowGraphTests", dependencies: ["ElbowArrays", "ElbowGraph", "ElbowDifferentiation", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
