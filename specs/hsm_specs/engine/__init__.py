"""The engine: runs an implementation against the specification and emits what happens as events."""

from hsm_specs.engine.conformance import Interrupted, RunOptions, run
from hsm_specs.engine.session import CONFORMS, COULD_NOT_RUN, DOES_NOT_CONFORM

__all__ = ["CONFORMS", "COULD_NOT_RUN", "DOES_NOT_CONFORM", "Interrupted", "RunOptions", "run"]
