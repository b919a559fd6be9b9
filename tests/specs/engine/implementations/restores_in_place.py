"""The bundled implementation, whose rollback restores the object that the function was handed, and goes on using it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[4] / "adapters" / "python"))

from plain_hsm.adapter import World, main  # found by the path above
from plain_hsm.machine import TransitionOutput
from plain_hsm.node import Node
from plain_hsm.palette import Machine


class RestoredInPlace(Node):
    handed: Machine | None = None

    def machine_transition(self, class_: type[Any], function: Callable[[Any], TransitionOutput]) -> None:
        handed: list[Machine] = []

        def keep(data: Machine) -> TransitionOutput:
            handed.append(data)
            return function(data)

        self.handed = None
        try:
            super().machine_transition(class_, keep)
        except BaseException:
            if handed:
                before = super().machine_data(class_)
                handed[0].state, handed[0].value = before.state, before.value
                self.handed = handed[0]
            raise

    def machine_data(self, class_: type[Any]) -> Any:
        data = super().machine_data(class_)
        return data if self.handed is None else self.handed


if __name__ == "__main__":
    main(type("World", (World,), {"node_type": RestoredInPlace}))
