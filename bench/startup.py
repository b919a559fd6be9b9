"""Starting up"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from measure import Figure, paired

HSMSPEC = Path(sys.executable).with_name("hsmspec")


def figures() -> Iterator[Figure]:
    """Measure the command line's help against an interpreter that does nothing."""
    helping = [str(HSMSPEC)] if HSMSPEC.exists() else [sys.executable, "-m", "hsm_specs.cli"]
    help_took, nothing = paired(lambda: _run([*helping, "--help"]), lambda: _run([sys.executable, "-c", "pass"]), 7)
    yield Figure(
        "hsmspec --help to python -c pass", help_took / nothing, f"{help_took * 1e3:.0f} ms", f"{nothing * 1e3:.0f} ms"
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
