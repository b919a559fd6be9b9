"""The model as a library: its exports, and docs/library.md with its example, its table and the API page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

import hsm_model
from hsm_specs.catalogue.symbols import ModelledSymbol, load_symbols

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "library.md").read_text("utf-8")
SYMBOLS = tuple(load_symbols().values())


def block(language: str) -> str:
    """Return the one block of code in a language that the document has."""
    (found,) = re.findall(rf"```{language}\n(.*?)```\n", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return the example as a file."""
    path = tmp_path / "program.py"
    path.write_text(block("python"), "utf-8")
    return path


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def test_the_example_prints_what_the_document_says(program: Path) -> None:
    assert block("text") == run(sys.executable, "-W", "error", program, cwd=program.parent)


def test_mypy_strict_accepts_the_example(program: Path) -> None:
    said = run(
        sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache", program, cwd=program.parent
    )
    assert "Success: no issues found in 1 source file" in said


def test_mypy_strict_finds_a_mistake_in_the_example(program: Path) -> None:
    program.write_text(program.read_text("utf-8").replace('Order("Lovelace")', "Order(7)"), "utf-8")
    with pytest.raises(AssertionError, match="arg-type"):
        test_mypy_strict_accepts_the_example(program)


def test_pyright_strict_accepts_the_example(program: Path) -> None:
    settings = {"typeCheckingMode": "strict", "include": [program.name], "extraPaths": [str(ROOT / "model")]}
    (program.parent / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    assert "0 errors" in run(sys.executable, "-m", "pyright", "-p", program.parent, cwd=program.parent)


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.name)
def test_a_documented_symbol_is_exported(symbol: ModelledSymbol) -> None:
    name = symbol.counterpart.partition(":")[2].split(".")
    assert name[0] in hsm_model.__all__
    assert symbol.resolve() is reduce(getattr, name, hsm_model)


def test_exports_are_there_and_in_order() -> None:
    assert sorted(set(hsm_model.__all__)) == sorted(hsm_model.__all__)
    assert [] == [name for name in hsm_model.__all__ if not hasattr(hsm_model, name)]


def test_the_table_has_the_python_name_of_each_documented_symbol() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", DOCUMENT, re.MULTILINE)
    assert {symbol.name: symbol.counterpart.partition(":")[2] for symbol in SYMBOLS} == dict(rows)
    assert len(SYMBOLS) == len(rows)


def test_the_document_names_every_export_beside_the_documented_ones() -> None:
    documented = {symbol.counterpart.partition(":")[2].split(".")[0] for symbol in SYMBOLS}
    extra = set(hsm_model.__all__) - documented
    assert set() == {name for name in extra if f"`{name}`" not in DOCUMENT}


def test_the_page_made_of_docstrings_has_every_export(tmp_path: Path) -> None:
    run(sys.executable, "-m", "pdoc", "hsm_model", "--output-directory", tmp_path, cwd=tmp_path)
    page = (tmp_path / "hsm_model.html").read_text("utf-8")
    assert [] == [name for name in hsm_model.__all__ if f'id="{name}"' not in page]
    methods = [symbol.counterpart.partition(":")[2] for symbol in SYMBOLS if symbol.kind == "function"]
    assert [] == [name for name in methods if f'id="{name}"' not in page]
    assert "NODE-ADD-1" in page
