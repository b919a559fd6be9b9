"""Regenerate PROTOCOL.md and the schema: ``python -m hsm_specs.protocol``, in a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from hsm_specs.protocol import document, schema


def generated() -> dict[Path, str]:
    """Return the content of the generated files."""
    return {
        document.CHECKOUT / document.FILE: document.text(),
        Path(__file__).with_name(schema.FILE): schema.text(),
    }


if __name__ == "__main__":
    if not document.TEMPLATE.is_file():
        sys.exit("PROTOCOL.md is made in a checkout of hsmspec; this is an installed package.")
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(document.CHECKOUT)} is written.")
