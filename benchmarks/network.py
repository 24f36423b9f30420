"""Training the block model: the network of ``declutter.scoring.model``, written for JAX.

Pages of all sizes are laid behind each other in batches of a fixed number of blocks, with
numbers that say which page, signature and list a block belongs to. The loss of a page is
one minus the soft F1 of its words, which is what the benchmarks measure, plus a share of the
cross-entropy of its blocks.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

# one thread, so that sums are added up in one order and two runs are equal
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from benchmarks.examples import Example
from declutter.scoring.model import MAX_FEATURE

Parameters = dict[str, Any]
Batch = dict[str, Any]
UNITS, LAYERS = 48, 2
OWN_PARTS = 5  # itself, mean and maximum of the page, previous, next; then groups, windows
EPOCHS = 14
RATE, DECAY = 3e-3, 1e-3
DROPOUT = 0.1  # of units
THINNING = 0.2  # of the blocks of a page, at most
GAP = 0.3  # of the pages lose a run of boilerplate
AVERAGE = 0.99  # moving average of the weights: what is kept of it at each step
CROSS_ENTROPY = 0.5
CROWDED = 0.5  # a page counts 1 / n ** .5 where its domain has n of them
BATCH_BLOCKS, BATCH_PAGES, BATCH_GROUPS = 6144, 160, 6144
MAX_BLOCKS = 3000  # of a page that is learned from


def spread(examples: Sequence[Example]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The mean and scale of each feature."""
    every = np.concatenate([example.x[:MAX_BLOCKS] for example in examples])
    return every.mean(axis=0), every.std(axis=0) + 1e-3


def train(
    examples: Sequence[Example],
    mean: NDArray[Any],
    scale: NDArray[Any],
    seed: int,
    windows: tuple[int, ...] = (),
    epochs: int = EPOCHS,
    units: int = UNITS,
) -> Parameters:
    """Fit a network of so many units to examples whose features have such means and scales.

    ``windows`` are numbers of blocks on either side that it looks at as one.
    """
    pages = Counter(example.page.domain for example in examples)
    chance = np.random.default_rng(seed)
    key = jax.random.PRNGKey(seed)
    parts = OWN_PARTS + len(examples[0].groups) + len(windows)
    parameters = _new(jax.random.PRNGKey(seed + 1), len(mean), parts, units)
    steps = epochs * (sum(1 for _ in _batches(examples, np.random.default_rng(seed))) + 2)
    rates = optax.cosine_onecycle_schedule(steps, RATE, pct_start=0.15)
    optimiser = optax.adamw(rates, weight_decay=DECAY)
    state = optimiser.init(parameters)
    average = parameters

    def step(
        parameters: Parameters, state: Any, average: Parameters, batch: Batch, key: Any
    ) -> Any:
        gradients = jax.grad(_loss)(parameters, batch, key)
        updates, state = optimiser.update(gradients, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        average = jax.tree.map(lambda a, p: AVERAGE * a + (1 - AVERAGE) * p, average, parameters)
        return parameters, state, average

    fast = jax.jit(step)
    for _ in range(epochs):
        for chosen in _batches(examples, chance):
            key, now = jax.random.split(key)
            batch = _packed([_thinned(e, chance) for e in chosen], mean, scale, windows)
            for number, example in enumerate(chosen):
                batch["weight"][number] = pages[example.page.domain] ** -CROWDED
            parameters, state, average = fast(parameters, state, average, batch, now)
    return {name: np.asarray(values) for name, values in average.items()}


# --- batches --------------------------------------------------------------------------


def _batches(examples: Sequence[Example], chance: np.random.Generator) -> Iterator[list[Example]]:
    chosen: list[Example] = []
    size = 0
    for at in chance.permutation(len(examples)):
        blocks = min(len(examples[at].words), MAX_BLOCKS)
        if size + blocks > BATCH_BLOCKS or len(chosen) == BATCH_PAGES:
            yield chosen
            chosen, size = [], 0
        chosen.append(examples[at])
        size += blocks
    yield chosen


def _thinned(example: Example, chance: np.random.Generator) -> dict[str, Any]:
    """A page without some of its blocks, chosen anew each time, as an augmentation."""
    n = min(len(example.words), MAX_BLOCKS)
    known = example.labels[:n]
    kept = chance.random(n) > THINNING * chance.random()
    if n > 6 and chance.random() < GAP:
        start = chance.integers(n)
        stop = start + chance.integers(1, max(2, n // 4))
        kept[start:stop] &= known[start:stop] >= 0.1
    kept |= not kept.any()
    words = example.words[:n]
    lost = (np.maximum(known, 0) * words)[~kept].sum() + (
        np.maximum(example.labels[n:], 0) * example.words[n:]
    ).sum()
    title = np.arange(n) == example.headline
    return {
        "x": example.x[:n][kept], "words": words[kept], "labels": known[kept],
        "title": title[kept], "groups": example.groups[:, :n][:, kept],
        "gold": example.gold - lost if example.gold >= 0 else -1.0,
    }  # fmt: skip


def _packed(
    pages: list[dict[str, Any]],
    mean: NDArray[Any],
    scale: NDArray[Any],
    windows: tuple[int, ...],
) -> Batch:
    """Pages as one batch; what is left of it belongs to a page of its own that nobody scores."""
    size, groups = BATCH_BLOCKS, len(pages[0]["groups"])
    batch: Batch = {
        "x": np.zeros((size, len(mean)), np.float32), "words": np.zeros(size, np.float32),
        "labels": np.zeros(size, np.float32), "page": np.full(size, BATCH_PAGES, np.int32),
        "groups": np.full((groups, size), BATCH_GROUPS, np.int32),
        "windows": np.tile(np.array([[0], [1]], np.int32), (len(windows), 1, size)),
        "known": np.zeros(size, np.float32), "gold": np.full(BATCH_PAGES, -2, np.float32),
        "weight": np.zeros(BATCH_PAGES, np.float32),
    }  # fmt: skip
    at, offset = 0, [0] * groups
    for number, page in enumerate(pages):
        part = slice(at, at + len(page["words"]))
        batch["x"][part] = np.clip((page["x"] - mean) / scale, -MAX_FEATURE, MAX_FEATURE)
        batch["words"][part] = page["words"]
        batch["labels"][part] = np.maximum(page["labels"], 0)
        batch["known"][part] = (page["labels"] >= 0) & ~page["title"]
        batch["page"][part] = number
        index = np.arange(part.start, part.stop)
        for which, width in enumerate(windows):
            batch["windows"][which, 0, part] = np.maximum(part.start, index - width)
            batch["windows"][which, 1, part] = np.minimum(part.stop, index + width + 1)
        for kind in range(groups):
            _, inverse = np.unique(page["groups"][kind], return_inverse=True)
            numbers = np.minimum(offset[kind] + inverse, BATCH_GROUPS - 1)
            batch["groups"][kind, part] = numbers
            offset[kind] = int(numbers.max()) + 1
        batch["gold"][number] = page["gold"]
        at = part.stop
    return batch


# --- the network ----------------------------------------------------------------------


def _new(key: Any, features: int, parts: int, units: int) -> Parameters:
    keys = iter(jax.random.split(key, LAYERS + 2))
    width = parts * units
    parameters = {
        "first": jax.random.normal(next(keys), (features, units)) * np.sqrt(2 / features),
        "first_bias": jnp.zeros(units),
        "last": jax.random.normal(next(keys), (units, 1)) * np.sqrt(0.18 / units),
        "last_bias": jnp.full(1, -1.0),
    }
    for at in range(LAYERS):
        shape = (width, units)
        parameters[f"layer{at}"] = jax.random.normal(next(keys), shape) * np.sqrt(0.5 / width)
        parameters[f"layer{at}_bias"] = jnp.zeros(units)
    return parameters


def _pooled(hidden: Any, groups: Any, count: int) -> Any:
    sums = jax.ops.segment_sum(hidden, groups, count)
    sizes = jax.ops.segment_sum(jnp.ones(len(hidden)), groups, count)
    return (sums / jnp.maximum(sizes, 1)[:, None])[groups]


def _around(hidden: Any, window: Any) -> Any:
    total = jnp.concatenate((jnp.zeros((1, hidden.shape[1])), jnp.cumsum(hidden, axis=0)))
    low, high = window
    return (total[high] - total[low]) / (high - low)[:, None]


def _moved(hidden: Any, page: Any, by: int) -> Any:
    same = jnp.roll(page, by) == page
    return jnp.where(same[:, None], jnp.roll(hidden, by, 0), 0)


def _logits(parameters: Parameters, batch: Batch, key: Any) -> Any:
    hidden = jax.nn.relu(batch["x"] @ parameters["first"] + parameters["first_bias"])
    page = batch["page"]
    for at in range(LAYERS):
        key, now = jax.random.split(key)
        hidden *= jax.random.bernoulli(now, 1 - DROPOUT, hidden.shape) / (1 - DROPOUT)
        pools = [_pooled(hidden, group, BATCH_GROUPS + 1) for group in batch["groups"]]
        pools += [_around(hidden, window) for window in batch["windows"]]
        mean = _pooled(hidden, page, BATCH_PAGES + 1)
        top = jax.ops.segment_max(hidden, page, BATCH_PAGES + 1)[page]
        beside = (_moved(hidden, page, 1), _moved(hidden, page, -1))
        mixed = jnp.concatenate((hidden, *pools, mean, top, *beside), axis=1)
        bias = parameters[f"layer{at}_bias"]
        hidden = hidden + jax.nn.relu(mixed @ parameters[f"layer{at}"] + bias)
    return (hidden @ parameters["last"])[:, 0] + parameters["last_bias"][0]


def _loss(parameters: Parameters, batch: Batch, key: Any) -> Any:
    logits = _logits(parameters, batch, key)
    labels, gold = batch["labels"], batch["gold"]
    words = batch["words"] * batch["known"]

    def of_page(values: Any) -> Any:
        return jax.ops.segment_sum(values, batch["page"], BATCH_PAGES + 1)[:BATCH_PAGES]

    kept = jax.nn.sigmoid(logits) * words
    found, total = of_page(kept), of_page(words)
    f1 = 2 * of_page(kept * labels) / jnp.maximum(1, found + jnp.maximum(gold, 0))
    f1 = jnp.where(gold < 1, 1 - found / jnp.maximum(1, total), f1)  # nothing is to be kept
    weight = jnp.sqrt(batch["words"]) * batch["known"]
    entropy = jnp.maximum(logits, 0) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits)))
    entropy = of_page(entropy * weight) / jnp.maximum(1, of_page(weight))
    losses = jnp.where(gold > -1, 1 - f1, 0) + CROSS_ENTROPY * entropy
    return (losses * batch["weight"]).sum() / jnp.maximum(1, batch["weight"].sum())
