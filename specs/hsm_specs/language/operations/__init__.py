"""The operations: the whole vocabulary in which a program speaks to an implementation.

An operation is one JSON object whose ``op`` member names it. Members that have their default are left out.
Registries, nodes and machines are named by small numbers, the *handles*, which the operation that makes or finds
one binds and which the program chooses; binding a handle again replaces it. An operation that names a handle which
nothing has bound (the operation that should have bound it failed, say) is not run and is observed as *unbound*.

Each operation is declared once, in the module of its noun: a struct, followed by its specification.
"""

# ruff: noqa: F403, F405 (the modules' own names are the vocabulary, and an operation is declared once)

from __future__ import annotations

from typing import Final, TypeAlias, get_args

from hsm_specs.language import shapes
from hsm_specs.language.shapes import Access as Access
from hsm_specs.language.shapes import Cast as Cast
from hsm_specs.language.shapes import Data as Data
from hsm_specs.language.shapes import Ending as Ending
from hsm_specs.language.shapes import Failure as Failure
from hsm_specs.language.shapes import Handle as Handle
from hsm_specs.language.shapes import Key as Key
from hsm_specs.language.shapes import Kind as Kind
from hsm_specs.language.shapes import MachineRef as MachineRef
from hsm_specs.language.shapes import Operation as Operation
from hsm_specs.language.shapes import Path as Path
from hsm_specs.language.shapes import RefSpec as RefSpec
from hsm_specs.language.shapes import Script as Script
from hsm_specs.language.shapes import StoreError as StoreError
from hsm_specs.language.shapes import Task as Task
from hsm_specs.language.shapes import TransitionSpec as TransitionSpec
from hsm_specs.language.shapes import TypeID as TypeID
from hsm_specs.language.specification import OperationSpec

from . import collection, failover, machine, node, queues, registry, replication, root, transactions
from .collection import *
from .failover import *
from .machine import *
from .node import *
from .queues import *
from .registry import *
from .replication import *
from .root import *
from .transactions import *

TreeOperation: TypeAlias = RootOperation | NodeOperation
FrameworkOperation: TypeAlias = TransactionOperation | QueueOperation | FailoverOperation | ReplicationOperation
AnyOperation: TypeAlias = (
    RegistryOperation | TreeOperation | CollectionOperation | MachineOperation | StateMachinePath | FrameworkOperation
)
"""All operations, in the order in which the protocol lists them."""
Program: TypeAlias = tuple[AnyOperation, ...]
"""Operations run in order in a fresh world: no registry, node or machine is left of an earlier program."""

# A script has operations, which are made of shapes: msgspec looks for their union where the script is declared.
shapes.__dict__["AnyOperation"] = AnyOperation

OPERATIONS: Final[tuple[type[Operation], ...]] = get_args(AnyOperation)
SPECIFICATIONS: Final[dict[type[Operation], OperationSpec]] = {
    operation: specification
    for area in (node, root, collection, machine, registry, transactions, queues, failover, replication)
    for operation, specification in area.SPECIFIED.items()
}
"""The specification of each operation. The programs of a seed depend on this order."""


def tag(operation: type[Operation]) -> str:
    """Return the name of an operation in programs."""
    return str(operation.__struct_config__.tag)
