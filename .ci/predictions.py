"""Prints digests of what the model predicts of random programs, and of what it does in explored scopes, by semantics.

Two builds of it are compared by them.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.generation.random_programs import ProgramGenerator

SEMANTICS = {"specification": SPECIFICATION, **{name: amend(SPECIFICATION, [name]) for name in AMENDMENTS}}

for name, semantics in SEMANTICS.items():
    programs = sha256(msgspec.json.encode(ProgramGenerator("compare", semantics).batch(500, 40))).hexdigest()
    explored = sha256()
    for scope in load_scopes("quick"):
        graph = explore(scope, semantics)
        explored.update(msgspec.json.encode([graph.edges, graph.depth, graph.inside]))
    print(f"{name}: programs {programs[:16]}, explored {explored.hexdigest()[:16]}")
