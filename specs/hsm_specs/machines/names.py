"""Machines by name: one of Temporal's, any other as ``module:attribute``, or a file of XState JSON."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from hsm_model.machines import MACHINES, MachineDeclaration, MachineDescription, Trial
from hsm_model.machines.suggestions import similar
from hsm_model.transition import Transition
from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.installed import installed_version
from hsm_specs.machines.xstate import machine_from_xstate

DESCRIBE = "Describe it with hsm_model.machines.MachineDescription and name the description."


class NamedMachine(NamedTuple):
    """A machine and its origin."""

    name: str
    """Its name on the command line."""
    description: MachineDescription[Any]
    made_from: str
    imported: bool
    """Whether it was imported from user code, which may raise any error."""
    declaration: MachineDeclaration | None = None
    """The declaration that the description was made from, if there is one."""


def find_machine(name: str) -> NamedMachine:
    """Return the machine with a name. Raise `InputError`, which lists similar names, if there is none."""
    if name.endswith(".json"):
        made_from = f"{Path(name).name} by hsmspec {installed_version()}"
        declared = _in_file(name)
        return NamedMachine(name, declared.describe(), made_from, imported=False, declaration=declared)
    if ":" in name:
        return _imported(name)
    known = {**MACHINES, **{machine.title: machine for machine in MACHINES.values()}}
    if name not in known:
        raise InputError(f"There is no machine `{name}`{similar(name, known)} {_known()}")
    made_from = f"hsm_model.machines (Temporal v1.25.1) by hsmspec {installed_version()}"
    return NamedMachine(name, known[name], made_from, imported=False)


def find_declaration(name: str) -> MachineDeclaration:
    """Return the machine that a file or a module declares. Raise `InputError` if it is written in code."""
    if name.endswith(".json"):
        return _in_file(name)
    found = _attribute(name) if ":" in name else find_machine(name).description
    if isinstance(found, MachineDeclaration):
        return found
    raise InputError(
        f"The machine `{name}` is not declared as data, so it cannot be converted.",
        remedy="Name FILE.json, or module:attribute of a hsm_model.machines.MachineDeclaration;"
        " `hsmspec diagram machine` draws any machine, also as Mermaid.",
    )


def source_file(name: str) -> Path:
    """Return the file that a machine is in. Raise `InputError` for one of Temporal's, and for one in no file."""
    module = name.partition(":")[0]
    if name.endswith(".json"):
        return Path(name)
    sys.path.insert(0, str(Path.cwd()))
    try:
        spec = find_spec(module) if ":" in name else None
    except ModuleNotFoundError:
        spec = None
    finally:
        sys.path.pop(0)
    if spec is None or not spec.has_location or spec.origin is None:
        raise InputError(
            f"The machine `{name}` is in no file of your own:", remedy="name FILE.json or module:attribute."
        )
    return Path(spec.origin)


def _in_file(name: str) -> MachineDeclaration:
    path = Path(name)
    return machine_from_xstate(read(path), name, path.stem)


def _imported(name: str) -> NamedMachine:
    found = _attribute(name)
    made_from = f"{name} by hsmspec {installed_version()}"
    declared = found if isinstance(found, MachineDeclaration) else None
    return NamedMachine(name, _described(name, found), made_from, imported=True, declaration=declared)


def _attribute(name: str) -> Any:
    """Return the attribute of a module. Raise `InputError`, which lists similar names, if there is none."""
    module_name, _, path = name.partition(":")
    module = _module(module_name)
    place: Any = module
    for part in path.split("."):
        if not hasattr(place, part):
            raise InputError(f"`{module_name}` has no `{path}`{similar(path, _drawable(module))}", remedy="")
        place = getattr(place, part)
    return place


def _module(name: str) -> Any:
    # As `python -m` does, look in the working directory first.
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
    """Return the description that was found, or that of the machine that a class or a function makes."""
    if isinstance(found, MachineDeclaration):
        return found.describe()
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
        name=type(machine).__name__,
        cases={"": found},
        trials=trials,
        mistakes=tuple(_misspelt(trials)),
    )
    return described


def _trials(machine: type[Any]) -> Iterator[tuple[str, Trial[Any]]]:
    """Yield the transitions of a machine's class, or else of its module, each with an event made without arguments."""
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
    """Return the types of the machine and the event that an apply function takes; None if they are not annotated."""
    try:
        hints = get_type_hints(apply)
        names = list(inspect.signature(apply).parameters)
    except (NameError, TypeError, ValueError):
        return None, None
    machine, event = ([hints.get(name) for name in names] + [None, None])[:2]
    return machine, event


def _misspelt(trials: Mapping[str, Trial[Any]]) -> Iterator[str]:
    """Yield a sentence for each annotation of an apply function that names nothing. Its event is None."""
    for name, trial in trials.items():
        function = trial.transition.apply_function
        try:
            get_type_hints(function)
        except NameError as error:
            names = getattr(function, "__globals__", {})
            known = [known for known, value in names.items() if isinstance(value, type)]
            said = f"{name}: the annotation `{error.name}` of {function.__name__} names nothing"
            yield f"{said}{similar(error.name or '', known)}"
        except (AttributeError, TypeError, ValueError):
            continue


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
        if isinstance(value, MachineDeclaration | MachineDescription)
        or (isinstance(value, type) and hasattr(value, "set_state"))
    ]


def _known() -> str:
    return f"There are {', '.join(MACHINES)}, and your own machines as module:attribute or FILE.json."


def where(error: Exception) -> str:
    """Describe an error of user code with its place."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({place.name}, line {place.lineno} of {Path(place.filename).name})"
