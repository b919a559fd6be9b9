"""``python -m hsm_specs.report`` writes the JSON Schemas of results anew: result.schema.json and traces.schema.json."""

from __future__ import annotations

from pathlib import Path

from hsm_specs.report import json_report
from hsm_specs.report import traces_schema as traces

SCHEMAS = {"result.schema.json": json_report.schema_file, "traces.schema.json": traces.schema_file}

if __name__ == "__main__":
    for name, made in SCHEMAS.items():
        Path(__file__).with_name(name).write_text(made(), encoding="utf-8")
