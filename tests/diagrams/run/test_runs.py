"""Pictures of runs: conformance and coverage, area by area."""

from __future__ import annotations

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.drawing.mermaid import to_mermaid
from hsm_diagrams.drawing.themes import LIGHT
from hsm_diagrams.run.drawing import ROLES, SIGNS, conformance_picture, coverage_picture, heats_of
from hsm_diagrams.run.graph import CLASSES, WORST, areas, run_graph
from hsm_diagrams.run.runs import load_run
from hsm_specs.results.verdicts import Verdict


def area(picture, name):
    [box] = [box for box in picture.drawing.boxes if box.key == f"area {name}"]
    return box


def lines(box):
    return [line.text.replace("\N{NO-BREAK SPACE}", " ") for line in box.lines]


def test_every_verdict_comes_down_to_a_class_with_a_sign_and_a_look():
    assert set(Verdict) == CLASSES.keys()
    assert set(WORST) == set(CLASSES.values()) == SIGNS.keys() == ROLES.keys()
    assert len(WORST) == len(set(SIGNS.values()))


def test_areas_count_their_verdicts_and_name_what_does_not_agree(run):
    picture = conformance_picture([run(DIRTY_TREE_3=Verdict.KNOWN, CLEAR_TREE_3=Verdict.DEVIATES)])
    assert ["Dirty", "= 2 agree", "~ 1 known deviation: DIRTY-TREE-3"] == lines(area(picture, "dirty"))
    assert Role.KNOWN is area(picture, "dirty").role
    assert "\N{MULTIPLICATION SIGN} 1 deviates: CLEAR-TREE-3" in lines(area(picture, "clear"))
    assert Role.DEVIATES is area(picture, "clear").role
    assert Role.AGREES is area(picture, "registry").role


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.NOT_EXERCISED, "? 1 not exercised: DIRTY-TREE-1"),
        (Verdict.NOT_OFFERED, "\N{EN DASH} 1 not offered: DIRTY-TREE-1"),
        (Verdict.OUTDATED, "\N{MULTIPLICATION SIGN} 1 deviates: DIRTY-TREE-1"),
        (Verdict.DIFFERS, "\N{MULTIPLICATION SIGN} 1 deviates: DIRTY-TREE-1"),
        (Verdict.DIFFERS_KNOWN, "~ 1 known deviation: DIRTY-TREE-1"),
    ],
)
def test_no_verdict_but_agreement_passes_for_agreement(run, verdict, words):
    box = area(conformance_picture([run(DIRTY_TREE_1=verdict)]), "dirty")
    assert words in lines(box)
    assert Role.AGREES is not box.role


def test_several_runs_are_told_apart_only_where_they_differ(run):
    picture = conformance_picture([run("a.json", "1"), run("b.json", "2", DIRTY_TREE_3=Verdict.KNOWN)])
    said = lines(area(picture, "dirty"))
    assert ["Dirty", "some-hsm 1", "= 3 agree", "some-hsm 2", "= 2 agree"] == said[:5]
    assert "some-hsm 1" not in lines(area(picture, "registry"))
    assert "Conformance of some-hsm 1 and some-hsm 2" == picture.drawing.title


def test_runs_of_the_same_implementation_are_numbered(run):
    picture = conformance_picture([run("a.json"), run("b.json")])
    assert ["some-hsm 1 (1)", "some-hsm 1 (2)"] == picture.graph.graph["implementations"]


def test_what_is_not_in_a_run_is_not_held_to_agree(run):
    picture = conformance_picture([run("a.json", "1"), run("b.json", "2", only={"dirty"})])
    assert "not in this run" in lines(area(picture, "registry"))
    assert ["area dirty"] == areas(run_graph([load_run(run("b.json", "2", only={"dirty"}))]))


def test_every_area_of_a_run_is_there_once_with_an_arrow_to_it(run):
    picture = conformance_picture([run()])
    drawn = [box.key for box in picture.drawing.boxes if box.key.startswith("area ")]
    assert areas(picture.graph) == drawn
    pointed_at = {arrow.target for arrow in picture.drawing.arrows if arrow.role is Role.SUCCESS}
    assert set(drawn) == pointed_at


def test_edges_name_the_requirements_that_the_answers_are_evidence_of(run):
    graph = conformance_picture([run()]).graph
    assert "DIRTY-TREE-1" in graph.edges["operation dirty", "area dirty", "evidence"]["requirements"]
    assert not graph.has_edge("operation dirty", "area wire")


def test_there_is_a_legend_with_words_for_every_look(run):
    for picture in (conformance_picture([run()]), coverage_picture(run())):
        legend = {box.role: box.lines[0].text for box in picture.drawing.boxes if box.group}
        used = {box.role for box in picture.drawing.boxes if box.key.startswith("area ")}
        assert used <= legend.keys()
        assert all(legend.values())


@pytest.mark.parametrize("averages", [(20.2, 20.5, 21.0, 24.4, 39.0), (80.2, 80.5, 81, 84, 100), (1, 2, 3, 5, 9)])
def test_there_is_heat_at_every_budget(averages):
    heats = heats_of([0, *averages, averages[0]])
    assert [Role.UNSEEN, Role.SELDOM, Role.SOMETIMES, Role.OFTEN] == [heat.role for heat in heats]
    assert averages[0] == heats[1].least
    assert averages[2] == heats[2].least
    assert averages[4] == heats[3].least


def test_areas_that_were_tried_alike_are_alike():
    assert [Role.UNSEEN, Role.OFTEN] == [heat.role for heat in heats_of([20, 20])]
    assert [Role.UNSEEN] == [heat.role for heat in heats_of([0])]


def test_an_area_is_never_tried_if_one_of_its_requirements_is(run):
    picture = coverage_picture(run(cases=100, DIRTY_TREE_2=Verdict.NOT_EXERCISED))
    assert Role.OFTEN is area(picture, "registry").role
    assert Role.UNSEEN is area(picture, "dirty").role
    assert [
        "Dirty",
        "2 requirements, 100 cases each",
        "1 requirement, never: DIRTY-TREE-2",
        "200 cases, 66.7 on average",
    ] == lines(area(picture, "dirty"))


def test_what_is_not_offered_is_unreachable_and_not_never_tried(run):
    said = lines(
        area(coverage_picture(run(WIRE_READ_1=Verdict.NOT_OFFERED, DIRTY_TREE_2=Verdict.NOT_OFFERED)), "dirty")
    )
    assert "1 unreachable, not offered: DIRTY-TREE-2" in said
    assert "8.0 on average" in said[-1]


def test_the_caption_says_what_makes_the_run_again(run):
    caption = " ".join(coverage_picture(run()).drawing.caption)
    for words in ("some-hsm 1", "budget quick, seed 3", "56,789 operations", "900 of 1,000 pairs"):
        assert words in caption


def test_the_description_has_all_areas_in_words(run):
    description = conformance_picture([run(DIRTY_TREE_3=Verdict.KNOWN)]).drawing.description
    assert "Dirty: = 2 agree, ~ 1 known deviation: DIRTY-TREE-3." in description


def test_arrows_that_only_place_boxes_are_not_drawn(run):
    picture = conformance_picture([run()])
    hidden = sum(arrow.role is Role.HIDDEN for arrow in picture.drawing.arrows)
    assert hidden
    assert hidden == picture.dot().count('style="invis"')
    assert hidden == to_mermaid(picture.drawing, LIGHT).count(" ~~~ ")


@pytest.mark.parametrize("kind", ["conformance", "coverage"])
def test_the_commands_draw_a_run(cli, tmp_path, run, kind):
    said = cli("diagram", kind, str(run()))
    assert (0, f"{kind}.svg\n", "") == said
    assert (tmp_path / f"{kind}.svg").read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is no result of a run"),
        ('{"format": 1}', "is no result of a run"),
        (
            '{"format": 9, "implementation": null, "requirements": [], "seed": 0, "budget": "", "programs": 0,'
            ' "operations": 0}',
            "of format 9",
        ),
        (
            '{"format": 1, "implementation": null, "requirements": [], "seed": 0, "budget": "", "programs": 0,'
            ' "operations": 0}',
            "without any verdict",
        ),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_result_is_a_sentence(cli, tmp_path, content, words):
    if content is not None:
        (tmp_path / "run.json").write_text(content, "utf-8")
    for kind in ("conformance", "coverage"):
        said = cli("diagram", kind, "run.json")
        assert (2, "") == (said.code, said.out)
        assert 1 == said.err.count("\n")
        assert words in said.err
