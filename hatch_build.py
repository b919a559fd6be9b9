"""Compile the hot modules of the wheel with mypyc if HSMSPEC_COMPILE is set. Otherwise the wheel is pure Python.

Source and behavior are the same; the compiled modules lie next to the source and are imported in its place.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WANTED = "HSMSPEC_COMPILE"
ROOTS = ("model/hsm_model", "specs/hsm_specs")
SETUP = """
import sys
from mypyc.build import mypycify
from setuptools import setup
setup(name="hsmspec", ext_modules=mypycify(sys.argv[4:], opt_level="3"), script_args=sys.argv[1:4])
"""


class Compile(BuildHookInterface):  # type: ignore[type-arg]  # of whichever builder
    """The hook. ``modules`` of its configuration are the modules to compile, as files in their package."""

    def dependencies(self) -> list[str]:
        """Return what building needs besides hatchling: the compiler, and the packages in which it looks up types."""
        return [*self.config["requires"], *self.metadata.core.dependencies] if os.environ.get(WANTED) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the result to the wheel. Leave an editable install as it is."""
        self._place: TemporaryDirectory[str] | None = None
        if not os.environ.get(WANTED) or version == "editable":
            return
        self._place = TemporaryDirectory()
        place = Path(self._place.name)
        for root in ROOTS:
            copytree(Path(self.root, root), place / Path(root).name)
        command = [sys.executable, "-c", SETUP, "--quiet", "build_ext", "--inplace", *self.config["modules"]]
        made = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if made.returncode:
            self.app.abort(f"mypyc could not compile hsmspec.\n{made.stdout}{made.stderr}")
        for found in [*place.glob("*.so"), *place.glob("hsm_*/**/*.so")]:
            build_data["force_include"][str(found)] = str(found.relative_to(place))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the compiler's folder, once the wheel has its content."""
        if self._place is not None:
            self._place.cleanup()
