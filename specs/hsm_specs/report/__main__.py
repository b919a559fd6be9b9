"""``python -m hsm_specs.report`` prints the JSON Schema of the result of a run, which is kept in result.schema.json."""

from __future__ import annotations

import sys

from hsm_specs.report.json_report import schema_file

if __name__ == "__main__":
    sys.stdout.write(schema_file())
