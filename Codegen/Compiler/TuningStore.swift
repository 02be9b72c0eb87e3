import ElbowArrays
import ElbowGraph
import ElbowManifest
import ElbowSchedule
import ElbowToolchain
import Foundation

/// Choices that measured best, on disk: a file for each program and kind of CPU, beside the compiled libraries.
///
/// A file decides how code is generated, so it is believed only if nobody else can write to it and all of it makes sense.
public struct TuningStore: Sendable {
  private let folder: URL

  /// The choices that lie in the folder `tuning` of a cache.
  public init(_ cache: ArtifactCache) { folder = cache.folder.appendingPathComponent("tuning", isDirectory: true) }

  private struct Record: Codable {
    var version: Int
    var elbow: String
    var cpu: String
    var program: String
    var tuning: Tuning
  }
  private static let version = 1
  private static let largestByteCount = 4096

  private static var cpu: String {
    ([CPUFeatures.architecture, CPUFeatures.model] + CPUFeatures.current.sorted()).joined(separator: " ")
  }

  /// Where the choice for a program is or would be.
  public func location(_ program: Program) -> URL { location(ProgramKey.fingerprint(program)) }

  private func location(_ fingerprint: String) -> URL {
    var bytes = CanonicalBytes()
    bytes.add([ElbowVersion.current, TuningStore.cpu, fingerprint]) { $0.add($1) }
    return folder.appendingPathComponent("\(bytes.digest).json")
  }

  /// The choice for a program on a CPU like this one; nil if there was none.
  ///
  /// - Throws: `ElbowError` if there is a file that cannot be believed.
  public func tuning(for program: Program) throws -> Tuning? {
    guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
    let fingerprint = ProgramKey.fingerprint(program)
    let url = location(fingerprint)
    guard let bytes = try read(url) else { return nil }
    guard let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)) else {
      throw TuningStore.refused(url, "it is not the JSON that 'graphc tune' writes")
    }
    guard record.version == TuningStore.version, record.elbow == ElbowVersion.current,
      record.cpu == CPUFeatures.model, record.program == fingerprint
    else { throw TuningStore.refused(url, "it is for another program, CPU or version of Elbow") }
    if let rows = record.tuning.tileRows, !(1...SchedulingOptions.mostTileRows).contains(rows) {
      throw TuningStore.refused(url, "tiles cannot have \(rows) rows")
    }
    return record.tuning
  }

  /// Writes down what was chosen, in place of what was chosen before.
  public func remember(_ tuning: Tuning, for program: Program) throws {
    let fingerprint = ProgramKey.fingerprint(program)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let record = Record(
      version: TuningStore.version, elbow: ElbowVersion.current, cpu: CPUFeatures.model, program: fingerprint,
      tuning: tuning)
    let url = location(fingerprint)
    do {
      let data = try encoder.encode(record)
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      // A file that others could write to would not be believed.
      try AtomicFile.write(data, to: url, permissions: 0o600)
    } catch let error as ElbowError {
      throw error
    } catch {
      throw ElbowError(.file, "'\(url.path)' could not be written: \(error.systemReason).")
    }
  }

  /// Removes what was chosen for a program.
  ///
  /// - Returns: Whether there was anything.
  public func forget(_ program: Program) throws -> Bool {
    let path = location(program).path
    guard unlink(path) != 0 else { return true }
    guard errno == ENOENT else {
      throw ElbowError(.file, "'\(path)' could not be removed: \(String(cString: strerror(errno))).")
    }
    return false
  }

  // MARK: Files

  private static func refused(_ url: URL, _ reason: String) -> ElbowError {
    ElbowError(.file, "The file '\(url.path)' with measured choices is ignored: \(reason).")
  }

  /// The bytes of a file that only this user can have written; nil if there is none.
  private func read(_ url: URL) throws -> [UInt8]? {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(url.path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw TuningStore.refused(url, "it cannot be opened (\(String(cString: strerror(errno))))")
    }
    defer { close(descriptor) }
    for (status, name) in [(TuningStore.status(descriptor), "it"), (TuningStore.status(folder), "its folder")] {
      guard let status, status.st_uid == geteuid(), status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
        throw TuningStore.refused(url, "\(name) belongs to somebody else, or others can write to it")
      }
    }
    guard let status = TuningStore.status(descriptor), status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= TuningStore.largestByteCount
    else { throw TuningStore.refused(url, "it is not a small file") }
    var bytes = [UInt8](repeating: 0, count: TuningStore.largestByteCount)
    let count = Foundation.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw TuningStore.refused(url, "it cannot be read (\(String(cString: strerror(errno))))") }
    return [UInt8](bytes[..<count])
  }

  private static func status(_ descriptor: Int32) -> stat? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status : nil
  }

  private static func status(_ url: URL) -> stat? {
    var status = stat()
    return lstat(url.path, &status) == 0 ? status : nil
  }
}
