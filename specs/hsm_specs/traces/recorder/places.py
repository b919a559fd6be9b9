"""Where the program made a call: file and line, as traces have them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

_OWN: Final = __name__.rpartition(".")[0]
_LIBRARY: Final = str(Path(os.__file__).parent) + os.sep
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


class Places:
    """Finds the place of the caller that is neither in the recorder nor in Python's own library.

    Files below ``root`` are named relative to it; others, and installed ones, by the path of their module. No name is
    an absolute path.
    """

    def __init__(self, root: Path | None = None, process: str = "", clock: Callable[[], str] | None = None) -> None:
        self._process = process
        self._clock = clock
        self._root = str((root or Path.cwd()).resolve()) + os.sep
        self._files: dict[CodeType, str | None] = {}

    def here(self) -> dict[str, Any] | None:
        """Return the place of the nearest caller, with process and time if they are wanted.

        None if there is nothing of that, as where the program's own code does not call.
        """
        found = self._nearest() or {}
        if self._process:
            found["process"] = self._process
        if self._clock is not None:
            found["time"] = self._clock()
        return found or None

    def _nearest(self) -> dict[str, Any] | None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            try:
                file = self._files[code]
            except KeyError:
                file = self._files[code] = self._file(code.co_filename, frame.f_globals)
            if file is not None:
                return {"file": file, "line": frame.f_lineno}
            frame = frame.f_back
        return None

    def _file(self, name: str, module: Mapping[str, Any]) -> str | None:
        """Return what to call a file, None if calls in it are not the program's."""
        path = os.path.realpath(name)
        installed = not _INSTALLED.isdisjoint(Path(path).parts)
        of = str(module.get("__name__", ""))
        if of == _OWN or of.startswith(_OWN + ".") or name.startswith("<frozen "):
            return None
        if path.startswith(_LIBRARY) and not installed:
            return None
        if path.startswith(self._root) and not installed:
            return path.removeprefix(self._root).replace(os.sep, "/")
        base = Path(path).name
        folders = of.split(".") if base == "__init__.py" else of.split(".")[:-1]
        return "/".join([*folders, base])
