"""Train the text model: ``python -m benchmarks.train_text --corpora PATH``.

A model for each fold without its domains (``held_out/text*.json``), and the one that ships.
What words tell is counted on the pages learned from; for a page of these, on the pages of the
other folds, so that the network sees evidence as good as it will be on new sites.
"""

from __future__ import annotations

import base64
import platform
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks import folds, glued, interface
from benchmarks.corpora import root
from benchmarks.examples import MAX_BOILERPLATE, MIN_CONTENT
from benchmarks.text_examples import TextExample, examples
from benchmarks.train import f1s, floats, network_data, write_all
from declutter.scoring import text as text_score
from declutter.scoring import vocabulary
from declutter.scoring.characters import Floats
from declutter.scoring.model import Weights, logits, squeezed

SHIPPED = Path(text_score.__file__).with_name("text.json")
SEEDS = [7]  # one network each
EPOCHS, UNITS = 7, 64
WINDOWS = (4, 20)  # pieces on either side
PRIOR = 4.0  # sites: what fewer use counts little
MAX_ROWS = 3000  # of a page, for means and scales
NOTHING = np.zeros(vocabulary.TABLE, dtype=np.float32)
Counts = NDArray[np.float32]  # folds x (content, boilerplate) x places


def site_counts(every: Iterable[TextExample]) -> tuple[Counts, Floats]:
    """How many sites of each fold use a word in content and in boilerplate; how many there are."""
    used: dict[tuple[int, str, int], list[NDArray[np.int32]]] = defaultdict(list)
    for e in every:
        if e.fragment or e.fold is None:
            continue
        known = e.labels[e.items.owners]
        for side, flags in enumerate((known >= MIN_CONTENT, abs(known) <= MAX_BOILERPLATE)):
            words = (e.items.words[flags], e.items.before[flags], e.items.after[flags])
            used[e.fold, e.page.domain, side].append(np.unique(np.concatenate(words)))
    counts = np.zeros((folds.FOLDS, 2, vocabulary.TABLE), dtype=np.float32)
    sites = np.zeros((folds.FOLDS, 2), dtype=np.float32)
    for (fold, _, side), words_of in used.items():
        counts[fold, side, np.unique(np.concatenate(words_of))] += 1
        sites[fold, side] += 1
    return counts, sites


def site_words(counts: Counts, sites: Floats, learned: list[int]) -> Floats:
    """The log odds of words to be boilerplate, by the sites of some folds."""
    content, boilerplate = counts[learned].sum(axis=0)
    total = sites[learned].sum(axis=0)
    ratio = total[0] / max(1.0, float(total[1]))
    odds = np.log((boilerplate * ratio + PRIOR) / (content + PRIOR))
    return np.asarray(odds, dtype=np.float32)


@lru_cache(maxsize=glued.PARTS + 1)
def lexicon_words(without: str) -> Floats:
    """What words tell by phrases, without those that an example was made without."""
    every = (*glued.entries(), *interface.entries(_corpora))
    return vocabulary.of_lexicon(e for e in every if not glued.is_held(e, without))


def with_words(every: list[TextExample], held: int | None, learning: bool = False) -> list[Floats]:
    """The features of examples, with what words tell on sites other than theirs.

    For learning, some examples do without: as texts in languages that no site was counted in,
    or that have no lexicon.
    """
    out = [e.x for e in every]
    for fold in range(folds.FOLDS):
        learned = [k for k in range(folds.FOLDS) if k not in (held, fold)]
        table = site_words(*_counted, learned)
        for at, e in enumerate(every):
            if e.fold == fold:
                known = NOTHING if learning and at % 5 in (0, 1) else table
                said = NOTHING if learning and at % 5 in (1, 2) else lexicon_words(e.without)
                told = vocabulary.page(e.items, (known, said), e.groups[0])
                out[at] = np.hstack([e.x, told.astype(np.float16)])
    return out


def _spread(every: list[Floats]) -> tuple[Floats, Floats]:
    rows = [x[:MAX_ROWS].astype(np.float32) for x in every]
    mean = np.mean([x.mean(axis=0) for x in rows], axis=0)
    square = np.mean([(x**2).mean(axis=0) for x in rows], axis=0)
    return mean, np.sqrt(np.maximum(0, square - mean**2)) + 1e-3


def _bytes(table: Floats) -> dict[str, Any]:
    scale = float(np.abs(table).max()) / 127
    data = zlib.compress(np.round(table / scale).astype(np.int8).tobytes(), 9)
    return {"scale": scale, "data": base64.b64encode(data).decode()}


def fitted(learned: list[TextExample], held: int | None) -> dict[str, Any]:
    """Train networks on examples; return the weights file."""
    import jax

    from benchmarks.network import train

    told = with_words(learned, held, learning=True)
    learned = [replace(e, x=x) for e, x in zip(learned, told, strict=True)]
    mean, scale = _spread([e.x for e in learned])
    networks = [train(learned, mean, scale, seed, WINDOWS, EPOCHS, UNITS) for seed in SEEDS]
    about = "all folds" if held is None else f"all folds but {held}"
    provenance = {
        "learned from": "WCXB dev, DAnIEL, trafilatura's evaluation, flattened, and phrases of "
        f"software (interface): {about}",
        "examples": len(learned), "seeds": SEEDS, "date": date.today().isoformat(),
        "numpy": np.__version__, "jax": jax.__version__, "machine": platform.machine(),
        "rebuilt by": "python -m benchmarks.train_text --corpora PATH",
    }  # fmt: skip
    sites = site_words(*_counted, [k for k in range(folds.FOLDS) if k != held])
    words = {"sites": _bytes(sites), "lexicons": _bytes(lexicon_words(""))}
    spans = {"mean": floats(mean), "scale": floats(scale), "windows": WINDOWS}
    found = [network_data(network) for network in networks]
    return {"about": provenance, **spans, "networks": found, "words": words}


def _fit(held: int | None) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """Train without a fold and judge its pages, or train what ships (None)."""
    data = fitted([e for e in _touched if e.fold != held], held)
    rest = [e for e in _touched if e.fold == held and not e.fragment and not e.page.with_]
    model = Weights.parse(data)
    pairs = [
        f1s(e, squeezed(logits(x.astype(np.float32), e.groups, model)))
        for e, x in zip(rest, with_words(rest, held), strict=True)
    ]
    return data, pairs


_touched: list[TextExample] = []  # inherited by the processes that train, as what follows
_corpora: Path
_counted: tuple[Counts, Floats]


@click.command()
@click.option("--corpora", help="The corpora's folder (or DECLUTTER_CORPORA).")
@click.option("--jobs", default=2, show_default=True, help="Models trained at a time.")
def main(corpora: str | None, jobs: int) -> None:
    """Train and write the weights of the folds and those that ship."""
    global _corpora, _counted
    _corpora = root(corpora)
    _touched.extend(e for e in examples(_corpora) if e.fold is not None)
    _counted = site_counts(_touched)
    click.echo(f"{len(_touched)} examples to learn from")
    write_all(_fit, folds.text_path, SHIPPED, jobs)


if __name__ == "__main__":
    main()
