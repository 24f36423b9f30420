"""``python -m declutter.lexicons``: check the lexicons and compile them."""

from __future__ import annotations

import sys
from pathlib import Path

from declutter.lexicon import check, dump, load_directory


def main() -> int:
    """Write ``compiled.jsonl`` beside the TOML files; return 1 when an entry is not valid."""
    folder = Path(__file__).parent
    entries = load_directory(folder)
    problems = list(check(entries))
    for problem in problems:
        print(problem, file=sys.stderr)
    (folder / "compiled.jsonl").write_text(dump(entries), encoding="utf-8")
    print(f"{len(entries)} entries, {sum(len(e.patterns) for e in entries)} patterns")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
