"""The programs that render images, and the messages if there is none or it fails."""

from __future__ import annotations

import shutil
import stat
import time

import pytest

from hsm_diagrams.drawing import renderers
from hsm_diagrams.drawing.renderers import PROGRAMS, NoRenderer, RenderingFailed, find_renderer, render

SMALL = 'digraph "small" { "a" -> "b" }'


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a program of our own in the place of all renderers."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def install(script: str) -> None:
        for name in PROGRAMS.values():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return install


@pytest.fixture
def nothing(monkeypatch):
    monkeypatch.setattr(renderers.shutil, "which", lambda *arguments, **more: None)


@pytest.mark.parametrize("engine", ["auto", "pure", "dot"])
def test_without_a_renderer_one_sentence_says_what_to_install(nothing, engine):
    with pytest.raises(NoRenderer, match=r"Nothing here draws DOT text.*pip install 'hsmspec\[diagrams\]'"):
        render(SMALL, "svg", engine)


def test_graphviz_pure_is_preferred(program):
    program("exit 0")
    assert find_renderer().endswith("graphviz-pure")
    assert find_renderer("dot").endswith("/dot")


def test_programs_of_an_environment_that_is_not_activated_are_found(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_renderer("pure").endswith("graphviz-pure")


def test_a_failing_renderer_is_quoted(program):
    program("echo 'syntax error in line 1' >&2; exit 1")
    with pytest.raises(RenderingFailed, match="syntax error in line 1"):
        render(SMALL, "svg")


def test_a_renderer_that_writes_nothing_has_failed(program):
    program("exit 0")
    with pytest.raises(RenderingFailed, match="no reason given"):
        render(SMALL, "svg")


def test_a_slow_renderer_is_ended(program):
    program("exec sleep 20")
    before = time.monotonic()
    with pytest.raises(RenderingFailed, match=r"has not drawn the picture in 0\.2 s"):
        render(SMALL, "svg", time_limit=0.2)
    assert time.monotonic() - before < 10


def test_broken_text_is_refused():
    with pytest.raises(RenderingFailed, match="has not drawn the picture"):
        render("digraph {", "svg")


@pytest.mark.parametrize(("image_format", "beginning"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_images_of_both_formats_are_made(image_format, beginning):
    assert render(SMALL, image_format, "pure").startswith(beginning)


@pytest.mark.skipif(shutil.which("dot") is None, reason="the system has no dot")
@pytest.mark.parametrize(("image_format", "beginning"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_the_dot_of_the_system_makes_them_too(image_format, beginning):
    assert render(SMALL, image_format, "dot").startswith(beginning)
