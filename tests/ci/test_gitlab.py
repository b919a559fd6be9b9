"""The snippet for GitLab: its script is run as a runner runs it."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from .conftest import FORBIDDEN, MUTANT, PLAIN, REPOSITORY, TRACE, Job

TEXT = (REPOSITORY / "docs" / "ci.md").read_text("utf-8")
[SNIPPET] = re.findall(r"^```yaml\n(conformance:.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
CONFORMANCE: dict[str, Any] = yaml.safe_load(SNIPPET)["conformance"]
# A few requirements are enough here.
SCRIPT = "\n".join(CONFORMANCE["script"]).replace("--budget quick", "-k NODE-ADD,REG-NEW")


@pytest.mark.parametrize(
    ("command", "trace", "status"),
    [(PLAIN, TRACE, 0), (MUTANT, TRACE, 1), (PLAIN, FORBIDDEN, 1), (("false",), TRACE, 2)],
    ids=["conforms", "mutant", "forbidden trace", "no adapter"],
)
def test_the_script_ends_with_the_worst_verdict_and_leaves_what_is_kept(
    job: Job, command: tuple[str, ...], trace: str, status: int
) -> None:
    job.adapter(command)
    (job.work / "traces").mkdir()
    (job.work / "traces" / "t.jsonl").write_text(trace)
    ended = job.run(SCRIPT, **CONFORMANCE["variables"])
    assert status == ended.status, ended.out + ended.err
    kept = CONFORMANCE["artifacts"]
    assert "always" == kept["when"]
    [folder] = kept["paths"]
    assert {"run.json", "run.html", "traces.json", "traces.html"} <= {p.name for p in (job.work / folder).iterdir()}
    reports = list(job.work.glob(kept["reports"]["junit"]))
    assert {"run.xml", "traces.xml"} == {path.name for path in reports}
    for path in reports:
        assert ElementTree.parse(path).getroot().tag == "testsuites"  # noqa: S314 (a file of ours)
    assert CONFORMANCE["variables"]["HSMSPEC"] in job.pip.read_text("utf-8").splitlines()
