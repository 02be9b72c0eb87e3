import ElbowArrays
import Foundation

/// Fetching a data set's files into a cache folder, by the `curl` program.
struct Download {
  /// The environment that decides where `curl` and the cache are.
  let environment: [String: String]

  /// `$XDG_CACHE_HOME/elbow/data`, or `$HOME/.cache/elbow/data`.
  var cache: URL { CacheFolder.url(environment).appendingPathComponent("data") }

  /// Fetches the files that the cache lacks into `cache/name`.
  ///
  /// - Throws: ``ElbowError`` when there is no `curl`, a transfer fails, or what arrives is not the published file.
  func fetch(_ catalog: DatasetCatalog) throws {
    let folder = cache.appendingPathComponent(catalog.name)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ElbowError(.data, "The download cache \(folder.path) cannot be created.")
    }
    for file in catalog.files {
      let target = folder.appendingPathComponent(file.name + ".gz")
      if FileManager.default.fileExists(atPath: target.path) { continue }
      let temporary = folder.appendingPathComponent(".\(file.name)-\(UUID().uuidString).part")
      defer { try? FileManager.default.removeItem(at: temporary) }
      let address = catalog.address + file.name + ".gz"
      try transfer(address, to: temporary, byteCount: file.byteCount)
      let bytes = try FileContents.read(temporary, limit: file.byteCount)
      try Download.verify(bytes, file, from: address)
      try AtomicFile.write(bytes, to: target)
    }
  }

  /// Checks that bytes are the file as published: its size, and its SHA-256 or, where that is unknown, the CRC within.
  static func verify(_ bytes: [UInt8], _ file: DatasetCatalog.File, from address: String) throws {
    guard bytes.count == file.byteCount else {
      throw ElbowError(
        .data, "Expected \(file.byteCount) bytes from \(address), but \(bytes.count) arrived; nothing was kept.")
    }
    guard let expected = file.sha256 else {
      _ = try IDX.decode(bytes, named: address)
      return
    }
    let found = SHA256.digits(of: bytes)
    guard found == expected else {
      throw ElbowError(
        .data,
        "The file from \(address) has the SHA-256 \(found), but the published file has \(expected); nothing was kept.")
    }
  }

  private func transfer(_ address: String, to file: URL, byteCount: Int) throws {
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
    let programs = folders.map { URL(fileURLWithPath: String($0)).appendingPathComponent("curl") }
    guard let curl = programs.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw ElbowError(.data, "The program curl, which downloads \(address), is not on the PATH.")
    }
    let process = Process()
    process.executableURL = curl
    process.environment = environment
    process.arguments = [
      "--fail", "--silent", "--show-error", "--location", "--proto", "=https", "--connect-timeout", "20",
      "--max-time", "900", "--max-filesize", "\(byteCount)", "--output", file.path, address,
    ]
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw ElbowError(.data, "The program \(curl.path), which downloads \(address), cannot be started.")
    }
    let message = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: message.prefix(300), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      throw ElbowError(
        .data,
        "Downloading \(address) failed: curl ended with status \(process.terminationStatus) and said '\(said)'.")
    }
  }
}
