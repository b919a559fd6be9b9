"""Pictures of machines."""

from __future__ import annotations

from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.machine.drawing import machine_drawing
from hsm_diagrams.machine.graph import machine_graph
from hsm_diagrams.machine.names import NamedMachine, where
from hsm_specs.errors import InputError


def machine_picture(machine: NamedMachine, *, rejected: bool = False) -> Picture:
    """The picture of a machine's states and transitions; those refused are drawn if asked for.

    Raises `InputError` for a machine of somebody's that cannot be tried.
    """
    try:
        graph = machine_graph(machine.description)
    except Exception as error:
        if not machine.imported:
            raise
        raise InputError(f"The machine {machine.description.name} cannot be tried: {where(error)}.") from error
    return Picture(graph, machine_drawing(graph, machine.made_from, rejected=rejected))
