"""Checks what a wheel contains: the three packages and their data, pure Python, nothing else."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path, PurePosixPath

PACKAGES = {"hsm_model", "hsm_specs", "hsm_diagrams"}
SUFFIXES = {".py", ".typed", ".toml", ".json", ".html", ".css", ".js"}


def complaints(wheel: Path) -> list[str]:
    """Return what is wrong with the content of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
    found = {name.parts[0] for name in names}
    metadata = {top for top in found if top.endswith(".dist-info")}
    wrong = [f"{top} does not belong into it" for top in sorted(found - PACKAGES - metadata)]
    wrong += [f"{top} is missing" for top in sorted(PACKAGES - found)]
    wrong += [f"{top}/py.typed is missing" for top in sorted(PACKAGES) if PurePosixPath(top, "py.typed") not in names]
    wrong += [
        f"{name} does not belong into it"
        for name in names
        if name.parts[0] in PACKAGES and (name.suffix not in SUFFIXES or "__pycache__" in name.parts)
    ]
    if not any(name.match("hsm_specs/requirements/*") for name in names):
        wrong.append("the requirements are missing")
    if not wheel.name.endswith("-py3-none-any.whl"):
        wrong.append("it is not pure Python")
    return wrong


if __name__ == "__main__":
    wheel = Path(sys.argv[1])
    wrong = complaints(wheel)
    print(f"{wheel.name}: {'; '.join(wrong) or 'the three packages and their data'}")
    sys.exit(bool(wrong))
