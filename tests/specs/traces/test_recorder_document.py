"""The examples of TRACES.md are allowed, and run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from hsm_specs.traces import recorder

from .recorded import Judged

DOCUMENT = (Path(__file__).parents[3] / "TRACES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
def test_the_traces_of_the_document_are_allowed(tmp_path, example) -> None:
    judged = Judged(example.encode(), tmp_path)
    assert {"conforms"} == judged.result.verdicts.keys()


[EXAMPLE] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_example_of_the_document_runs_as_it_stands(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLE, "TRACES.md", "exec"), {})  # noqa: S102  # the document's own example
    judged = Judged(Path("trace.jsonl").read_bytes(), tmp_path)
    assert ("", 9) == (judged.requirement, judged.traces[0].operations)


def test_the_package_has_the_example_of_the_document() -> None:
    assert indent(EXAMPLE, "    ") in (recorder.__doc__ or "")
