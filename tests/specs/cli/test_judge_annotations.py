"""`hsmspec judge --github`: each place in a trace becomes an annotation of its file and line."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from hsm_specs.report.github import SHOWN

from .known import KNOWN
from .test_judge_reports import ADDED, HEADER, trace

DIRTIES = ("add-child-dirties",)
ANNOTATION = re.compile(r"::(error|notice|warning) ([^:]*)::(.*)")


@pytest.fixture
def annotations(cli, monkeypatch):
    """Judge contents of files, and return the annotations: level, properties and message, as the runner has them."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def call(*more: str, **files: bytes):
        for name, content in files.items():
            Path(name).write_bytes(content)
        said = cli("judge", "--github", *(files or ()), *more)
        found = [match.groups() for line in said.out.splitlines() if (match := ANNOTATION.fullmatch(line))]
        return [
            (level, dict(property.split("=", 1) for property in properties.split(",")), unquote(message))
            for level, properties, message in found
        ]

    return call


def places(annotations):
    return [
        (level, properties.get("file"), properties.get("line"), properties["title"])
        for level, properties, _ in annotations
    ]


def test_each_departure_is_annotated_where_it_is(annotations) -> None:
    found = annotations(
        a=HEADER + trace() + trace(ADDED, DIRTIES, "<b>"), b=trace(ADDED, DIRTIES, "c") + trace(ADDED, DIRTIES, "d")
    )
    assert [
        ("error", "a", "15", "DIRTY-TREE-3"),
        ("error", "b", "7", "DIRTY-TREE-3"),
        ("error", "b", "14", "DIRTY-TREE-3"),
    ] == places(found)[:3]
    first, second, _, *others = (message for _, _, message in found)
    assert ">   5  n1.Dirty()\n        expected: false\n        observed: true" in first
    assert 'b, line 7, trace "c": forbidden' in second
    assert "expected: false\n      observed: true" in second
    assert not others


def test_what_was_not_understood_is_annotated_where_it_is(annotations) -> None:
    found = annotations("none", a=trace() + b"nonsense\n")
    assert [("error", "a", "8", "hsmspec"), ("error", "none", None, "hsmspec")] == places(found)[:2]
    assert found[0][2] == "a, line 8: it is no JSON object (nonsense)."
    assert found[1][2] == "none: it cannot be read (No such file or directory)."
    [(level, properties, message)] = found[2:]
    assert ("error", {"title": "hsmspec"}) == (level, properties)
    assert "2 problems kept lines or files from being judged" in message


def test_what_is_known_and_what_is_allowed_are_no_annotations(annotations) -> None:
    Path("known.toml").write_text(KNOWN, encoding="utf-8")
    assert annotations("--deviations", "known.toml", a=trace(ADDED, DIRTIES), b=trace()) == []


def test_properties_and_messages_are_escaped(annotations, cli) -> None:
    name = "50%, a:b\n.jsonl"
    [annotation, *_] = annotations(**{name: trace(ADDED, DIRTIES, "100%\n::error::x")})
    _, properties, message = annotation
    assert {"file": "50%25%2C a%3Ab%0A.jsonl", "line": "7", "title": "DIRTY-TREE-3"} == properties
    assert "100%" in message


def test_paths_are_those_in_the_repository(annotations, tmp_path, monkeypatch) -> None:
    (tmp_path / "repository" / "sub").mkdir(parents=True)
    (tmp_path / "outside").write_bytes(trace(ADDED, DIRTIES))
    monkeypatch.chdir(tmp_path / "repository" / "sub")
    Path("a").write_bytes(trace(ADDED, DIRTIES))
    files = (str(tmp_path / "repository" / "sub" / "a"), "../sub/./a", "../../outside")
    outside = str(tmp_path / "outside")
    assert ["a", "a", outside] == [place[1] for place in places(annotations(*files))]
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "repository"))
    assert ["sub/a", "sub/a", outside] == [place[1] for place in places(annotations(*files))]


def test_there_are_ten_of_each_kind_and_the_rest_is_in_the_summary(annotations, monkeypatch) -> None:
    count = trace(ADDED[:4]).replace(b'"saw":{"ok":0}', b'"saw":{"ok":7}')
    assert count.count(b'{"ok":7}') == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    found = annotations(a=b"".join(trace(ADDED, DIRTIES, f"t{number}") for number in range(2 * SHOWN)), b=count)
    by_place = places(found)
    assert SHOWN == len(by_place)
    assert f"{SHOWN + 1} more annotations" in Path("summary.md").read_text("utf-8")
    assert ("error", "b") in {place[:2] for place in by_place}
    # GitHub shows only the first ones of a step.
    assert {place[3] for place in by_place[:2]} == {place[3] for place in by_place if place[1]}
