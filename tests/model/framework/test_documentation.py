"""The example of docs/framework.md runs, is short, and prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[3] / "docs" / "framework.md").read_text(encoding="utf-8")
MACHINE, RUN, AMENDED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


def run(*parts: str) -> str:
    """Run code as a module of its own, and return what it prints."""
    names: dict[str, Any] = {"__name__": "example"}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        for part in parts:
            exec(compile(part, "framework.md", "exec", dont_inherit=True), names)  # noqa: S102  # the page's own code
    return output.getvalue()


def test_the_example_prints_what_the_page_says() -> None:
    assert run(MACHINE, RUN) == PRINTED


def test_the_example_has_at_most_30_lines() -> None:
    assert len(RUN.splitlines()) <= 30


def test_with_the_amendments_of_v1_25_1_the_timer_fires_a_millisecond_later() -> None:
    imported, amended = AMENDED.strip().split("\n\n")
    at_release = RUN.replace("framework = Framework(registry)", amended)
    assert "at 60 s: [] Reminder(status='waiting'" in run(MACHINE, imported, at_release)
    later = at_release.replace("east.advance(0.1)", "east.advance(1.1)")
    assert PRINTED.replace("00:01:00", "00:01:00.001000") == run(MACHINE, imported, later)
