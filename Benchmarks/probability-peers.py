"""The cases of Case.swift in TensorFlow Probability (compiled by XLA) and PyTorch: one line of JSON for each.

    probability-peers.py tfp|torch --threads N [--case NAME] [--seconds S] [--numbers 1000000]

PyTorch has no splines and no autoregressive flows: here they are, as short as they can be.
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
parser.add_argument("--numbers", type=int, default=1_000_000)
options = parser.parse_args()

TENTHS = [0.1 * i for i in range(16)]
TRIL = [[0.05 if j < i else 1.0 if j == i else 0.0 for j in range(16)] for i in range(16)]
LOCS = [[0.1 * (2 * i + j) for j in range(2)] for i in range(16)]
SCALES = [[0.5 + 0.02 * (2 * i + j) for j in range(2)] for i in range(16)]
WIDTHS = [0.6 + 0.1 * i for i in range(8)]
SLOPES = [0.5 + 0.2 * i for i in range(7)]
RANGE_MIN = -3.8
HIDDEN = 32
# The parameters by case, and the numbers in an event.
CASES = {
    "Normal": ([0.3, 1.7], 1),
    "Gamma": ([2.3, 1.2], 1),
    "Beta": ([2.3, 1.4], 1),
    "StudentT": ([4.5, 0.3, 1.7], 1),
    "Categorical(10)": ([TENTHS[:10]], 1),
    "MVNTriL(16)": ([TENTHS, TRIL], 16),
    "MixtureSameFamily(16, 2-d)": ([[0.05 * i for i in range(16)], LOCS, SCALES], 2),
    "RationalQuadraticSpline": ([WIDTHS, WIDTHS[::-1], SLOPES], 1),
    "MAF(8)": ([], 8),  # The weights of a network.
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
    tfd, tfb = tfp.distributions, tfp.bijectors
    network = tfb.AutoregressiveNetwork(params=2, event_shape=[8], hidden_units=[HIDDEN, HIDDEN], activation="relu")
    network(tf.zeros([1, 8]))
    make = {
        "Normal": tfd.Normal,
        "Gamma": tfd.Gamma,
        "Beta": tfd.Beta,
        "StudentT": tfd.StudentT,
        "Categorical(10)": lambda logits: tfd.Categorical(logits=logits),
        "MVNTriL(16)": lambda loc, tril: tfd.MultivariateNormalTriL(loc=loc, scale_tril=tril),
        "MixtureSameFamily(16, 2-d)": lambda logits, loc, scale: tfd.MixtureSameFamily(
            tfd.Categorical(logits=logits), tfd.MultivariateNormalDiag(loc=loc, scale_diag=scale)),
        "RationalQuadraticSpline": lambda widths, heights, slopes: tfd.TransformedDistribution(
            tfd.Normal(0.0, 1.0), tfb.RationalQuadraticSpline(widths, heights, slopes, range_min=RANGE_MIN)),
        "MAF(8)": lambda: tfd.TransformedDistribution(
            tfd.MultivariateNormalDiag(tf.zeros(8)), tfb.MaskedAutoregressiveFlow(network)),
    }
    for name, (values, size) in chosen():
        count = options.numbers // size
        parameters = [tf.constant(value, tf.float32) for value in values]

        @tf.function(jit_compile=True)
        def sample(seed, parameters):
            return make[name](*parameters).sample(count, seed=seed)

        @tf.function(jit_compile=True)
        def log_prob(x, parameters):
            watched = parameters + ([x] if x.dtype.is_floating else [])
            watched += network.trainable_variables if name.startswith("MAF") else []
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
        "RationalQuadraticSpline": lambda *parameters: dist.TransformedDistribution(
            dist.Normal(0.0, 1.0), [torch_spline(*parameters)]),
        "MAF(8)": lambda *weights: dist.TransformedDistribution(
            dist.MultivariateNormal(torch.zeros(8), torch.eye(8)), [torch_flow(weights)]),
    }
    dist.Distribution.set_default_validate_args(False)
    for name, (values, size) in chosen():
        count = options.numbers // size
        values = values or torch_weights(8)
        parameters = [torch.as_tensor(value, dtype=torch.float32).requires_grad_() for value in values]
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


def torch_spline(widths, heights, slopes):
    """Durkan et al. 2019, from x to y by the formula and back by the root of a quadratic; the identity outside."""
    import torch
    from torch.distributions import constraints
    from torch.nn.functional import pad

    xs, ys = (RANGE_MIN + pad(sizes.cumsum(0), (1, 0)) for sizes in (widths, heights))
    ds = pad(slopes, (1, 1), value=1.0)

    class Spline(torch.distributions.Transform):
        domain = codomain = constraints.real
        bijective = True

        def corner(self, value, knots):
            inside = (value > knots[0]) & (value < knots[-1])
            safe = torch.where(inside, value, knots[0])
            k = (torch.searchsorted(knots.detach(), safe.detach(), right=True) - 1).clamp(0, len(widths) - 1)
            return inside, safe, xs[k], ys[k], widths[k], heights[k], ds[k], ds[k + 1]

        def log_slope(self, z, slope, low, high):
            mixed = z * (1 - z)
            top = high * z * z + 2 * slope * mixed + low * (1 - z) ** 2
            return 2 * slope.log() + top.log() - 2 * (slope + (low + high - 2 * slope) * mixed).log()

        def _call(self, x):
            inside, safe, x0, y0, w, h, low, high = self.corner(x, xs)
            z, slope = (safe - x0) / w, h / w
            mixed = z * (1 - z)
            y = y0 + h * (slope * z * z + low * mixed) / (slope + (low + high - 2 * slope) * mixed)
            return torch.where(inside, y, x)

        def _inverse(self, y):
            inside, safe, x0, y0, w, h, low, high = self.corner(y, ys)
            slope, above = h / w, safe - y0
            bend = low + high - 2 * slope
            a, b, c = h * (slope - low) + above * bend, h * low - above * bend, -slope * above
            return torch.where(inside, x0 + w * 2 * c / (-b - (b * b - 4 * a * c).sqrt()), y)

        def log_abs_det_jacobian(self, x, y):
            inside, safe, x0, y0, w, h, low, high = self.corner(x, xs)
            return torch.where(inside, self.log_slope((safe - x0) / w, h / w, low, high), 0.0)

    return Spline()


def torch_masks(size):
    """Which inputs the units of each layer see (Germain et al. 2015)."""
    import torch

    hidden = [1 + unit * (size - 1) // HIDDEN for unit in range(HIDDEN)]
    degrees = [list(range(1, size + 1)), hidden, hidden, [d for d in range(size) for _ in range(2)]]
    pairs = zip(degrees, degrees[1:])
    return [torch.tensor([[float(a <= b) for b in after] for a in before]) for before, after in pairs]


def torch_weights(size):
    import torch

    shapes = [mask.shape for mask in torch_masks(size)]
    return [w for shape in shapes for w in (torch.randn(shape) / shape[0] ** 0.5, torch.zeros(shape[1]))]


def torch_flow(weights):
    """A masked autoregressive flow (Papamakarios et al. 2017): one pass from data to noise, and one an element back."""
    import torch
    from torch.distributions import constraints

    masks = torch_masks(weights[0].shape[0])

    def network(y):
        for layer, mask in enumerate(masks):
            y = y @ (weights[2 * layer] * mask) + weights[2 * layer + 1]
            y = y.relu() if layer < len(masks) - 1 else y
        return y.unflatten(-1, (-1, 2)).unbind(-1)

    class Flow(torch.distributions.Transform):
        domain = codomain = constraints.real_vector
        bijective = True

        def _call(self, x):
            y = torch.zeros_like(x)
            for _ in range(x.shape[-1]):
                shift, log_scale = network(y)
                y = x * log_scale.exp() + shift
            return y

        def _inverse(self, y):
            shift, log_scale = network(y)
            return (y - shift) * (-log_scale).exp()

        def log_abs_det_jacobian(self, x, y):
            return network(y)[1].sum(-1)

    return Flow()


def chosen():
    return [(name, case) for name, case in CASES.items() if not options.case or name in options.case]


{"tfp": with_tfp, "torch": with_torch}[options.peer]()
