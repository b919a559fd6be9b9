"""The programs that make pictures of DOT text: ``graphviz-pure``, which pip installs, and the system's ``dot``."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from typing import Literal

from hsm_specs.errors import ToolError

Engine = Literal["auto", "pure", "dot"]
"""Which program: the first there is, or the one asked for."""
ImageFormat = Literal["svg", "png"]

PROGRAMS: dict[str, str] = {"pure": "graphviz-pure", "dot": "dot"}
"""The programs in the order of preference: the first one draws the same bytes on every system."""
TIME_LIMIT = 60.0
"""Seconds that a drawing may take."""
PNG_RESOLUTION = 144


class NoRenderer(ToolError):
    """There is no program that makes pictures."""

    code = "no-renderer"
    remedy = "`pip install 'hsmspec[diagrams]'` brings graphviz-pure, which needs nothing else."


class RenderingFailed(ToolError):
    """The program could not make a picture, or not in time."""

    code = "rendering-failed"


def find_renderer(engine: Engine = "auto") -> str:
    """The path of the program to use. Raises `NoRenderer`."""
    wanted = list(PROGRAMS.values()) if engine == "auto" else [PROGRAMS[engine]]
    for program in wanted:
        # An environment's programs are there also where it is not activated.
        found = shutil.which(program) or shutil.which(program, path=sysconfig.get_path("scripts"))
        if found:
            return found
    raise NoRenderer(f"Nothing here draws DOT text: {' and '.join(wanted)} cannot be found.")


def render(dot: str, image_format: ImageFormat, engine: Engine = "auto", time_limit: float = TIME_LIMIT) -> bytes:
    """The picture that DOT text describes. Raises `NoRenderer` or `RenderingFailed`."""
    program = find_renderer(engine)
    command = [program, f"-T{image_format}"]
    if image_format == "png":
        command.append(f"-Gdpi={PNG_RESOLUTION}")
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=time_limit, check=False)  # noqa: S603  # a program of our own list, without a shell
    except subprocess.TimeoutExpired:
        raise RenderingFailed(f"`{program}` has not drawn the picture in {time_limit:g} s.") from None
    except OSError as error:
        raise RenderingFailed(f"`{program}` cannot be run: {error.strerror}.") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise RenderingFailed(f"`{program}` has not drawn the picture: {said[0]}.")
    return done.stdout
