"""Pictures: a graph with its drawing, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from hsm_diagrams.drawing.dot import to_dot
from hsm_diagrams.drawing.drawing import Direction, Drawing
from hsm_diagrams.drawing.mermaid import to_mermaid
from hsm_diagrams.drawing.renderers import Engine, render, render_svg
from hsm_diagrams.drawing.themes import LIGHT, Theme
from hsm_specs.errors import InputError
from hsm_specs.machines.xstate import machine_to_xstate

if TYPE_CHECKING:
    import networkx as nx

    from hsm_diagrams.difference.changes import MachineChange
    from hsm_diagrams.play.played import Played
    from hsm_model.machines.declared import MachineDeclaration

Format = Literal["svg", "png", "html", "dot", "mermaid", "json", "xstate"]
SUFFIXES: dict[Format, str] = {
    "svg": ".svg",
    "png": ".png",
    "html": ".html",
    "dot": ".dot",
    "mermaid": ".mmd",
    "json": ".json",
    "xstate": ".xstate.json",
}
IMAGES: frozenset[Format] = frozenset({"svg", "png", "html"})
"""The formats that need a renderer."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph made from the executed model, and its drawing."""

    as_text: ClassVar[Format] = "dot"
    """The format in which reviews and checks compare the picture."""

    graph: nx.MultiDiGraph[str]
    drawing: Drawing
    mistakes: tuple[str, ...] = field(default=(), kw_only=True)
    """Sentences on mistakes in what is drawn."""
    changes: tuple[MachineChange, ...] | None = field(default=None, kw_only=True)
    """The changes between the two machines that are drawn, if two are."""
    play: Callable[[], Played] | None = field(default=None, kw_only=True)
    """Explores what a page can be played with, if there is more to it than the boxes and arrows of the drawing."""
    declaration: Callable[[], MachineDeclaration] | None = field(default=None, kw_only=True)
    """Declares the machine that is drawn, if there is one."""
    at: int = field(default=0, kw_only=True)
    """The number of the box that a page opens at, from 1; 0 for where the picture begins."""

    def without_ids(self) -> Self:
        """Return the picture without lines that name requirements."""
        return replace(self, drawing=self.drawing.without_ids())

    def towards(self, direction: Direction) -> Self:
        """Return the picture with arrows that lead that way."""
        return replace(self, drawing=replace(self.drawing, direction=direction))

    def dot(self, theme: Theme = LIGHT, book: str = "") -> str:
        """Return the picture as DOT text."""
        return to_dot(self.drawing, theme, book)

    def encode(
        self, output_format: Format = "svg", theme: Theme = LIGHT, engine: Engine = "auto", book: str = ""
    ) -> bytes:
        """Return the picture in a format. Raise `NoRenderer` or `RenderingFailed` for images.

        A page has no links to the book, since a click there plays. Raise `InputError` if it would be too large, and for
        XState JSON of what is no machine.
        """
        match output_format:
            case "dot":
                return self.dot(theme, book).encode()
            case "mermaid":
                return to_mermaid(self.drawing, theme, book).encode()
            case "json":
                return node_link(self.graph).encode()
            case "html":
                return self._page(engine).encode()
            case "xstate":
                return self._xstate().encode("utf-8", "backslashreplace")
            case "png":
                return render(self.dot(theme, book), "png", engine)
            case "svg":
                return render_svg(self.dot(theme, book), self.drawing, theme, engine).encode()

    def _xstate(self) -> str:
        if self.declaration is None:
            remedy = "`hsmspec diagram trace` has that of observed machines, `hsmspec machine convert` of others."
            raise InputError("There is no XState JSON of this picture.", remedy=remedy)
        return machine_to_xstate(self.declaration())

    def _page(self, engine: Engine) -> str:
        # Imported here because other formats need no templates.
        from hsm_diagrams.play.page import page  # noqa: PLC0415
        from hsm_diagrams.play.played import opened_at, played_drawing  # noqa: PLC0415

        played = played_drawing(self.drawing) if self.play is None else self.play()
        return page(self.drawing, opened_at(played, self.at) if self.at else played, engine)


def node_link(graph: nx.MultiDiGraph[str]) -> str:
    """Return the graph as JSON, in the node-link form of networkx."""
    # Imported here because the rest of this module works without networkx.
    from networkx import node_link_data  # noqa: PLC0415

    return json.dumps(node_link_data(graph, edges="edges"), indent=1, ensure_ascii=False) + "\n"
