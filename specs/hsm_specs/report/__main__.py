"""Write the JSON Schemas of results: ``python -m hsm_specs.report``."""

from __future__ import annotations

from pathlib import Path

from hsm_specs.report.json import SCHEMAS, schema_file

if __name__ == "__main__":
    for name in SCHEMAS:
        Path(__file__).with_name(name).write_text(schema_file(name), encoding="utf-8")
