import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct NamedDatasetsTests {
  @Test func digits() throws {
    let split = try NamedDatasets.load("digits")
    #expect(split.training.count == 4500 && split.validation.count == 500)
    let images = try split.validation["images"]
    #expect(images.dtype == .uint8 && images.shape == [500, 28, 28])
    for part in [split.training, split.validation] {
      let labels = try part["labels"].values(as: Int32.self)
      let counts = (0..<10).map { digit in labels.count { $0 == Int32(digit) } }
      #expect(counts.reduce(0, +) == part.count && counts.allSatisfy { $0 * 10 > part.count * 3 / 4 })
    }
  }

  @Test func autoMPG() throws {
    let split = try NamedDatasets.load("auto-mpg")
    #expect(split.training.count == 320 && split.validation.count == 72)
    #expect(try split.training["features"].shape == [320, 7])
    #expect(try split.validation["labels"].shape == [72, 1])
    #expect(try split.training["labels"].doubles.allSatisfy { (9...47).contains($0) })
  }

  @Test func missingResources() throws {
    try withTemporaryFolder { folder in
      expectError(.data, "auto-mpg.csv", folder.path) { try BundledResources.url("auto-mpg.csv", folders: [folder]) }
    }
  }

  @Test func unknownName() {
    expectError(.data, "'cifar'", "digits, fashion-mnist") { try NamedDatasets.load("cifar") }
  }

  @Test(arguments: ["", ".gz"], ["mnist", ""]) func folders(suffix: String, subfolder: String) throws {
    try withTemporaryFolder { folder in
      try writeSet(to: folder.appendingPathComponent(subfolder), suffix: suffix)
      let given = try NamedDatasets.load("mnist", directory: folder)
      #expect(given.training.count == 3 && given.validation.count == 2)
      #expect(try given.training["labels"] == HostArray([Int32(0), 1, 2]))
      let environment = ["ELBOW_DATA": folder.path, "PATH": folder.path, "HOME": folder.path]
      #expect(try NamedDatasets.load("mnist", directory: nil, environment: environment).training.count == 3)
    }
  }

  @Test func downloadCache() throws {
    try withTemporaryFolder { folder in
      try writeSet(to: folder.appendingPathComponent("elbow/data/mnist"), suffix: ".gz")
      let environment = ["XDG_CACHE_HOME": folder.path, "PATH": ""]
      #expect(try NamedDatasets.load("mnist", directory: nil, environment: environment).training.count == 3)
    }
  }

  @Test func cacheFolder() {
    let account = FileManager.default.homeDirectoryForCurrentUser.path
    for (environment, path) in [
      (["XDG_CACHE_HOME": "/a/cache", "HOME": "/b"], "/a/cache/elbow"), (["HOME": "/b"], "/b/.cache/elbow"),
      (["XDG_CACHE_HOME": "cache", "HOME": "/b"], "/b/.cache/elbow"), (["HOME": "b"], "\(account)/.cache/elbow"),
      ([:], "\(account)/.cache/elbow"),
    ] {
      #expect(CacheFolder.url(environment).path == path)
    }
  }

  @Test func partialKMNIST() throws {
    try withTemporaryFolder { folder in
      try writeSet(to: folder, suffix: ".gz", training: "train-first7011")
      let split = try NamedDatasets.load("kmnist", directory: folder)
      #expect(split.training.notes.first?.contains("7,011") == true)
      expectError(.data, "mnist cannot be found") {
        try NamedDatasets.load("mnist", directory: folder, environment: nowhere(folder))
      }
    }
  }

  /// KMNIST as NumPy archives, which is how the text loads it.
  @Test func archivesOfKMNIST() throws {
    try withTemporaryFolder { folder in
      for (part, count) in [("train", 3), ("test", 2)] {
        let images = try HostArray(zeros: [count, 28, 28], dtype: .uint8)
        let labels = HostArray((0..<count).map { UInt8($0) })
        try NPZ.write([("arr_0", images)], to: folder.appendingPathComponent("kmnist-\(part)-imgs.npz"))
        try NPZ.write([("arr_0", labels)], to: folder.appendingPathComponent("kmnist-\(part)-labels.npz"))
      }
      let split = try NamedDatasets.load("kmnist", directory: folder)
      #expect(split.training.count == 3 && split.validation.count == 2)
      #expect(try split.training["labels"] == HostArray([0, 1, 2] as [Int32]))
      try NPZ.write(
        [("images", try HostArray(zeros: [3, 28, 28], dtype: .uint8))],
        to: folder.appendingPathComponent("kmnist-train-imgs.npz"))
      expectError(.file, "to hold an array 'arr_0', but it holds 'images'") {
        try NamedDatasets.load("kmnist", directory: folder)
      }
    }
  }

  /// The sets share their file names, so in a folder without the set's name the size tells them apart.
  @Test func filesOfAnotherSet() throws {
    try withTemporaryFolder { folder in
      try writeSet(to: folder, suffix: ".gz")
      let images = folder.appendingPathComponent("train-images-idx3-ubyte.gz")
      let handle = try FileHandle(forWritingTo: images)
      try handle.truncate(atOffset: UInt64(DatasetCatalog.fashionMNIST.trainingImages.byteCount))
      try handle.close()
      expectError(.data, "mnist cannot be found") {
        try NamedDatasets.load("mnist", directory: folder, environment: nowhere(folder))
      }
      // Zeros after gzip data are padding.
      #expect(try NamedDatasets.load("fashion-mnist", directory: folder).training.count == 3)
    }
  }

  @Test func missingFiles() throws {
    try withTemporaryFolder { folder in
      expectError(.data, "train-images-idx3-ubyte.gz", folder.path, "note: the given directory") {
        try NamedDatasets.load("mnist", directory: folder, environment: nowhere(folder))
      }
      let environment = ["XDG_CACHE_HOME": folder.path, "ELBOW_DATA": folder.path, "PATH": folder.path]
      expectError(.data, "DIR/kmnist", "$ELBOW_DATA", "download cache", "curl", "not on the PATH") {
        try NamedDatasets.load("kmnist", directory: nil, environment: environment)
      }
    }
  }

  @Test func elsewhereThanInTheGivenDirectory() throws {
    try withTemporaryFolder { folder in
      let other = folder.appendingPathComponent("other")
      try writeSet(to: other, suffix: "")
      let environment = ["ELBOW_DATA": other.path].merging(nowhere(folder)) { one, _ in one }
      let split = try NamedDatasets.load("mnist", directory: folder, environment: environment)
      #expect(split.training.notes == ["The files are not all in \(folder.path); those of $ELBOW_DATA were used."])
    }
  }

  @Test func imagesWithoutTheirLabels() throws {
    try withTemporaryFolder { folder in
      try writeSet(to: folder, suffix: "")
      try IDX.write(HostArray([UInt8(1)]), to: folder.appendingPathComponent("t10k-labels-idx1-ubyte"))
      expectError(.file, "t10k-labels", "uint8[2]", "uint8[1]") { try NamedDatasets.load("mnist", directory: folder) }
      try IDX.write(HostArray([UInt8(1)]), to: folder.appendingPathComponent("train-images-idx3-ubyte"))
      expectError(.file, "train-images", "[N, 28, 28]") { try NamedDatasets.load("mnist", directory: folder) }
    }
  }

  @Test func failedAndDamagedDownloads() throws {
    try withTemporaryFolder { folder in
      let environment = ["XDG_CACHE_HOME": folder.path, "PATH": "\(folder.path):/usr/bin:/bin"]
      let curl = folder.appendingPathComponent("curl")
      func install(_ script: String) throws {
        try AtomicFile.write(Data("#!/bin/sh\n\(script)\n".utf8), to: curl)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: curl.path)
      }
      try install("echo 'curl: (6) Could not resolve host' >&2; exit 6")
      expectError(.data, "status 6", "Could not resolve host", "mnist/train-images-idx3-ubyte.gz") {
        try NamedDatasets.load("mnist", directory: nil, environment: environment)
      }
      try install("while [ \"$1\" != --output ]; do shift; done; echo short > \"$2\"")
      expectError(.data, "Expected 9912422 bytes", "but 6 arrived") {
        try NamedDatasets.load("mnist", directory: nil, environment: environment)
      }
      let cache = folder.appendingPathComponent("elbow/data/mnist").path
      #expect(try FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
    }
  }

  @Test func checksums() throws {
    let bytes = Array("abc".utf8)
    let good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    try Download.verify(bytes, .init(name: "a", byteCount: 3, sha256: good), from: "https://example.org/a")
    expectError(.data, good, "nothing was kept") {
      try Download.verify(
        Array("abd".utf8), .init(name: "a", byteCount: 3, sha256: good), from: "https://example.org/a")
    }
    expectError(.file, "https://example.org/a") {
      try Download.verify(bytes, .init(name: "a", byteCount: 3, sha256: nil), from: "https://example.org/a")
    }
  }

  /// An environment in which no data and no curl can be found.
  private func nowhere(_ folder: URL) -> [String: String] { ["XDG_CACHE_HOME": folder.path, "PATH": folder.path] }

  /// Three training and two validation images, named as the publishers name theirs.
  private func writeSet(to folder: URL, suffix: String, training: String = "train") throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (part, count) in [(training, 3), ("t10k", 2)] {
      let images = try HostArray(zeros: [count, 28, 28], dtype: .uint8)
      try IDX.write(images, to: folder.appendingPathComponent("\(part)-images-idx3-ubyte\(suffix)"))
      let labels = HostArray((0..<count).map(UInt8.init))
      try IDX.write(labels, to: folder.appendingPathComponent("\(part)-labels-idx1-ubyte\(suffix)"))
    }
  }
}

/// The real files, where `ELBOW_DATA` names a folder that has them.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ELBOW_DATA"] != nil))
struct RealDataTests {
  @Test(arguments: ["fashion-mnist", "kmnist", "mnist"]) func load(name: String) throws {
    let path = try #require(ProcessInfo.processInfo.environment["ELBOW_DATA"])
    let folder = URL(fileURLWithPath: path)
    let catalog = try #require(DatasetCatalog.all.first { $0.name == name })
    guard let found = DatasetFolder(catalog, in: folder) else { return }
    let split = try NamedDatasets.load(name, directory: folder)
    #expect(split.training.count == (found.notes.isEmpty ? 60_000 : 7011))
    #expect(split.validation.count == 10_000)
    #expect(try Set(split.validation["labels"].values(as: Int32.self)) == Set(0..<10))
    // The published files are what the checksums say.
    let labels = catalog.validationLabels
    if found.validationLabels.pathExtension == "gz", found.notes.isEmpty {
      let bytes = try FileContents.read(found.validationLabels)
      if bytes.count == labels.byteCount { try Download.verify(bytes, labels, from: found.validationLabels.path) }
    }
  }

  @Test func archivesOfKMNIST() throws {
    let path = try #require(ProcessInfo.processInfo.environment["ELBOW_DATA"])
    let folder = URL(fileURLWithPath: path).appendingPathComponent("kmnist")
    let images = folder.appendingPathComponent("kmnist-test-imgs.npz")
    guard FileManager.default.fileExists(atPath: images.path) else { return }
    let array = try #require(try NPZ.read(contentsOf: images)["arr_0"])
    #expect(try array == IDX.read(contentsOf: folder.appendingPathComponent("t10k-images-idx3-ubyte.gz")))
  }
}
