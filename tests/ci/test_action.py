"""The action of GitHub: its steps run in bash, as a runner would run them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import yaml

from hsm_specs.cli.commands import COMMANDS, hsmspec

from .conftest import FORBIDDEN, MUTANT, PLAIN, REPOSITORY, TRACE, Job

ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)(?:\s*\|\|\s*'(.*?)')?\s*\}\}")
"""The name of a value, and what stands for it where it is empty."""


class Result(NamedTuple):
    """The outcome of a job: its status, the action's outputs, the summary and what was printed."""

    status: int
    outputs: dict[str, str]
    summary: str
    said: str


Action = Callable[..., Result]


@pytest.fixture
def action(job: Job) -> Action:
    """Run the action with inputs, of which those that are not given have their defaults."""

    def run(**inputs: str) -> Result:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= ACTION["inputs"].keys()
        context = {f"inputs.{name}": given.get(name, entry["default"]) for name, entry in ACTION["inputs"].items()}
        context |= {"github.action_path": str(REPOSITORY), "runner.temp": str(job.temp)}

        def resolved(text: str) -> str:
            return EXPRESSION.sub(lambda match: context.get(match[1], "") or match[2] or "", text)

        status, said, summary = 0, "", job.temp / "summary.md"
        for step in SCRIPTS:
            written = job.temp / "output.txt"
            written.write_text("", "utf-8")
            ended = job.run(
                step["run"],
                resolved(step.get("working-directory", ".")),
                GITHUB_OUTPUT=str(written),
                GITHUB_STEP_SUMMARY=str(summary),
                **{name: resolved(text) for name, text in step.get("env", {}).items()},
            )
            said += ended.out + ended.err
            for line in written.read_text("utf-8").splitlines():
                name, _, value = line.partition("=")
                context[f"steps.{step['id']}.outputs.{name}"] = value
            status = ended.status
            if status:
                break
        outputs = {name: resolved(output["value"]) for name, output in ACTION["outputs"].items()}
        return Result(status, outputs, summary.read_text("utf-8") if summary.exists() else "", said)

    return run


# --- what is written --------------------------------------------------------------------------------------------------


def test_no_script_has_an_expression_in_it() -> None:
    """A value that somebody else may have chosen is a variable, never text of the script."""
    assert SCRIPTS
    for step in SCRIPTS:
        assert not EXPRESSION.search(step["run"])
        assert "bash" == step["shell"]


def test_expressions_name_inputs_outputs_and_what_a_runner_has() -> None:
    steps = {step["id"] for step in STEPS if "id" in step}
    text = json.dumps(ACTION)
    for name in re.findall(r"inputs\.([a-z-]+)", text):
        assert name in ACTION["inputs"]
    for step, output in re.findall(r"steps\.([a-z]+)\.outputs\.([a-z-]+)", text):
        assert step in steps
        [script] = [entry["run"] for entry in SCRIPTS if entry.get("id") == step]
        assert f"{output}=" in script
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert used == ACTION["inputs"].keys()


def test_reports_are_uploaded_whatever_the_verdict_is() -> None:
    [upload] = [step for step in STEPS if step.get("uses", "").startswith("actions/upload-artifact")]
    assert "always()" in upload["if"]
    assert STEPS.index(upload) < len(STEPS) - 1


def commands_in(script: str) -> list[list[str]]:
    """Return the calls of hsmspec in a script, as words."""
    joined = script.replace("\\\n", " ")
    calls = re.findall(r'"\$HSMSPEC" (.*?) -- ', joined)
    return [shlex.split(call) for call in calls]


def test_every_option_exists() -> None:
    calls = [call for step in SCRIPTS for call in commands_in(step["run"])]
    assert {"run", "judge"} == {call[0] for call in calls}
    for name, *words in calls:
        assert name in COMMANDS
        command = hsmspec.get_command(None, name)  # type: ignore[attr-defined, arg-type]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_documented_inputs_and_outputs_are_those_of_the_action() -> None:
    text = (REPOSITORY / "docs" / "ci.md").read_text("utf-8").partition("## GitLab")[0]
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))
    assert documented == ACTION["inputs"].keys() | ACTION["outputs"].keys()
    [snippet] = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    [step] = [
        step for step in yaml.safe_load(snippet)["jobs"]["conformance"]["steps"] if "hsmspec" in step.get("uses", "")
    ]
    assert step["with"].keys() <= ACTION["inputs"].keys()


# --- what it does -----------------------------------------------------------------------------------------------------


def test_an_implementation_that_conforms(action: Action, job: Job) -> None:
    result = action(command=shlex.join(PLAIN), budget="quick", arguments="--seed 1 -k NODE-ADD")
    assert 0 == result.status, result.said
    reports = str(job.work / "hsmspec-reports")
    assert {"exit-code": "0", "verdict": "conforms", "reports": reports} == result.outputs
    assert {"run.json", "run.xml", "run.html"} <= {path.name for path in (job.work / "hsmspec-reports").iterdir()}
    assert "plain-hsm" in result.summary
    assert [f"{REPOSITORY}/constraints-run.txt", str(REPOSITORY)] == [
        line for line in job.pip.read_text("utf-8").splitlines() if str(REPOSITORY) in line
    ]


def test_a_mutant_fails_the_job_and_its_findings_are_kept(action: Action, job: Job) -> None:
    result = action(command=shlex.join(MUTANT), budget="quick", arguments="--seed 1 -k NODE-ADD", reports="out")
    assert 1 == result.status, result.said
    assert {"exit-code": "1", "verdict": "does not conform", "reports": str(job.work / "out")} == result.outputs
    assert list((job.work / "out" / "findings").glob("NODE-ADD-1-*.json"))
    assert "::error" in result.said
    assert "NODE-ADD-1" in result.summary


def test_an_adapter_that_cannot_be_started(action: Action) -> None:
    result = action(command="./no-such-adapter", budget="quick")
    assert (2, "undecided") == (result.status, result.outputs["verdict"])


def test_traces_are_judged_by_pattern(action: Action, job: Job) -> None:
    (job.work / "a b").mkdir()
    (job.work / "a b" / "good.jsonl").write_text(TRACE)
    result = action(traces="**/*.jsonl\n")
    assert 0 == result.status, result.said
    assert {"traces.json", "traces.xml", "traces.html"} <= {
        path.name for path in (job.work / "hsmspec-reports").iterdir()
    }
    (job.work / "bad.jsonl").write_text(FORBIDDEN)
    assert 1 == action(traces="a b/*.jsonl\nbad.jsonl").status


def test_each_pattern_has_to_match(action: Action, job: Job) -> None:
    (job.work / "good.jsonl").write_text(TRACE)
    result = action(traces="*.jsonl\nnone/*.jsonl\n100%/*.gz")
    assert (2, "2") == (result.status, result.outputs["exit-code"])
    errors = [line for line in result.said.splitlines() if line.startswith("::error")]
    assert ["none/*.jsonl,", "100%25/*.gz,"] == [line.partition("No trace matches ")[2].split()[0] for line in errors]
    report = json.loads((job.work / "hsmspec-reports" / "traces.json").read_text("utf-8"))
    assert ["good.jsonl"] == [file["file"] for file in report["files"]]


def test_blanks_around_a_line_are_no_part_of_the_path(action: Action, job: Job) -> None:
    for name in ("a b.jsonl", "[c].jsonl"):
        (job.work / name).write_text(TRACE)
    result = action(traces="  a b.jsonl\t\r\n\n   \n [c].jsonl ")
    assert 0 == result.status, result.said


def test_the_reports_may_be_anywhere(action: Action, job: Job) -> None:
    (job.work / "t.jsonl").write_text(TRACE)
    elsewhere = str(job.temp / "a folder")
    assert elsewhere == action(traces="t.jsonl", reports=elsewhere).outputs["reports"]
    [upload] = [step for step in STEPS if step.get("uses", "").startswith("actions/upload-artifact")]
    assert "${{ steps.judge.outputs.reports }}" == upload["with"]["path"]
    assert (job.temp / "a folder" / "traces.json").exists()


def test_all_paths_are_relative_to_the_working_directory(action: Action, job: Job) -> None:
    (job.work / "below" / "wheels").mkdir(parents=True)
    (job.work / "below" / "t.jsonl").write_text(TRACE)
    result = action(**{"traces": "*.jsonl", "from": "./wheels", "working-directory": "below"})
    assert 0 == result.status, result.said
    assert str(job.work / "below" / "hsmspec-reports") == result.outputs["reports"]
    assert {str(job.work / "below")} == set(job.installed_in())


def test_there_is_an_exit_code_whatever_fails(action: Action, job: Job) -> None:
    (job.work / "a-file").write_text("")
    for inputs in ({"reports": "a-file"}, {"command": "'"}, {"from": "fails"}):
        result = action(**{"traces": "t.jsonl", **inputs})
        assert 0 != result.status
        assert ("2", "undecided") == (result.outputs["exit-code"], result.outputs["verdict"])


def test_the_worst_of_both_counts(action: Action, job: Job) -> None:
    (job.work / "bad.jsonl").write_text(FORBIDDEN)
    result = action(command=shlex.join(PLAIN), arguments="-k REG-NEW", budget="quick", traces="bad.jsonl")
    assert (1, "1") == (result.status, result.outputs["exit-code"])


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "Nothing to judge"),
        ({"command": "  "}, "Nothing to judge"),
        ({"traces": "*.none"}, "No trace matches"),
        ({"command": "'./adapter"}, "The input command is not quoted as in a shell"),
        ({"command": "./adapter", "arguments": '"'}, "The input arguments is not quoted as in a shell"),
    ],
)
def test_inputs_that_say_nothing_are_no_success(action: Action, inputs: dict[str, str], said: str) -> None:
    result = action(**inputs)
    assert (2, "2") == (result.status, result.outputs["exit-code"])
    assert said in result.said


def test_words_of_inputs_are_never_run(action: Action, job: Job) -> None:
    evil = "$(touch evil) `touch evil`; touch evil"
    action(command=f"./no-such-adapter {shlex.quote(evil)}", budget=evil, deviations=evil, traces=evil)
    action(command=evil, arguments=evil)
    assert not list(job.work.glob("**/evil"))


def test_hsmspec_comes_from_where_the_input_says(action: Action, job: Job) -> None:
    action(**{"from": "hsmspec[diagrams]==0.1.0", "command": shlex.join(PLAIN), "arguments": "-k REG-NEW"})
    assert "hsmspec[diagrams]==0.1.0" in job.pip.read_text("utf-8").splitlines()
