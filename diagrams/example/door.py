"""A machine to be drawn: `hsmspec diagram machine door:Door` in this folder."""

from enum import Enum

from hsm_model.tasks import TransitionOutput
from hsm_model.transition import Transition


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    LOCKED = "locked"


class Door:
    def __init__(self):
        self.now = State.CLOSED

    def state(self):
        return self.now

    def set_state(self, state):
        self.now = state

    def regenerate_tasks(self):
        return []


def nothing(door, event):
    return TransitionOutput()


def turn_key(door, event):
    raise RuntimeError("the key does not fit")


OPEN = Transition((State.CLOSED,), State.OPEN, nothing)
CLOSE = Transition((State.OPEN,), State.CLOSED, nothing)
LOCK = Transition((State.CLOSED,), State.LOCKED, turn_key)
