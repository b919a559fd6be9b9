"""The known deviations of a file, which may name what there is here and nothing else."""

from __future__ import annotations

from pathlib import Path

from hsm_model.amendments import AMENDMENTS
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.oracle.deviations import Deviations, load_deviations
from hsm_specs.oracle.world import FEATURES, HANDLERS


def deviations_in(path: Path) -> Deviations:
    """Return the known deviations of a file."""
    operations = [str(operation.__struct_config__.tag) for operation in HANDLERS]  # type: ignore[attr-defined]
    return load_deviations(path, load_catalogue(), AMENDMENTS, FEATURES, operations)
