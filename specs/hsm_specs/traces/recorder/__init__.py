"""Records what a program does with `hsm` in Python, for `hsmspec judge`: an open world (TRACES.md).

    with Recording("trace.jsonl", implementation="mine", version="7") as recording:
        with recording.trace("callbacks") as hsm:
            registry = hsm.new_registry()
            registry.register_machine(Callbacks())
            root = hsm.new_root(registry, CALLBACK, Callback())
            hsm.machine_transition(root, Callback, schedule)

The recorder has the functions of `hsm_model`; what they answer, nodes, collections and transitions, has the model's
methods, and records too. `Package` says whose functions are called, if they are not the model's. Whatever is raised is
recorded and raised again. The recorder looks at data by ``state()`` and by the definition's ``serialize`` and calls
nothing else of the program's. Executors are not recorded: they are given what is ``unrecorded`` of a registry or node.
"""

from hsm_specs.traces.recorder.package import Package
from hsm_specs.traces.recorder.recorder import Recorder
from hsm_specs.traces.recorder.recording import Recording

__all__ = ["Package", "Recorder", "Recording"]
