"""The examples in PyTorch, trained with their settings: a line of JSON for each epoch, with the losses on the training and the
held-out images and the seconds it took.

    quality-peers.py cs20-vae|kmnist-vae|tfp-layers-vae --data-dir DIR [--data mnist] [--epochs N] [--seed S] [--threads N] [--eager]

DIR has a folder for each data set, with the four gzipped IDX files that MNIST has. Weights are Glorot-uniform, biases zero, images
in a new order each epoch. A transposed convolution and one of stride 2 pad both sides alike, as PyTorch's do, not only one.
"""
import argparse
import gzip
import json
import math
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("model", choices=["cs20-vae", "kmnist-vae", "tfp-layers-vae"])
parser.add_argument("--data", default="mnist")
parser.add_argument("--data-dir", required=True)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--limit", type=int, help="use only the first N training images")
parser.add_argument("--eager", action="store_true", help="do not compile")
options = parser.parse_args()

os.environ["OMP_NUM_THREADS"] = str(options.threads)
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)


def images(name):
    with gzip.open(os.path.join(options.data_dir, options.data, f"{name}-images-idx3-ubyte.gz")) as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16)
    return torch.from_numpy(pixels.reshape(-1, 1, 28, 28).copy())


def glorot(module):
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def diagonal(mean, stddev):
    """A draw of N(mean, stddev), and its log density."""
    noise = torch.randn_like(mean)
    log_density = (-0.5 * noise**2 - torch.log(stddev) - 0.5 * math.log(2 * math.pi)).sum(1)
    return mean + stddev * noise, log_density


def standard(z):
    return (-0.5 * z**2 - 0.5 * math.log(2 * math.pi)).sum(1)


def nll(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


class CS20(nn.Module):
    batch_size, rate = 100, 1e-3

    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.stddev = nn.Linear(784, 100), nn.Linear(100, 2), nn.Linear(100, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 100), nn.ReLU(), nn.Linear(100, 784))

    def forward(self, pixels):
        x = pixels.float().flatten(1) / 255
        hidden = F.relu(self.hidden(x))
        mean, stddev = self.mean(hidden), F.softplus(self.stddev(hidden))
        z, _ = diagonal(mean, stddev)
        kl = (0.5 * (mean**2 + stddev**2 - 1) - torch.log(stddev)).sum(1)
        return nll(self.decoder(z), x).mean(), kl.mean()


class KMNIST(nn.Module):
    batch_size, rate = 256, 1e-4

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 3, 2), nn.ReLU(), nn.Conv2d(32, 64, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(2304, 4))
        self.decoder = nn.Sequential(
            nn.Linear(2, 1568), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)),
            nn.ConvTranspose2d(32, 64, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(64, 32, 3, 2, 1, 1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, 1, 1))

    def forward(self, pixels):
        x = pixels.float() / 255
        mean, raw = self.encoder(x).chunk(2, 1)
        z, log_q = diagonal(mean, F.softplus(raw + 1e-5))
        return nll(self.decoder(z), x).mean(), (log_q - standard(z)).mean()


class Layers(nn.Module):
    batch_size, rate = 256, 1e-3

    def __init__(self):
        super().__init__()

        def conv(a, b, k, s, padding):
            return [nn.Conv2d(a, b, k, s, padding), nn.LeakyReLU(0.2)]

        def transposed(a, b, s):
            return [nn.ConvTranspose2d(a, b, 5, s, 2, s - 1), nn.LeakyReLU(0.2)]

        self.encoder = nn.Sequential(
            *conv(1, 32, 5, 1, 2), *conv(32, 32, 5, 2, 2), *conv(32, 64, 5, 1, 2), *conv(64, 64, 5, 2, 2),
            *conv(64, 64, 7, 1, 0), nn.Flatten(), nn.Linear(64, 152))
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (16, 1, 1)), nn.ConvTranspose2d(16, 64, 7), nn.LeakyReLU(0.2), *transposed(64, 64, 1),
            *transposed(64, 64, 2), *transposed(64, 32, 1), *transposed(32, 32, 2), *transposed(32, 32, 1),
            nn.Conv2d(32, 1, 5, 1, 2))
        self.rows, self.columns = torch.tril_indices(16, 16)

    def forward(self, pixels):
        grey = pixels.float() / 255
        x = (torch.rand_like(grey) < grey).float()
        mean, triangle = self.encoder(x - 0.5).split([16, 136], 1)
        scale = torch.zeros(len(x), 16, 16).index_put((torch.arange(len(x))[:, None], self.rows, self.columns), triangle)
        diagonal = F.softplus(scale.diagonal(dim1=1, dim2=2)) + 1e-5
        scale = scale.tril(-1) + torch.diag_embed(diagonal)
        noise = torch.randn_like(mean)
        z = mean + (scale @ noise[:, :, None])[:, :, 0]
        log_q = standard(noise) - torch.log(diagonal).sum(1)
        return nll(self.decoder(z), x).mean(), (log_q - standard(z)).mean()


model = {"cs20-vae": CS20, "kmnist-vae": KMNIST, "tfp-layers-vae": Layers}[options.model]()
model.apply(glorot)
step = model if options.eager else torch.compile(model)
optimizer = torch.optim.Adam(model.parameters(), lr=model.rate, eps=1e-7)
training, held_out = images("train")[: options.limit], images("t10k")

for epoch in range(1, options.epochs + 1):
    began, total = time.perf_counter(), 0.0
    order = torch.randperm(len(training))
    for start in range(0, len(order), model.batch_size):
        batch = training[order[start : start + model.batch_size]]
        nll_loss, kl = step(batch)
        optimizer.zero_grad(set_to_none=True)
        (nll_loss + kl).backward()
        optimizer.step()
        total += (nll_loss + kl).item() * len(batch)
    seconds = time.perf_counter() - began
    with torch.no_grad():
        parts = [[loss.item() * len(x) for loss in model(x)] for x in held_out.split(500)]
    held = [sum(column) / len(held_out) for column in zip(*parts)]
    line = {"epoch": epoch, "loss": total / len(order), "held_out": sum(held), "nll": held[0], "kl": held[1]}
    print(json.dumps(line | {"seconds": seconds}), flush=True)
