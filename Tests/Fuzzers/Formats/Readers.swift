import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime
import Foundation

/// The readers of all files but graphs.
let readers: [String: Reader] = [
  "csv": { bytes in
    let table = try CSV.decode(bytes, missing: .dropRow)
    require(table.values.count == table.rowCount * table.columnNames.count, "the table has gaps")
    _ = try? table.array()
  },
  "gzip": { bytes in
    let contents = try Gzip.decompress(bytes, limit: 1 << 20)
    require(try Gzip.decompress(Gzip.compress(contents), limit: 1 << 20) == contents, "gzip changes contents")
  },
  "idx": { bytes in
    let array = try IDX.decode(bytes)
    require(try IDX.decode(IDX.encode(array)) == array, "IDX changes an array")
  },
  "npy": { bytes in
    let array = try NPY.decode(bytes)
    require(try NPY.decode(NPY.encode(array)) == array, "NPY changes an array")
    _ = array.description
  },
  "npz": { bytes in
    let (arrays, _) = try NPZ.decode(bytes, limit: 1 << 22)
    let again = try NPZ.decode(NPZ.encode(arrays))
    require(again.arrays.elementsEqual(arrays) { $0.name == $1.name && $0.array == $1.array }, "NPZ changes arrays")
  },
  "png": { bytes in
    let image = try PNG.decode(bytes) { shape in
      if shape.reduce(1, *) > 1 << 20 { throw ElbowError(.data, "The image is too large for this.") }
    }
    require(try PNG.decode(PNG.encode(image)) == image, "PNG changes an image")
  },
  "safetensors": { bytes in
    let (tensors, metadata, _) = try Safetensors.decode(bytes)
    let again = try Safetensors.decode(Safetensors.encode(tensors, metadata: metadata))
    require(again.metadata == metadata && again.tensors.count == tensors.count, "safetensors changes tensors")
  },
  "manifest": { bytes in
    let manifest = try Manifest(decoding: bytes)
    require(try Manifest(decoding: manifest.encoded()) == manifest, "JSON changes a manifest")
  },
  "library": { bytes in
    let url = URL(fileURLWithPath: "/dev/shm/elbow-fuzz-\(getpid()).so")
    defer { unlink(url.path) }
    try Data(bytes).write(to: url)
    _ = try LibraryImage(contentsOf: url)
  },
]
