"""Annotations as GitHub's runner takes them: commands in lines of output, with a place in a file of the repository."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "notice"]


def annotation(level: Level, title: str, message: str, *, file: str = "", line: int = 0) -> str:
    """The command for an annotation, of a file and a line in it if they are given."""
    properties = {"file": file, "line": str(line) if file and line else "", "title": title}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {said}::{_data(message)}"


def in_repository(file: str, environment: Mapping[str, str]) -> str:
    """A path as annotations want it: from the repository's root, and whole where it is elsewhere.

    The root is what the runner's environment says, and the current folder where it says nothing.
    """
    path = Path(os.path.normpath(Path.cwd() / file))
    root = Path(os.path.normpath(Path.cwd() / environment.get("GITHUB_WORKSPACE", "")))
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
