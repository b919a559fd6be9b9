"""The checks of an adapter's environment: Python, the extras, the folder of findings, the command."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from hsm_specs.doctor.check import Check, Status
from hsm_specs.installed import installed_version, is_compiled

OLDEST: Final = (3, 11)


class Extra(NamedTuple):
    """An extra: the modules that it installs, and what they are for."""

    name: str
    modules: tuple[str, ...]
    gives: str


EXTRAS: Final = (
    Extra("dask", ("distributed",), "soaks and judging on a Dask cluster"),
    Extra("diagrams", ("jinja2", "networkx"), "--html, diagrams and the book"),
    Extra("pytest", ("pytest",), "the pytest plugin"),
    Extra("stateful", ("hypothesis", "pytest"), "Hypothesis state machines"),
    Extra("zstd", ("zstandard",), "traces compressed with zstd"),
)


def environment_checks(command: Sequence[str], findings: Path) -> Iterator[Check]:
    """Yield the checks of an adapter's environment, that of the command last."""
    yield _check("hsmspec", "ok", f"{installed_version()}, {'compiled' if is_compiled() else 'not compiled'}")
    yield _python(sys.version_info[:2])
    for extra in EXTRAS:
        yield _extra(extra)
    yield _renderer()
    yield _folder(findings)
    yield _command(command)


def _check(name: str, status: Status, text: str, remedy: str = "") -> Check:
    return Check(name, status, text, remedy, "environment")


def _python(version: tuple[int, int]) -> Check:
    text = f"Python {version[0]}.{version[1]}"
    if version < OLDEST:
        return _check("python", "fault", text, f"Use Python {OLDEST[0]}.{OLDEST[1]} or later.")
    return _check("python", "ok", text)


def _extra(extra: Extra) -> Check:
    name = f"extra {extra.name}"
    missing = [module for module in extra.modules if find_spec(module) is None]
    if not missing:
        return _check(name, "ok", f"installed: {extra.gives}")
    remedy = f"To install it: `pip install 'hsmspec[{extra.name}]'`."
    return _check(name, "warning", f"{' and '.join(missing)} not installed; needed for {extra.gives}", remedy)


def _renderer() -> Check:
    """Check that there is a program that draws graphs: graphviz-pure or the system's dot."""
    scripts = Path(sys.executable).parent
    for program in ("graphviz-pure", "dot"):
        if shutil.which(program) or shutil.which(program, path=str(scripts)):
            return _check("renderer", "ok", f"{program} draws diagrams")
    remedy = "For diagrams, `pip install 'hsmspec[diagrams]'` installs graphviz-pure, which needs nothing else."
    return _check("renderer", "warning", "no program draws diagrams", remedy)


def _folder(findings: Path) -> Check:
    """Check that findings can be saved, without creating the folder."""
    there = next(path for path in (findings, *findings.absolute().parents) if path.exists())
    remedy = "Make it writable, or name another folder with `--findings`."
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        return _check("findings", "fault", f"{findings} cannot be written to ({reason})", remedy)
    return _check("findings", "ok", f"{findings} can be written to")


def _command(command: Sequence[str]) -> Check:
    program = command[0] if command else ""
    if found := shutil.which(program):
        return _check("command", "ok", found)
    if not Path(program).exists():
        remedy = "Name a program that exists and is built; one without a slash is looked for in PATH."
        return _check("command", "fault", f"{program or 'the empty name'} cannot be found", remedy)
    if Path(program).is_dir():
        return _check("command", "fault", f"{program} is a folder", "Name the program in it.")
    if os.access(program, os.X_OK):
        return _check("command", "fault", f"{program} is not in PATH", f"Write `./{program}`, with a slash.")
    return _check(
        "command", "fault", f"{program} may not be executed", f"`chmod +x {program}`, or name its interpreter."
    )
