"""Has each process that opens a trace named `held` in the folder HELD say so there, and wait for a file `go`."""

import os
import pathlib
import time

folder = pathlib.Path(os.environ["HELD"])
_open = pathlib.Path.open


def _held(path, *arguments, **more):
    if path.name.startswith("held") and path.parent.absolute() == folder:
        (folder / f"{os.getpid()}.opened").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
    return _open(path, *arguments, **more)


pathlib.Path.open = _held
