"""The real machines that Temporal v1.25.1 builds on its ``hsm`` package, and descriptions by which machines are tried.

A machine is an object with a state (`hsm_model.transition.StateMachine`); its transitions are values
(`hsm_model.transition.Transition`). A `MachineDescription` names them and has the samples to try them with.
"""

from hsm_model.machines.builder import MachineBuilder
from hsm_model.machines.callbacks import CALLBACK
from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer
from hsm_model.machines.description import MachineDescription, Trial
from hsm_model.machines.nexus_cancelation import NEXUS_CANCELATION
from hsm_model.machines.nexus_operation import NEXUS_OPERATION
from hsm_model.machines.properties import InState, Property, always, leads_to, sometimes
from hsm_model.machines.scheduler import SCHEDULER

MACHINES = {machine.name: machine for machine in (CALLBACK, NEXUS_OPERATION, NEXUS_CANCELATION, SCHEDULER)}
"""The descriptions of the real machines by name."""

__all__ = [
    "CALLBACK",
    "MACHINES",
    "NEXUS_CANCELATION",
    "NEXUS_OPERATION",
    "SCHEDULER",
    "InState",
    "MachineBuilder",
    "MachineDeclaration",
    "MachineDescription",
    "Move",
    "Outbound",
    "Property",
    "State",
    "Timer",
    "Trial",
    "always",
    "leads_to",
    "sometimes",
]
