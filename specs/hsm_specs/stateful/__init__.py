"""Rule-based state machines of Hypothesis, for any implementation: in this process or behind an adapter's command.

A test suite has one by a line::

    TestRollback = rollback_machine(Command("./adapter")).TestCase

These compare an implementation with the model's predictions; `hsm_specs.stateful.direct` checks the model itself.
They need the extra ``stateful``, which brings Hypothesis; nothing else imports them.
"""

from hsm_specs.stateful.clearing import ClearingMachine, clearing_machine
from hsm_specs.stateful.comparison import NonConformance
from hsm_specs.stateful.implementation import Command, Implementation, InProcess, Model
from hsm_specs.stateful.lockstep import LockstepMachine, lockstep_machine
from hsm_specs.stateful.registration import RegistrationMachine, registration_machine
from hsm_specs.stateful.rollback import RollbackMachine, rollback_machine
from hsm_specs.stateful.trial import Trial

__all__ = [
    "ClearingMachine",
    "Command",
    "Implementation",
    "InProcess",
    "LockstepMachine",
    "Model",
    "NonConformance",
    "RegistrationMachine",
    "RollbackMachine",
    "Trial",
    "clearing_machine",
    "lockstep_machine",
    "registration_machine",
    "rollback_machine",
]
