"""Static vectors: programs with the model's observations in files, for CI without Python."""

from hsm_specs.vectors.files import Staleness, check, write
from hsm_specs.vectors.vector import CASES, FORMAT, MANIFEST, MOST_CASES, SCHEMA, SEED, Manifest, Vector

__all__ = [
    "CASES",
    "FORMAT",
    "MANIFEST",
    "MOST_CASES",
    "SCHEMA",
    "SEED",
    "Manifest",
    "Staleness",
    "Vector",
    "check",
    "write",
]
