"""Errors of a command as sentences and exit codes, and the signals that end it."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

from hsm_specs.cli.suggestions import near_only
from hsm_specs.errors import ToolError

COULD_NOT_RUN = 2
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Terminated(KeyboardInterrupt):
    """The process got SIGTERM."""


def guarded(command: click.Command, arguments: Sequence[str] | None) -> int:
    """Run a command and return its exit code, 2 if it failed."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        result = command.main(None if arguments is None else list(arguments), "hsmspec", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as error:
        # From click: the reader of stdout is gone (status 1, which is a verdict here), or a shell completes words.
        if error.code:
            _drop(sys.stdout)
            return COULD_NOT_RUN
        return 0
    except click.ClickException as error:
        (near_only(error) if isinstance(error, click.NoSuchOption) else error).show()
        return COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return COULD_NOT_RUN
    except BrokenPipeError:
        # The reader of stdout is gone.
        _drop(sys.stdout)
        return COULD_NOT_RUN
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _explain(error)
        _drop(sys.stdout)
        _say(f"nothing more can be written ({error.strerror}): free space for output and temporary files")
        return COULD_NOT_RUN
    except Exception as error:
        return _explain(error)
    finally:
        signal.signal(signal.SIGTERM, before)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    if isinstance(error, ToolError):
        trouble = error.trouble()
        _say(trouble.message)
        for line in trouble.stderr:
            click.echo(f"  stderr: {line}", err=True)
        return COULD_NOT_RUN
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno} of {Path(place.filename).name})"
    _say(f"internal error, a bug in hsmspec and not in the implementation: {what}")
    if os.environ.get("HSMSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        _say("HSMSPEC_DEBUG=1 shows the traceback; please include it in a bug report")
    return COULD_NOT_RUN


def _say(text: str) -> None:
    try:
        click.echo(f"hsmspec: {text}", err=True)
    except OSError:
        _drop(sys.stderr)


def _drop(stream: TextIO | None) -> None:
    """Discard what is still written to a broken stream, also at the exit of the interpreter."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
