"""Measure hsmspec against other things in the same run, so that the figures are ratios.

``python bench [--json FILE] [--table FILE] [PART ...]``
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

import msgspec

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "adapters" / "python")]

from measure import Part  # noqa: E402 (found by the path)

from hsm_specs.installed import is_compiled  # noqa: E402 (see above)

PARTS = (
    *("model", "size", "exploration", "adapters", "replay", "judging", "recording", "workers", "stateful", "findings"),
    *("engine", "startup"),
)


def main() -> None:
    """Run the measurements and print a line for each."""
    parser = argparse.ArgumentParser(prog="python bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    parser.add_argument("--table", type=Path, help="write the figures to a file as a page with tables")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    parts: list[Part] = []
    for name in options.parts or PARTS:
        module = import_module(name)
        part = Part(name, (module.__doc__ or "").splitlines()[0], [])
        print(f"\n{part.title}", flush=True)
        for figure in module.figures():
            part.figures.append(figure)
            print(f"  {figure.line()}", flush=True)
        parts.append(part)
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(parts), indent=2) + b"\n")
    if options.table is not None:
        options.table.write_text(page(parts), "utf-8")


def page(parts: list[Part]) -> str:
    """Return the figures as Markdown."""
    build = "compiled" if is_compiled() else "not compiled"
    python = ".".join(platform.python_version_tuple()[:2])
    lines = [
        "# Figures",
        "",
        f"Made by `make bench` with Python {python} on {os.cpu_count()} cores, hsmspec {build}.",
        "Each line is a ratio of two things measured in the same run: on another machine the rates are others, the",
        "ratios much the same.",
    ]
    for part in parts:
        lines += ["", f"## {part.title}", "", "| what | ratio | this | to that |", "|---|---:|---:|---:|"]
        lines += [f"| {figure.name} | {figure.ratio:.2f} | {figure.mine} | {figure.other} |" for figure in part.figures]
    return "\n".join(lines) + "\n"


# Workers import their functions by name, and never this module.
if __name__ == "__main__":
    main()
