"""One trace as a sequence chart."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from hsm_diagrams.drawing.drawing import Drawing
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.drawing.sequence import Message, SequencePicture
from hsm_model.machines.suggestions import similar
from hsm_specs.errors import InputError
from hsm_specs.traces.observed import ChartedCall, Observed
from hsm_specs.traces.observing import observe

TEST = "test"


def sequence_picture(files: Sequence[str], trace: str) -> Picture:
    """Return the sequence chart of a trace. Raise `InputError` if it is not clear which one is meant."""
    seen = observe(files)
    name = _chosen(seen, trace)
    steps = seen.steps[name]
    caption = f"{len(steps)} operations of the trace {name or 'without a name'}."
    said = "; ".join(f"{step.who}, {step.what}{' fails' * bool(step.failure)}" for step in steps)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="sequence", name="sequence")
    title = f"The trace {name}" if name else "The trace"
    drawing = Drawing(name="sequence", title=title, caption=[caption], description=said, boxes=[], arrows=[])
    return SequencePicture(graph, drawing, [_message(step) for step in steps], steps)


def _message(step: ChartedCall) -> Message:
    failed = bool(step.failure)
    said = step.what + (f" fails: {step.failure}" if failed else "")
    note = f"emits {', '.join(step.tasks)}{', rolled back' * failed}" if step.tasks else ""
    return Message(TEST, step.who, said, failed, note)


def _chosen(seen: Observed, trace: str) -> str:
    named = [name for name, steps in seen.steps.items() if steps]
    if trace in named and (trace or len(named) == 1):
        return trace
    if not trace and len(named) == 1:
        return named[0]
    if trace:
        raise InputError(f"There is no trace `{trace}` with operations on machines{similar(trace, named)}", remedy="")
    listed = ", ".join(named[:10]) + (f" and {len(named) - 10} more" if len(named) > 10 else "")
    raise InputError("A sequence chart shows one trace.", remedy=f"Choose one with --trace: {listed}.")
