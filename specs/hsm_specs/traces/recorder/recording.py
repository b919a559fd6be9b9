"""The file of a recording: a header, and the lines of traces, which may be recorded side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import IO, Any

import msgspec

from hsm_specs.messages import Capability, Dialect
from hsm_specs.traces.record import FORMAT
from hsm_specs.traces.recorder.package import Package
from hsm_specs.traces.recorder.recorder import Recorder

CAPABILITIES: tuple[Capability, ...] = ("transitions", "collections", "outputs", "tasks", "identity", "panics")


class Recording:
    """Writes a recording to a path, replacing what is there, or to a binary file, which stays open.

    Each line is written at once, so that nothing is lost when the program ends badly.
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
    ) -> None:
        self._owned = isinstance(file, str | Path)
        self._file: IO[bytes] = Path(file).open("wb", buffering=0) if isinstance(file, str | Path) else file  # noqa: SIM115  # see close
        self._lock = Lock()
        self._package = package or Package()
        self.write({
            "hsmspec": FORMAT,
            "world": "open",
            "implementation": implementation,
            "version": version,
            "language": "python",
            "dialect": dialect,
            "capabilities": list(capabilities),
        })  # fmt: skip

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def trace(self, name: str = "") -> Recorder:
        """A recorder of a trace of its own. Traces of one name must not overlap."""
        return Recorder(name, self._package, self.write)

    def write(self, line: dict[str, Any]) -> None:
        """Adds a line."""
        data = msgspec.json.encode(line) + b"\n"
        with self._lock:
            self._file.write(data)

    def close(self) -> None:
        """Closes the file, unless it was handed over open."""
        if self._owned:
            self._file.close()
        else:
            self._file.flush()
