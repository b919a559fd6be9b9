"""The command line ``hsmspec``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit. No error ends in a traceback."""
    try:
        # Imported here, so that an interrupt during the import also ends in a sentence.
        from hsm_specs.cli.commands import hsmspec  # noqa: PLC0415
        from hsm_specs.cli.error_handling import guarded  # noqa: PLC0415

        code = guarded(hsmspec, arguments)
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("hsmspec: interrupted\n")
        code = 2
    sys.exit(code)
