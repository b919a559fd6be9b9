"""The catalogue compared with the documentation: nothing normative missing, every locator right, no sentence copied."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hsm_specs.catalogue.documentation import Documentation, Sentence, parse, repository
from hsm_specs.catalogue.requirements import Requirement, Source, load_catalogue, load_non_normative, load_sentences

WORD = re.compile(r"[^\W_]+(?:['-]\w+)*")
TEXTS = frozenset({".py", ".toml", ".md", ".go", ".json", ".html", ".txt", ".dot"})
NOT_OURS = frozenset({"__pycache__", "build", "dist", "node_modules", "venv"})


def name(sentence: Sentence) -> str:
    return f"{sentence.symbol}#{sentence.number}"


def uncovered(
    documentation: Documentation, requirements: Iterable[Requirement], non_normative: Collection[str]
) -> list[str]:
    """Return the sentences that no binding requirement cites and that are not listed as demanding nothing, as lines."""
    binding = (entry for entry in requirements if entry.classification != "characterization")
    cited = {str(source) for entry in binding for source in entry.sources}
    return [
        f'"{name(sentence)}" = {{ hash = "{sentence.hash}", keywords = [] }}  # {sentence.text}'
        for sentence in documentation.sentences()
        if name(sentence) not in cited and name(sentence) not in non_normative
    ]


def misplaced(documentation: Documentation, sources: Iterable[Source]) -> list[str]:
    """Return the locators that lead nowhere, to another sentence, or name a word that is not in it."""
    complaints = []
    for source in sources:
        found = documentation.find(source.symbol, source.sentence)
        if found is None:
            complaints.append(f"{source}: the documentation has no such sentence")
        elif found.hash != source.hash:
            complaints.append(f"{source}: the hash is {found.hash}, not {source.hash}")
        else:
            words = {*re.findall(r"[\w'-]+", found.text), *re.findall(r"[\w.]+\w", found.text)}
            complaints += [f"{source}: {word} is no word of it" for word in source.keywords if word not in words]
    return complaints


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Return all runs of that many words in a text."""
    words = [word.casefold() for word in WORD.findall(text)]
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def copied(documentation: Documentation, texts: Mapping[str, str], length: int) -> list[str]:
    """Return the texts that have a run of that many words from a sentence of the documentation."""
    sentences = (sentence.text for symbol in documentation.symbols.values() for sentence in symbol.sentences)
    originals = set().union(*(runs(text, length) for text in sentences))
    found = ((place, runs(text, length) & originals) for place, text in texts.items())
    return [f"{place}: {' '.join(min(shared))}" for place, shared in found if shared]


def own_texts(root: Path) -> Iterator[Path]:
    """Yield the text files of the repository that people have written or that are generated from what they have."""
    for path in root.iterdir():
        if path.name.startswith(".") or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from own_texts(path)
        elif path.suffix in TEXTS:
            yield path


def test_every_sentence_of_the_documentation_is_the_source_of_a_requirement_or_demands_nothing(
    documentation: Documentation,
) -> None:
    assert [] == uncovered(documentation, load_catalogue().values(), load_non_normative())


def test_every_exported_symbol_is_the_source_of_a_requirement_itself_or_by_a_member(
    documentation: Documentation,
) -> None:
    cited = {source.symbol for entry in load_catalogue().values() for source in entry.sources}
    owners = {symbol.partition(".")[0] for symbol in cited}
    missing = [
        s.name for s in documentation.exported if s.name not in cited and (s.kind != "type" or s.name not in owners)
    ]
    assert [] == missing


def test_every_locator_leads_to_its_sentence(documentation: Documentation) -> None:
    assert [] == misplaced(documentation, load_sentences().values())


def test_locators_are_in_the_order_of_the_documentation(documentation: Documentation) -> None:
    everything = [
        name(line) for symbol in documentation.symbols.values() for line in (symbol.declaration, *symbol.sentences)
    ]
    assert list(load_sentences()) == sorted(load_sentences(), key=everything.index)


def test_statements_and_reasons_have_at_most_four_words_in_a_row_from_the_documentation(
    documentation: Documentation,
) -> None:
    texts = {entry.id: f"{entry.statement}\n{entry.reason or ''}" for entry in load_catalogue().values()}
    assert [] == copied(documentation, {**texts, **load_non_normative()}, 5)


def test_no_file_of_the_repository_has_eight_words_in_a_row_from_the_documentation(
    documentation: Documentation,
) -> None:
    root = repository()
    texts = {str(path.relative_to(root)): path.read_text("utf-8", "replace") for path in own_texts(root)}
    assert texts
    assert [] == copied(documentation, texts, 8)


# --- that the checks above can fail -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Documentation:
    return parse("\nIndex\n\nfunc Boil() error\n\nBoil heats the water until it boils. It may fail.\n\nfunc Cool()\n")


def entry_citing(*sources: Source, statement: str = "Hot is hot.") -> Requirement:
    return Requirement("TEA-HOT-1", "tea", statement, "documented", sources, (), None)


def test_a_sentence_that_nobody_cites_is_found(small: Documentation) -> None:
    cites = entry_citing(Source("Boil", 1, "", ()))
    first_words = [line.split(" = ")[0] for line in uncovered(small, [cites], ["Cool#0"])]
    assert ['"Boil#2"'] == first_words


def test_a_sentence_that_only_a_characterization_cites_is_found(small: Documentation) -> None:
    cites = entry_citing(Source("Boil", 1, "", ()), Source("Boil", 2, "", ()))
    weak = Requirement("TEA-HOT-2", "tea", "x", "characterization", (Source("Cool", 0, "", ()),), (), None)
    assert 1 == len(uncovered(small, [cites, weak], []))


def test_a_locator_that_is_wrong_in_any_part_is_found(small: Documentation) -> None:
    sentence = small.find("Boil", 2)
    assert sentence is not None
    right = Source("Boil", 2, sentence.hash, ("fail",))
    changed = replace(sentence, text="It may not fail.")
    wrong = [
        Source("Boil", 3, right.hash, right.keywords),
        Source("Brew", 2, right.hash, right.keywords),
        Source("Boil", 2, changed.hash, right.keywords),
        Source("Boil", 2, right.hash, ("boil",)),
    ]
    assert [] == misplaced(small, [right])
    assert 4 == len(misplaced(small, wrong))


def test_a_copied_sentence_is_found_whatever_its_case_and_line_breaks(small: Documentation) -> None:
    texts = {"copy": "# boil Heats\n# the water, until it", "own": "Water is heated until it is hot."}
    assert ["copy: boil heats the water until"] == copied(small, texts, 5)
