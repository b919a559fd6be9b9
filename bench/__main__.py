"""Measures hsmspec against things in the same run, so that the figures are ratios: ``python bench [--json FILE]``."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import msgspec

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "adapters" / "python")]

PARTS = ("model", "adapters", "workers", "startup", "exploration", "findings")


def main() -> None:
    """Runs all measurements and prints a line for each."""
    parser = argparse.ArgumentParser(prog="python bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to a file too")
    options = parser.parse_args()
    figures: list[object] = []
    for name in PARTS:
        part = import_module(name)
        title = (part.__doc__ or "").splitlines()[0]
        print(f"\n{title}", flush=True)
        for figure in part.figures():
            figures.append(figure)
            print(f"  {figure.line()}", flush=True)
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


main()
