"""The recorder of a test: a file in the folder that the environment variable ``HSMTRACE`` names."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any, Final

from hsm_specs.errors import InputError
from hsm_specs.traces.recorder.recorder import Package, Recorder
from hsm_specs.traces.recorder.recording import Recording
from hsm_specs.traces.recorder.session import RecordingSession

VARIABLE: Final = "HSMTRACE"
"""The environment variable that names a folder for traces. Without it nothing is recorded."""
_LONGEST: Final = 100


@contextmanager
def recorder_of_test(name: str, folder: Path, options: Mapping[str, Any]) -> Generator[Recorder]:
    """Record a test to a file of its own, if ``HSMTRACE`` names a folder; a relative one is below ``folder``.

    The options are those of `Recording`. A test that records nothing leaves no file.
    """
    traces = os.environ.get(VARIABLE, "")
    if not traces:
        yield Recorder(RecordingSession(name, None), options.get("package") or Package())
        return
    given: dict[str, Any] = {"root": folder, **options}
    with _new_file(folder / traces, name) as file, Recording(file, **given) as recording, recording.trace(name) as hsm:
        yield hsm
    if not hsm.session.lines:
        Path(file.name).unlink()


def _new_file(folder: Path, name: str) -> IO[bytes]:
    """Return a new file whose name begins with that of the test. Other processes may make theirs at the same time."""
    plain = re.sub(r"[^\w.\[\]=,+-]+", "-", name)[-_LONGEST:].strip("-")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            try:
                return (folder / f"{plain}-{number}.jsonl").open("xb", buffering=0)
            except FileExistsError:
                continue
    except OSError as error:
        what = f"The trace of {name} cannot be written to {folder} ({error.strerror or error})."
        raise InputError(what, remedy=f"Have {VARIABLE} name a folder that may be written to.") from None
    raise AssertionError("unreachable")
