import ElbowArrays
import ElbowGraph
import Foundation
import TestFolders
import Testing

@testable import ElbowPlots

/// Event files are read back by a reader of the tests' own: framing, checksums, and the messages' fields.
@Suite struct EventFileTests {
  /// CRC-32C bit by bit.
  private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = 0xffff_ffff
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }
    value = ~value
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  private func records(_ url: URL) throws -> [[UInt8]] {
    var rest = [UInt8](try Data(contentsOf: url))[...]
    var records: [[UInt8]] = []
    while !rest.isEmpty {
      try #require(rest.count >= 16)
      let head = rest.prefix(8)
      let length = Int(number(head))
      #expect(number(rest.dropFirst(8).prefix(4)) == UInt64(checksum(head)))
      let body = rest.dropFirst(12).prefix(length)
      try #require(body.count == length)
      #expect(number(rest.dropFirst(12 + length).prefix(4)) == UInt64(checksum(body)))
      records.append(Array(body))
      rest = rest.dropFirst(16 + length)
    }
    return records
  }

  /// A field's number with its bytes: of a varint, of a fixed number, or what is delimited.
  private func fields(_ message: [UInt8]) throws -> [(field: Int, value: [UInt8])] {
    var rest = message[...]
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        let byte = try #require(rest.first)
        rest = rest.dropFirst()
        value |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { break }
      }
      return value
    }
    var fields: [(field: Int, value: [UInt8])] = []
    while !rest.isEmpty {
      let tag = try varint()
      var length: Int
      switch tag & 7 {
      case 0:
        fields.append((Int(tag >> 3), withUnsafeBytes(of: try varint()) { Array($0) }))
        continue
      case 1: length = 8
      case 5: length = 4
      default: length = Int(try varint())
      }
      try #require(length <= rest.count)
      fields.append((Int(tag >> 3), Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return fields
  }

  private func text(_ fields: [(field: Int, value: [UInt8])], _ field: Int) -> String? {
    fields.first { $0.field == field }.map { String(decoding: $0.value, as: UTF8.self) }
  }

  private func withEvents(_ body: (EventFile) throws -> Void) throws -> [[UInt8]] {
    try withTemporaryFolder { folder in
      let events = try EventFile(in: folder)
      try body(events)
      return try records(events.url)
    }
  }

  @Test func checksumsAreThoseOfTheStandard() {
    // The check value of the CRC catalogue.
    #expect(RecordFile.crc32c(Array("123456789".utf8)) == 0xe306_9283)
    #expect(RecordFile.crc32c([]) == 0)
  }

  @Test func scalarsAreWritten() throws {
    let records = try withEvents { events in
      try events.addScalar("loss/training", 153.25, step: 300)
      try events.addScalar("kl", -.infinity, step: 301)
    }
    try #require(records.count == 3)
    #expect(text(try fields(records[0]), 3) == "brain.Event:2")
    for (record, tag, value, step) in [
      (records[1], "loss/training", Float(153.25), UInt64(300)), (records[2], "kl", -.infinity, 301),
    ] {
      let event = try fields(record)
      #expect(number(try #require(event.first { $0.field == 2 }).value[...]) == step)
      let summary = try fields(try #require(event.first { $0.field == 5 }).value)
      let entry = try fields(summary[0].value)
      #expect(text(entry, 1) == tag)
      #expect(number(try #require(entry.first { $0.field == 2 }).value[...]) == UInt64(value.bitPattern))
    }
  }

  @Test func imagesAndHistogramsAreWritten() throws {
    let image = try HostArray([UInt8](0..<24), shape: [2, 4, 3])
    let values = HostArray([1, 2, 2, 5] as [Float])
    let records = try withEvents { events in
      try events.addImage("samples", image, step: 1)
      try events.addHistogram("weights", Histogram(values, bucketCount: 4), step: 1)
    }
    func entry(_ record: [UInt8]) throws -> [(field: Int, value: [UInt8])] {
      let summary = try #require(try fields(record).first { $0.field == 5 })
      return try fields(fields(summary.value)[0].value)
    }
    let picture = try fields(try #require(entry(records[1]).first { $0.field == 4 }).value)
    #expect(picture.prefix(3).map { number($0.value[...]) } == [2, 4, 3])
    #expect(picture[3].value.prefix(4) == [0x89, 0x50, 0x4e, 0x47])
    let histogram = try fields(try #require(entry(records[2]).first { $0.field == 5 }).value)
    let numbers = histogram.map { field in
      stride(from: 0, to: field.value.count, by: 8).map {
        Double(bitPattern: number(field.value[$0..<$0 + 8]))
      }
    }
    #expect(numbers == [[1], [5], [4], [10], [34], [2, 3, 4, 5], [1, 2, 0, 1]])
  }

  @Test func equalAndMissingValuesHaveAHistogram() {
    let equal = Histogram(HostArray([3, 3, .nan] as [Float]))
    #expect(equal.count == 2 && equal.counts == [2] && equal.limits[0] > 3)
    #expect(Histogram(HostArray([Float.nan])).counts == [0])
  }

  @Test func graphsAreGroupedByScope() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let weight = graph.scope("layer one") { graph.variable("weight", initialValue: graph.ones([3, 2])) }
    let y = matmul(x, weight) * 2
    let program = try graph.program(Signature("predict", outputs: ["y": y.sum()]))
    let records = try withEvents { try $0.addGraph(program) }
    let definition = try fields(try #require(try fields(records[1]).first { $0.field == 4 }).value)
    let nodes = try definition.filter { $0.field == 1 }.map { try fields($0.value) }
    let names = nodes.compactMap { text($0, 1) }
    #expect(Set(names).count == names.count)
    #expect(names.contains { $0.hasPrefix("layer_one/weight_") })
    #expect(names.contains { $0.hasPrefix("layer_one/contraction_") })
    #expect(names.contains { $0.hasPrefix("inputs/x_") } && names.contains("outputs/y"))
    // Nothing lies outside of a box.
    #expect(names.allSatisfy { $0.contains("/") }, "\(names)")
    for node in nodes {
      for input in node where input.field == 3 {
        #expect(names.contains(String(decoding: input.value, as: UTF8.self)))
      }
    }
  }

  @Test func unwritableFoldersAreExplained() throws {
    let error = #expect(throws: ElbowError.self) {
      try EventFile(in: URL(fileURLWithPath: "/dev/null/events"))
    }
    #expect(error?.kind == .file)
    #expect(error?.message.hasPrefix("The event file '/dev/null/events/events.out.tfevents.") == true)
  }
}
