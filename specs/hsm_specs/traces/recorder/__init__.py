"""Record what a program does with `hsm` in Python, for `hsmspec judge`: an open world (TRACES.md).

    from hsm_model.registry import MachineType
    from hsm_model.state import Key
    from hsm_model.tasks import TransitionOutput
    from hsm_model.transition import new_transition
    from hsm_specs.traces.recorder import Recording

    LAMP = MachineType(1, "lamp")


    class Lamp:
        def __init__(self, state="off"):
            self.is_now = state

        def state(self):
            return self.is_now

        def set_state(self, state):
            self.is_now = state


    class Lamps:
        def type(self):
            return LAMP

        def serialize(self, lamp):
            return lamp.state().encode()

        def deserialize(self, data):
            return Lamp(data.decode())


    switch_on = new_transition(["off"], "on", lambda lamp, event: TransitionOutput())

    with Recording("trace.jsonl", implementation="mine", version="7") as recording:
        with recording.trace("lamps") as hsm:
            registry = hsm.new_registry()
            registry.register_machine(Lamps())
            root = hsm.new_root(registry, LAMP.id, Lamp())
            child = root.add_child(Key(LAMP.id, "hall"), Lamp())
            hsm.machine_transition(child, Lamp, lambda lamp: hsm.transition(switch_on).apply(lamp, None))

The recorder has the functions of `hsm_model`; what they answer, nodes, collections and transitions, has the model's
methods, and records too. `Package` says whose functions are called, if they are not the model's. Whatever is raised is
recorded and raised again. The recorder looks at data by ``state()``, by the definition's ``serialize`` and, to check
the rules about machines, by its ``deserialize`` and ``regenerate_tasks``. Threads may use different trees at once.
"""

from hsm_specs.traces.recorder.checks import RULES
from hsm_specs.traces.recorder.of_test import VARIABLE, recorder_of_test
from hsm_specs.traces.recorder.recorder import Package, Recorder
from hsm_specs.traces.recorder.recording import Recording
from hsm_specs.traces.recorder.showing import as_json, as_proto_text

__all__ = [
    "RULES",
    "VARIABLE",
    "Package",
    "Recorder",
    "Recording",
    "as_json",
    "as_proto_text",
    "recorder_of_test",
]
