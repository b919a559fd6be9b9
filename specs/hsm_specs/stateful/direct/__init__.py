"""State machines of Hypothesis that check `hsm_model` against plain facts, without a prediction of the model."""

from hsm_specs.stateful.direct.clearing import DirectClearing
from hsm_specs.stateful.direct.everything import DirectEverything
from hsm_specs.stateful.direct.facts import Violation
from hsm_specs.stateful.direct.registration import DirectRegistration
from hsm_specs.stateful.direct.rollback import DirectRollback

DIRECT_MACHINES = (DirectRollback, DirectRegistration, DirectClearing, DirectEverything)

__all__ = [
    "DIRECT_MACHINES",
    "DirectClearing",
    "DirectEverything",
    "DirectRegistration",
    "DirectRollback",
    "Violation",
]
