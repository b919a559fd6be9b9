"""A CI job's surroundings: its folder, its variables, and a Python that makes environments with hsmspec."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).parents[2]
PLAIN = (sys.executable, "-m", "plain_hsm.adapter")
MUTANT = (sys.executable, "-m", "plain_mutants", "children-go-to-the-root")
TRACE = '{"op":{"op":"new_registry"},"saw":{"ok":null}}\n{"op":{"op":"machine","type":1},"saw":{"ok":null}}\n'
FORBIDDEN = TRACE.replace('"type":1},"saw":{"ok":null}', '"type":1},"saw":{"ok":7}')

# Makes environments in no time and without the network. Their pip writes down what it is asked for and where, and fails
# if that is `fails`; their hsmspec is the one that is tested.
PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    ln -sf {python} "$3/bin/python"
    printf '#!/bin/sh\\nprintf "%%s\\\\n" "$@" >>{pip}\\npwd >>{pip}.cwd\\n[ "$4" != fails ]\\n' >"$3/bin/pip"
    printf '#!/bin/sh\\nexec {python} -m hsm_specs.cli "$@"\\n' >"$3/bin/hsmspec"
    chmod +x "$3/bin/pip" "$3/bin/hsmspec"
else
    exec {python} "$@"
fi
"""


class Ended(NamedTuple):
    """The output of a script, and its exit status."""

    status: int
    out: str
    err: str


class Job:
    """A job of CI: scripts are run by bash as the systems run them, in its folder or below."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.temp = folder / "temp"
        self.pip = folder / "pip.txt"
        for made in (self.work, self.temp, folder / "bin"):
            made.mkdir()
        python = folder / "bin" / "python"
        python.write_text(
            PYTHON.format(python=shlex.quote(sys.executable), pip=shlex.quote(str(self.pip))), encoding="utf-8"
        )
        python.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": ":".join([*sys.path, str(REPOSITORY / "adapters" / "python")]),
        }

    def run(self, script: str, below: str = ".", **environment: str) -> Ended:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # noqa: S607 (whichever there is)
            cwd=self.work / below,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def installed_in(self) -> list[str]:
        """Return the folders in which pip was called."""
        return self.pip.with_name("pip.txt.cwd").read_text("utf-8").splitlines()

    def adapter(self, command: tuple[str, ...]) -> None:
        """Put a program `adapter` into the folder."""
        path = self.work / "adapter"
        path.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n", encoding="utf-8")
        path.chmod(0o755)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)
