"""The reports of a command: the options that ask for them, and the reporters that write them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from itertools import combinations
from pathlib import Path
from typing import Any

import click

from hsm_specs.cli.common import Color, color_option, complain, console_of, plain_lines, say, written_file
from hsm_specs.errors import InputError
from hsm_specs.files import target_of, try_writing
from hsm_specs.optional_dependencies import optional_imports
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.report.github import GitHubReporter
from hsm_specs.report.json import JsonReporter
from hsm_specs.report.junit import JUnitReporter
from hsm_specs.report.plain import PlainReporter
from hsm_specs.report.reporter import Broadcast, Reporter
from hsm_specs.report.sarif import SarifReporter
from hsm_specs.report.terminal import TerminalReporter
from hsm_specs.report.text import Detail

STDIN = "-"
"""The file name that means stdin."""
_OPTIONS = {
    "json_file": written_file("--json", "json_file", help="Write the result as JSON (/dev/stdout for stdout)."),
    "junit_file": written_file(
        "--junit", "junit_file", help="Write the result as JUnit XML, with a test case for each requirement."
    ),
    "html_file": written_file(
        "--html", "html_file", help="Write the result as one page for a browser (extra `diagrams`)."
    ),
    "sarif_file": written_file("--sarif", "sarif_file", help="Write what was found as SARIF 2.1.0, for code scanning."),
    "github": click.option("--github", is_flag=True, help="Write annotations and a job summary for a GitHub workflow."),
    "color": color_option,
}


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports that the options of a command ask for."""

    json_file: Path | None
    junit_file: Path | None
    html_file: Path | None
    sarif_file: Path | None
    github: bool
    color: Color

    def check(self, inputs: Iterable[str | Path | None], **outputs: Path | None) -> None:
        """Check the paths of all reports, and of more outputs by their options, as `check_paths` does."""
        own = {
            "--json": self.json_file,
            "--junit": self.junit_file,
            "--html": self.html_file,
            "--sarif": self.sarif_file,
        }
        check_paths({**own, **{f"--{option}": path for option, path in outputs.items()}}, inputs)

    @property
    def files(self) -> bool:
        """Whether there is any report besides the printed one."""
        paths = (self.json_file, self.junit_file, self.html_file, self.sarif_file)
        return self.github or any(path is not None for path in paths)

    def reporter(
        self, deviations: Deviations, write_json: Reporter | None = None, detail: Detail = "requirements"
    ) -> Broadcast:
        """Return the reporter for all of them, printing included. It writes the JSON file unless another one does."""
        reporters: list[Reporter] = [
            PlainReporter(say, complain, detail=detail)
            if plain_lines(self.color)
            else TerminalReporter(console_of(self.color), complain, detail)
        ]
        if write_json is not None:
            reporters.append(write_json)
        elif self.json_file is not None:
            reporters.append(JsonReporter(self.json_file))
        if self.junit_file is not None:
            reporters.append(JUnitReporter(self.junit_file, deviations))
        if self.html_file is not None:
            reporters.append(_html(self.html_file, deviations))
        if self.sarif_file is not None:
            reporters.append(SarifReporter(self.sarif_file, os.environ))
        if self.github:
            reporters.append(GitHubReporter(click.echo, os.environ))
        return Broadcast(reporters)


def report_options(*, html: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of reports to a command, which takes them as one argument, ``reports``."""
    names = [name for name in _OPTIONS if html or name != "html_file"]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(**arguments: Any) -> Any:
            given: dict[str, Any] = {"html_file": None, **{name: arguments.pop(name) for name in names}}
            return function(reports=Reports(**given), **arguments)

        decorated: Callable[..., Any] = command
        for name in reversed(names):
            decorated = _OPTIONS[name](decorated)
        return decorated

    return decorate


def check_paths(outputs: dict[str, Path | None], inputs: Iterable[str | Path | None] = ()) -> None:
    """Check that no output is an input or the same file as another output, and that each can be written.

    Outputs are given by their options; None is an output or an input that was not asked for. Several outputs may be the
    same pipe or device. Raise `InputError`, also if stdin is read and closed.
    """
    asked = {option: path for option, path in outputs.items() if path is not None}
    for option, path in asked.items():
        if str(path) == STDIN:
            what = f"`{option}` needs the name of a file, and `-` is none:"
            raise InputError(what, remedy="name a file, or /dev/stdout.")
    read = [_input(name) for name in inputs if name is not None]
    for path in asked.values():
        try_writing(path)
    for option, path in asked.items():
        if any(_same(path, name) for name in read):
            raise InputError(f"{path} is read, so `{option}` cannot write it:", remedy="name another file.")
    for (one, path), (other, second) in combinations(asked.items(), 2):
        if _same(path, second):
            raise InputError(f"`{one}` and `{other}` name the same file, {second}:", remedy="give each its own.")


def _html(path: Path, deviations: Deviations) -> Reporter:
    with optional_imports():
        from hsm_specs.report.html import HtmlReporter  # noqa: PLC0415  # needs an extra
    return HtmlReporter(path, deviations)


def _input(name: str | Path) -> Path:
    if name != STDIN:
        return Path(name)
    if sys.stdin is None:
        raise InputError("Stdin is closed, so nothing can be read from it:", remedy="name a file.")
    return Path("/dev/stdin")


def _same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to the same file, whether it exists or not."""
    try:
        if not one.exists() or not other.exists():
            return target_of(one) == target_of(other)
        return one.is_file() and one.samefile(other)
    except OSError:
        return False
