"""The cases of Case.swift in TensorFlow Probability (compiled by XLA) and PyTorch: one line of JSON for each.

    peers.py tfp|torch --threads N [--case NAME] [--seconds S]
"""
import argparse
import json
import os
import statistics
import time

parser = argparse.ArgumentParser()
parser.add_argument("peer", choices=["tfp", "torch"])
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--case", action="append")
parser.add_argument("--seconds", type=float, default=1.0)
options = parser.parse_args()

TENTHS = [0.1 * i for i in range(16)]
TRIL = [[0.05 if j < i else 1.0 if j == i else 0.0 for j in range(16)] for i in range(16)]
LOCS = [[0.1 * (2 * i + j) for j in range(2)] for i in range(16)]
SCALES = [[0.5 + 0.02 * (2 * i + j) for j in range(2)] for i in range(16)]
# The parameters by case, and the numbers in an event.
CASES = {
    "Normal": ([0.3, 1.7], 1),
    "Gamma": ([2.3, 1.2], 1),
    "Beta": ([2.3, 1.4], 1),
    "StudentT": ([4.5, 0.3, 1.7], 1),
    "Categorical(10)": ([TENTHS[:10]], 1),
    "MVNTriL(16)": ([TENTHS, TRIL], 16),
    "MixtureSameFamily(16, 2-d)": ([[0.05 * i for i in range(16)], LOCS, SCALES], 2),
}


def median_us(body):
    body()
    times = []
    while len(times) < 5 or sum(times) < options.seconds:
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def say(name, task, us):
    print(json.dumps({"name": name, "task": task, "us": us}), flush=True)


def with_tfp():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    import tensorflow_probability as tfp

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tfd = tfp.distributions
    make = {
        "Normal": tfd.Normal,
        "Gamma": tfd.Gamma,
        "Beta": tfd.Beta,
        "StudentT": tfd.StudentT,
        "Categorical(10)": lambda logits: tfd.Categorical(logits=logits),
        "MVNTriL(16)": lambda loc, tril: tfd.MultivariateNormalTriL(loc=loc, scale_tril=tril),
        "MixtureSameFamily(16, 2-d)": lambda logits, loc, scale: tfd.MixtureSameFamily(
            tfd.Categorical(logits=logits), tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)),
    }
    for name, (values, size) in chosen():
        count = 1_000_000 // size
        parameters = [tf.constant(value, tf.float32) for value in values]

        @tf.function(jit_compile=True)
        def sample(seed, parameters):
            return make[name](*parameters).sample(count, seed=seed)

        @tf.function(jit_compile=True)
        def log_prob(x, parameters):
            watched = parameters + ([x] if x.dtype.is_floating else [])
            with tf.GradientTape() as tape:
                tape.watch(watched)
                total = tf.reduce_sum(make[name](*parameters).log_prob(x))
            return total, tape.gradient(total, watched)

        seed = tf.constant([1, 2])
        x = sample(seed, parameters)
        say(name, "log_prob", median_us(lambda: log_prob(x, parameters)[0].numpy()))
        say(name, "sample", median_us(lambda: sample(seed, parameters).numpy()))


def with_torch():
    import torch

    torch.set_num_threads(options.threads)
    dist = torch.distributions
    make = {
        "Normal": dist.Normal,
        "Gamma": dist.Gamma,
        "Beta": dist.Beta,
        "StudentT": dist.StudentT,
        "Categorical(10)": lambda logits: dist.Categorical(logits=logits),
        "MVNTriL(16)": lambda loc, tril: dist.MultivariateNormal(loc, scale_tril=tril),
        "MixtureSameFamily(16, 2-d)": lambda logits, loc, scale: dist.MixtureSameFamily(
            dist.Categorical(logits=logits), dist.Independent(dist.Normal(loc, scale), 1)),
    }
    dist.Distribution.set_default_validate_args(False)
    for name, (values, size) in chosen():
        count = 1_000_000 // size
        parameters = [torch.tensor(value, dtype=torch.float32).requires_grad_() for value in values]
        with torch.no_grad():
            x = make[name](*parameters).sample((count,))
        watched = parameters + ([x.requires_grad_()] if x.is_floating_point() else [])

        def log_prob():
            total = make[name](*parameters).log_prob(x).sum()
            torch.autograd.grad(total, watched)
            return total.item()

        def sample():
            with torch.no_grad():
                make[name](*parameters).sample((count,))

        say(name, "log_prob", median_us(log_prob))
        say(name, "sample", median_us(sample))


def chosen():
    return [(name, case) for name, case in CASES.items() if not options.case or name in options.case]


{"tfp": with_tfp, "torch": with_torch}[options.peer]()
