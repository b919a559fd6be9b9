"""The sample of a run in the README is what the run prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REAL = ROOT / "build" / "temporal-v1.25.1"


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="the adapter of the real package is not built (needs Go)")
def test_the_sample_of_the_readme_is_printed(cli):
    [sample] = re.findall(
        r"^\$ make conformance (?:.*)\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    known = ROOT / "adapters" / "temporal" / "v1.25.1" / "deviations.toml"
    said = cli("run", "--budget", "quick", "--seed", "1", "--deviations", str(known), "--", str(REAL))
    printed = iter(["The real Go package v1.25.1", *said.out.splitlines()])
    for line in sample.splitlines():
        # Each line follows the one before it.
        assert line == "..." or line in printed, line
