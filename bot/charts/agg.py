"""matplotlib's Agg renderer, used directly: the part of it that pictures need, with types."""

from typing import Protocol, cast

from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Transform

POINTS_PER_INCH = 72
"""At this resolution a point of type is a pixel."""


class Agg(Protocol):
    """What is used of matplotlib's renderer, which carries no types of its own."""

    def new_gc(self) -> GraphicsContextBase: ...

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        fill: tuple[float, float, float] | None = None,
        /,
    ) -> None: ...

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        words: str,
        face: FontProperties,
        angle: float,
        /,
    ) -> None: ...

    def get_text_width_height_descent(
        self, words: str, face: FontProperties, ismath: bool, /
    ) -> tuple[float, float, float]: ...

    def buffer_rgba(self) -> memoryview: ...


def new_agg(width: int, height: int) -> Agg:
    """A sheet of transparent pixels."""
    renderer = RendererAgg(width, height, POINTS_PER_INCH)  # type: ignore[no-untyped-call]
    return cast(Agg, renderer)
