"""Errors of a command as sentences and exit codes, and the signals that end it."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hsm_specs.cli.suggestions import near_only
from hsm_specs.errors import NotWritten, ToolError
from hsm_specs.files import discard
from hsm_specs.printable import printable, printable_lines
from hsm_specs.signals import ending_signals, terminate

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

DOES_NOT_CONFORM, COULD_NOT_RUN = 1, 2
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def guarded(command: click.Command, arguments: Sequence[str] | None) -> int:
    """Run a command and return its exit code, 2 if it failed.

    A command whose output does not fit on the disk goes on without it: its reports are written, what it found counts.
    """
    _open_closed_streams()
    with ending_signals(terminate), _output() as output:
        code = _guarded(command, arguments)
        with suppress(OSError):
            sys.stdout.flush()
        if output is None or output.error is None:
            return code
        _say_no_room(output.error)
        return code if code == DOES_NOT_CONFORM else COULD_NOT_RUN


def _guarded(command: click.Command, arguments: Sequence[str] | None) -> int:
    try:
        result = command.main(None if arguments is None else list(arguments), "hsmspec", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as error:
        # From click: the reader of stdout is gone (status 1, which is a verdict here), or a shell completes words.
        if error.code:
            discard(sys.stdout)
            return COULD_NOT_RUN
        return 0
    except click.ClickException as error:
        _show(near_only(error) if isinstance(error, click.NoSuchOption) else error)
        return COULD_NOT_RUN
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return COULD_NOT_RUN
    except BrokenPipeError:
        # The reader of stdout is gone.
        discard(sys.stdout)
        return COULD_NOT_RUN
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return _explain(error)
        discard(sys.stdout)
        _say_no_room(error)
        return COULD_NOT_RUN
    except Exception as error:
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    if isinstance(error, ToolError):
        trouble = error.trouble()
        _say(trouble.message)
        for line in trouble.stderr:
            click.echo(f"  stderr: {printable(line)}", err=True)
        return error.exit_code if isinstance(error, NotWritten) else COULD_NOT_RUN
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno} of {Path(place.filename).name})"
    _say(f"internal error, a bug in hsmspec and not in the implementation: {what}")
    if os.environ.get("HSMSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        _say("HSMSPEC_DEBUG=1 shows the traceback; please include it in a bug report")
    return COULD_NOT_RUN


def _show(error: click.ClickException) -> None:
    with StringIO() as shown:
        error.show(shown)
        click.echo(printable_lines(shown.getvalue().rstrip("\n")), err=True)


def _say(text: str) -> None:
    try:
        click.echo(printable(f"hsmspec: {text}"), err=True)
    except OSError:
        discard(sys.stderr)


def _say_no_room(error: OSError) -> None:
    _say(f"nothing more can be written ({error.strerror}): free space for output and temporary files")


class _Output(FileIO):
    """Stdout. From the first byte on that does not fit, it is discarded. ``error`` says why."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes, or discard them. Return how many."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            self.error = error
            discard(self)
            return memoryview(data).nbytes


@contextmanager
def _output() -> Generator[_Output | None]:
    """Have stdout discard what does not fit. Without a stdout of one's own, as under a test, leave it as it is."""
    stdout = sys.stdout
    buffer = stdout.buffer if isinstance(stdout, TextIOWrapper) else None
    if not (isinstance(stdout, TextIOWrapper) and isinstance(getattr(buffer, "raw", buffer), FileIO)):
        yield None
        return
    stdout.flush()
    output = _Output(stdout.fileno(), "w", closefd=False)
    # Python itself writes without a buffer if PYTHONUNBUFFERED asks for it.
    target = output if isinstance(buffer, FileIO) else BufferedWriter(output)
    buffering = stdout.line_buffering, stdout.write_through
    sys.stdout = TextIOWrapper(target, stdout.encoding, stdout.errors, None, *buffering)
    try:
        yield output
    finally:
        sys.stdout = stdout


def _open_closed_streams() -> None:
    """Discard what is written to a stream that the caller has closed.

    The null device takes the place of the closed descriptor, which the next file would get otherwise.
    """
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is not None:
            continue
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False))
