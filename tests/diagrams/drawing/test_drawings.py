"""Drawings of machines, and drawings as DOT and Mermaid text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm_diagrams.drawing.dot import to_dot
from hsm_diagrams.drawing.drawing import MANY, Arrow, Box, Drawing, Line, Role
from hsm_diagrams.drawing.mermaid import to_mermaid
from hsm_diagrams.drawing.renderers import render
from hsm_diagrams.drawing.themes import DARK, LIGHT
from hsm_diagrams.machine.drawing import machine_drawing

TEXTS = st.text(max_size=12)
DRAWINGS = st.builds(
    lambda name, title, texts: Drawing(
        name=name,
        title=title,
        caption=[*texts],
        description=title,
        boxes=[
            Box(
                key=f"{number}{text}",
                lines=[Line(text, strong=True, large=True), Line(text)],
                role=Role.STATE,
                hint=text,
            )
            for number, text in enumerate(texts)
        ],
        arrows=[
            Arrow(source=f"0{texts[0]}", target=f"0{texts[0]}", lines=[Line(text)], role=Role.FAILED, hint=text)
            for text in texts
        ],
    ),
    TEXTS,
    TEXTS,
    st.lists(TEXTS, min_size=1, max_size=3),
)


@pytest.fixture
def drawing(graph):
    return machine_drawing(graph, "the door of the tests")


def labels(drawing):
    return [line.text for part in (*drawing.boxes, *drawing.arrows) for line in part.lines]


def test_the_caption_says_from_what_and_how_the_picture_was_made(drawing):
    assert drawing.caption[0] == (
        "Made from the door of the tests: 3 transitions tried in 4 states of 2 machines (sound, rusty), 32 trials."
    )


def test_the_caption_explains_the_signs_that_occur_and_no_others(graph, drawing):
    for words in ("dot", "Double border", "Gray", "Red", "brackets", "begin with house."):
        assert words in drawing.caption[1]
    assert "rejected" not in drawing.caption[1]


def test_tasks_are_drawn_with_kind_and_queue(drawing):
    assert "Bell pending, outbound to hall" in labels(drawing)
    assert "starts Bell, outbound to hall" in labels(drawing)


def test_what_is_rejected_is_a_table_if_asked_for_without_an_arrow(graph, drawing):
    assert Role.REJECTED not in {part.role for part in (*drawing.boxes, *drawing.arrows)}
    shown = machine_drawing(graph, "", rejected=True)
    [table] = [box for box in shown.boxes if box.role is Role.REJECTED]
    assert "Open, Close, Remove" == dict(table.table)["walled"]
    assert {Role.HIDDEN} == {arrow.role for arrow in shown.arrows if arrow.target == table.key}
    assert "<TD ALIGN" in to_dot(shown, LIGHT)
    assert "walled: Open, Close, Remove" in to_mermaid(shown, LIGHT)
    assert "dashed" == LIGHT.looks[Role.REJECTED].stroke


def test_a_failure_is_red_and_says_what_happens(drawing):
    [failed] = [arrow for arrow in drawing.arrows if arrow.role is Role.FAILED]
    assert ["Close [rusty]", "fails, rolled back", "it is jammed & rusty"] == [line.text for line in failed.lines]


def test_states_have_the_role_that_was_found(drawing):
    roles = {box.key: box.role for box in drawing.boxes}
    assert (Role.STATE, Role.TERMINAL, Role.UNREACHABLE) == (roles["open"], roles["gone"], roles["walled"])


def test_the_description_has_all_states_and_moves_in_words(drawing):
    assert "closed (initial): Open leads to open, Remove leads to gone." in drawing.description
    assert "open: Close fails, Close leads to closed, Remove leads to gone." in drawing.description
    assert "walled (unreachable): nothing leads out." in drawing.description


def test_a_guard_is_not_broken_over_lines(drawing):
    assert all(text.count("[") == text.count("]") for text in labels(drawing))


@pytest.mark.parametrize("write", [to_dot, to_mermaid])
def test_the_same_drawing_gives_the_same_text(drawing, write):
    assert write(drawing, LIGHT, "book.html") == write(replace(drawing), LIGHT, "book.html")


@pytest.mark.parametrize("write", [to_dot, to_mermaid])
def test_themes_differ_in_nothing_but_colours_and_ids(drawing, write):
    light, dark = (write(drawing, theme).splitlines() for theme in (LIGHT, DARK))
    assert len(light) == len(dark)
    differing = [pair for pair in zip(light, dark, strict=True) if pair[0] != pair[1]]
    assert differing
    assert all("#" in one or "-light" in one for one, _ in differing)


def test_requirements_are_links_to_the_anchors_of_the_book(drawing):
    dot = to_dot(drawing, LIGHT, "https://example.org/book.html")
    assert 'URL="https://example.org/book.html#TRANS-APPLY-5"' in dot
    assert "shows TRANS-APPLY-5, TRANS-APPLY-7" in dot
    assert 'click n2 href "book.html#MACH-STATE-1"' in to_mermaid(drawing, LIGHT, "book.html")


@pytest.mark.parametrize("write", [to_dot, to_mermaid])
def test_without_a_book_there_are_no_links(drawing, write):
    assert "MACH-STATE-1" in to_dot(drawing, LIGHT)
    assert "URL" not in write(drawing, LIGHT)
    assert "href" not in write(drawing, LIGHT)


def test_there_are_two_sizes_of_type(drawing):
    dot = to_dot(drawing, LIGHT)
    assert dot.count("fontsize=11") == dot.count("fontsize=")
    assert dot.count('POINT-SIZE="14"') == dot.count("POINT-SIZE")


def test_boxes_of_a_group_are_in_a_frame(drawing):
    boxes = [replace(box, group="house" if box.key == "open" else "") for box in drawing.boxes]
    dot = to_dot(replace(drawing, boxes=boxes), LIGHT)
    assert 'subgraph "cluster house"' in dot
    assert dot.index('subgraph "cluster house"') < dot.index('"open" [') < dot.index("\n}\n", dot.index('"open" ['))


def test_many_boxes_are_laid_out_by_forces_and_the_picture_says_so(drawing):
    boxes = [Box(key=str(number), lines=[Line(str(number))], role=Role.STATE) for number in range(MANY + 1)]
    dot = to_dot(replace(drawing, boxes=boxes, arrows=()), LIGHT)
    assert 'layout="sfdp"' in dot
    assert f"More than {MANY} nodes: laid out by forces." in dot
    assert b"<svg" in render(dot, "svg")


@given(DRAWINGS)
@settings(max_examples=60)
def test_any_text_can_be_drawn(drawing):
    render(to_dot(drawing, LIGHT, "book.html"), "svg", "pure")


def test_labels_of_mermaid_are_boxes_in_their_arrows_since_it_keeps_boxes_apart(drawing):
    text = to_mermaid(drawing, LIGHT)
    assert "|" not in text
    labels = [line for line in text.splitlines() if " --- " in line]
    assert len([arrow for arrow in drawing.arrows if arrow.lines]) == len(labels)
    assert all(":::on_" in line and " --> " in line for line in labels)
    looks = [line.split()[1] for line in text.splitlines() if "linkStyle" in line]
    assert [str(number) for number in range(len(drawing.arrows) + len(labels))] == looks


@given(DRAWINGS)
def test_no_text_ends_a_label_or_a_line_of_mermaid(drawing):
    lines = to_mermaid(drawing, LIGHT).splitlines()
    labelled = [line for line in lines if line.endswith(":::state") or "-->" in line]
    assert len(drawing.boxes) + len(drawing.arrows) == len(labelled)
    assert all(2 == line.count('"') for line in labelled)


def test_mermaid_writes_characters_of_its_own_as_entities():
    text = 'a "b" <c> & `d` #e'
    box = Box(key="k", lines=[Line(text)], role=Role.STATE)
    drawing = Drawing(name="n", title="t", caption=(), description="d", boxes=[box], arrows=())
    assert '("a #quot;b#quot; #lt;c#gt; #amp; #96;d#96; #35;e")' in to_mermaid(drawing, LIGHT)


def test_foreign_text_gives_no_command_to_a_terminal_or_a_workflow():
    evil = "::error::x\x1b]52;c;aGk=\x07\r\n::error::y\u202e##[error]z"
    box = Box(key=evil, lines=[Line(evil)], role=Role.STATE, hint=evil, group=evil)
    drawing = Drawing(name=evil, title=evil, caption=(evil,), description=evil, boxes=(box,), arrows=())
    for text in (to_dot(drawing, LIGHT), to_mermaid(drawing, LIGHT)):
        assert "error" in text
        for line in text.splitlines():
            assert line.isprintable()
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
