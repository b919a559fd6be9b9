"""What stands between a command and the user: errors as sentences, and exit codes."""

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
    """The process was asked to end."""


def guarded(command: click.Command, arguments: Sequence[str] | None) -> int:
    """Runs a command. Answers its exit code, 2 if it could not be run."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        result = command.main(None if arguments is None else list(arguments), "hsmspec", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as error:
        # Of click, where whoever read the output has seen enough (its status then is 1, which here would be a verdict),
        # or a shell was told how to complete.
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
        # Whoever read the output has seen enough.
        _drop(sys.stdout)
        return COULD_NOT_RUN
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _explain(error)
        _drop(sys.stdout)
        _say(f"nothing more can be written ({error.strerror}): make room for output, files and what is temporary")
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
    _say(f"internal error, a mistake of hsmspec and not of the implementation: {what}")
    if os.environ.get("HSMSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        _say("HSMSPEC_DEBUG=1 shows the whole traceback, which a report should contain")
    return COULD_NOT_RUN


def _say(text: str) -> None:
    try:
        click.echo(f"hsmspec: {text}", err=True)
    except OSError:
        _drop(sys.stderr)


def _drop(stream: TextIO | None) -> None:
    """Lets go of a stream that cannot be written, so that nothing tries it again, the interpreter's exit neither."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
