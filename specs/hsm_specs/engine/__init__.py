"""The engine: runs an implementation against the specification and tells what happens as events."""

from hsm_specs.engine.options import Options
from hsm_specs.engine.session import CONFORMS, COULD_NOT_RUN, DOES_NOT_CONFORM, Interrupted, run

__all__ = ["CONFORMS", "COULD_NOT_RUN", "DOES_NOT_CONFORM", "Interrupted", "Options", "run"]
