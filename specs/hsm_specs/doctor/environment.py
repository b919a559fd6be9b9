"""What surrounds an adapter: Python, the extras, the folder of findings, the command."""

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
    """An optional part of hsmspec: the modules that it needs, and what is missing without it."""

    name: str
    modules: tuple[str, ...]
    gives: str


EXTRAS: Final = (
    Extra("dask", ("distributed",), "soaks and judging on a cluster of Dask"),
    Extra("diagrams", ("jinja2", "networkx"), "--html, diagrams and the book"),
    Extra("pytest", ("pytest",), "a test for each requirement in pytest"),
    Extra("stateful", ("hypothesis", "pytest"), "state machines of Hypothesis"),
    Extra("zstd", ("zstandard",), "traces that are compressed with zstd"),
)


def environment_checks(command: Sequence[str], findings: Path) -> Iterator[Check]:
    """The checks of what surrounds an adapter, that of the command last."""
    yield _check("hsmspec", "ok", f"{installed_version()}, {'compiled' if is_compiled() else 'not compiled'}")
    yield _python(sys.version_info[:2])
    for extra in EXTRAS:
        yield _extra(extra)
    yield _renderer()
    yield _folder(findings)
    yield _command(command)


def _check(name: str, status: Status, text: str, mend: str = "") -> Check:
    return Check(name, status, text, mend, "environment")


def _python(version: tuple[int, int]) -> Check:
    text = f"Python {version[0]}.{version[1]}"
    if version < OLDEST:
        return _check("python", "fault", text, f"Use Python {OLDEST[0]}.{OLDEST[1]} or later.")
    return _check("python", "ok", text)


def _extra(extra: Extra) -> Check:
    name = f"extra {extra.name}"
    missing = [module for module in extra.modules if find_spec(module) is None]
    if not missing:
        return _check(name, "ok", f"is installed: {extra.gives}")
    mend = f"If you want it: `pip install 'hsmspec[{extra.name}]'`."
    return _check(name, "warning", f"{' and '.join(missing)} not installed, so there is no {extra.gives}", mend)


def _renderer() -> Check:
    """Whether something draws graphs: graphviz-pure or the system's dot."""
    scripts = Path(sys.executable).parent
    for program in ("graphviz-pure", "dot"):
        if shutil.which(program) or shutil.which(program, path=str(scripts)):
            return _check("renderer", "ok", f"{program} draws diagrams")
    mend = "If you want diagrams: `pip install 'hsmspec[diagrams]'` brings graphviz-pure, which needs nothing else."
    return _check("renderer", "warning", "nothing here draws diagrams", mend)


def _folder(findings: Path) -> Check:
    """Whether findings can be saved. The folder is not made."""
    there = next(path for path in (findings, *findings.absolute().parents) if path.exists())
    mend = "Make it writable, or name another folder with `--findings`."
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        return _check("findings", "fault", f"{findings} cannot be written to ({reason})", mend)
    return _check("findings", "ok", f"{findings} can be written to")


def _command(command: Sequence[str]) -> Check:
    program = command[0] if command else ""
    if found := shutil.which(program):
        return _check("command", "ok", found)
    if not Path(program).exists():
        mend = "Name a program that exists and is built; one without a slash is looked for in PATH."
        return _check("command", "fault", f"{program or 'the empty name'} cannot be found", mend)
    if Path(program).is_dir():
        return _check("command", "fault", f"{program} is a folder", "Name the program in it.")
    if os.access(program, os.X_OK):
        return _check("command", "fault", f"{program} is not in PATH", f"Write `./{program}`, with a slash.")
    return _check(
        "command", "fault", f"{program} may not be executed", f"`chmod +x {program}`, or name its interpreter."
    )
