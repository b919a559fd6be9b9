"""The file of a recording: a header, and the lines of traces, which may be recorded side by side."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import IO, Any

import msgspec

from hsm_specs.errors import InputError
from hsm_specs.language.messages import Capability, Dialect
from hsm_specs.traces.format.record import FORMAT
from hsm_specs.traces.recorder.checks import required_rules
from hsm_specs.traces.recorder.places import Places
from hsm_specs.traces.recorder.recorder import Package, Recorder
from hsm_specs.traces.recorder.session import RecordingSession, Show

CAPABILITIES: tuple[Capability, ...] = (
    "transitions", "collections", "outputs", "tasks", "executors", "identity", "panics",
)  # fmt: skip


class Recording:
    """Writes a recording to a path, replacing what is there, or to a binary file, which stays open.

    Each line is written at once, so that nothing is lost when the program ends badly. A file that cannot be written to
    at the beginning is an `InputError`. Later on that ends the recording: each of its traces warns of it.
    """

    def __init__(
        self,
        file: str | Path | IO[bytes],
        package: Package | None = None,
        *,
        implementation: str = "",
        version: str = "",
        dialect: Dialect = "v1.25",
        capabilities: Sequence[Capability] = CAPABILITIES,
        show: Show | None = None,
        without: Collection[str] = (),
        root: Path | None = None,
        process: str = "",
        clock: Callable[[], str] | None = None,
    ) -> None:
        """Begin a recording.

        ``show`` returns what to show people for data or a task, for example `as_json`. ``without`` are the IDs of rules
        about machines that are switched off. Places in the program are relative to the folder ``root``, by default the
        current one; ``process`` and what ``clock`` returns, a time as text, are recorded with them. Raise `InputError`
        for a file that cannot be written to, or a rule that does not exist.
        """
        required_rules(without)
        self._owned = isinstance(file, str | Path)
        self._lock = Lock()
        self._trouble: OSError | None = None
        self._package = package or Package()
        self._show, self._without, self._places = show, tuple(without), Places(root, process, clock)
        header = {
            "hsmspec": FORMAT,
            "world": "open",
            "implementation": implementation,
            "version": version,
            "language": "python",
            "dialect": dialect,
            "capabilities": list(capabilities),
        }
        try:
            self._file: IO[bytes] = Path(file).open("wb", buffering=0) if isinstance(file, str | Path) else file  # noqa: SIM115  # see close
            try:
                self.write(header)
            except OSError:
                self.close()
                raise
        except OSError as error:
            what = f"The recording cannot be written to {file} ({error.strerror or error})."
            raise InputError(what, remedy="Name a file in a folder that exists and may be written to.") from None

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def trace(self, name: str = "") -> Recorder:
        """Return a recorder of a trace of its own. Traces of one name must not overlap."""
        session = RecordingSession(name, self.write, self._places, self._show)
        return Recorder(session, self._package, self._without)

    def write(self, line: dict[str, Any]) -> None:
        """Write a line. Raise `OSError` if the file takes no more, and from then on: a part of a line ends it."""
        data = msgspec.json.encode(line) + b"\n"
        with self._lock:
            if self._trouble is not None:
                raise self._trouble
            try:
                self._write(data)
            except OSError as error:
                self._trouble = error
                raise

    def _write(self, data: bytes) -> None:
        """Write all of it; a file without a buffer may take it in several pieces."""
        rest = memoryview(data)
        while rest:
            written = self._file.write(rest)
            if not isinstance(self._file, io.RawIOBase):
                return
            if not written:
                raise OSError("the file takes no more")
            rest = rest[written:]

    def close(self) -> None:
        """Close the file, unless it was passed in open. Warn if that fails."""
        try:
            if self._owned:
                self._file.close()
            else:
                self._file.flush()
        except OSError as error:
            warnings.warn(f"hsmspec has not recorded all: {error!r}", RuntimeWarning, stacklevel=2)
