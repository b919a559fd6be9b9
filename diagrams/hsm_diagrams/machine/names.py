"""Which machine is meant: one of Temporal's by its name, or anybody's as ``module:attribute``."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from hsm_diagrams.versions import own_version
from hsm_model.machines import MACHINES, MachineDescription, Trial
from hsm_model.transition import Transition
from hsm_specs.errors import InputError

DESCRIBE = "Describe it with hsm_model.machines.MachineDescription and name the description."


class NamedMachine(NamedTuple):
    """A machine that was named, and where it is from."""

    description: MachineDescription[Any]
    made_from: str
    imported: bool
    """Whether it is somebody's, and so may do anything when it is tried."""


def find_machine(name: str) -> NamedMachine:
    """The machine of a name. Raises `InputError`, which lists near names, for a name that is none."""
    if ":" in name:
        return _imported(name)
    known = {**MACHINES, **{machine.title: machine for machine in MACHINES.values()}}
    if name not in known:
        raise InputError(f"There is no machine `{name}`{_near(name, known)} {_known()}")
    made_from = f"hsm_model.machines (Temporal v1.25.1) by hsmspec {own_version()}"
    return NamedMachine(known[name], made_from, imported=False)


def _imported(name: str) -> NamedMachine:
    module_name, _, path = name.partition(":")
    module = _module(module_name)
    place: Any = module
    for part in path.split("."):
        if not hasattr(place, part):
            raise InputError(f"`{module_name}` has no `{path}`{_near(path, _drawable(module))}", remedy="")
        place = getattr(place, part)
    return NamedMachine(_described(name, place), f"{name} by hsmspec {own_version()}", imported=True)


def _module(name: str) -> Any:
    # As `python -m` would find it: what is in the working directory comes first.
    sys.path.insert(0, str(Path.cwd()))
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise InputError(f"`{name}` cannot be imported: {error}.") from error
        raise InputError(
            f"There is no module `{name}`.",
            remedy="Modules are looked for in the working directory and where Python looks.",
        ) from error
    except Exception as error:
        raise InputError(f"`{name}` cannot be imported: {where(error)}.") from error
    finally:
        sys.path.pop(0)


def _described(name: str, found: Any) -> MachineDescription[Any]:
    """The description that was found, or that of the machine that a class or a function makes."""
    if isinstance(found, MachineDescription):
        return found
    if not callable(found):
        raise InputError(f"`{name}` is neither a machine's class nor a description but {found!r}.", remedy=DESCRIBE)
    try:
        machine = found()
    except Exception as error:
        raise InputError(f"`{name}()` makes no machine: {where(error)}.", remedy=DESCRIBE) from error
    if not all(callable(getattr(machine, method, None)) for method in ("state", "set_state", "regenerate_tasks")):
        raise InputError(
            f"`{name}` makes {machine!r}, which is no state machine.",
            remedy="A machine has the methods state(), set_state(state) and regenerate_tasks().",
        )
    trials = dict(_trials(type(machine)))
    if not trials:
        raise InputError(
            f"No transitions of `{name}` were found.",
            remedy="They are attributes of the machine's class or of its module, made with "
            f"hsm_model.transition.Transition. Or: {DESCRIBE[0].lower()}{DESCRIBE[1:]}",
        )
    described: MachineDescription[Any] = MachineDescription(
        name=type(machine).__name__, cases={"": found}, trials=trials
    )
    return described


def _trials(machine: type[Any]) -> Iterator[tuple[str, Trial[Any]]]:
    """The transitions of a machine's class, or else of its module, each with an event made without arguments."""
    inside = {name: value for base in reversed(machine.__mro__) for name, value in vars(base).items()}
    for names in (inside, vars(sys.modules[machine.__module__])):
        found = {name: value for name, value in names.items() if isinstance(value, Transition)}
        for name, transition in found.items():
            moved, event = _parameters(transition.apply_function)
            if not isinstance(moved, type) or issubclass(machine, moved):
                yield name, Trial(transition, {"": _event(name, event)})
        if found:
            return


def _parameters(apply: Callable[..., Any]) -> tuple[Any, Any]:
    """The types of the machine and the event that an apply function takes, None where it does not say."""
    try:
        hints = get_type_hints(apply)
        names = list(inspect.signature(apply).parameters)
    except (NameError, TypeError, ValueError):
        return None, None
    machine, event = ([hints.get(name) for name in names] + [None, None])[:2]
    return machine, event


def _event(transition: str, wanted: Any) -> Any:
    if not isinstance(wanted, type) or wanted in (object, type(None)):
        return None
    try:
        return wanted()
    except Exception as error:
        raise InputError(
            f"`{transition}` wants an event {wanted.__name__}, and `{wanted.__name__}()` fails: {where(error)}.",
            remedy=DESCRIBE,
        ) from error


def _drawable(module: Any) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, MachineDescription) or (isinstance(value, type) and hasattr(value, "set_state"))
    ]


def _near(name: str, names: Mapping[str, object] | list[str]) -> str:
    near = get_close_matches(name, names, cutoff=0.5)
    return f"; near are {', '.join(near)}." if near else "."


def _known() -> str:
    return f"There are {', '.join(MACHINES)}, and any machine of yours as module:attribute."


def where(error: Exception) -> str:
    """What went wrong in somebody's code, and where."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({place.name}, line {place.lineno} of {Path(place.filename).name})"
