"""Pages as HTML, with everything escaped that is not marked as safe."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.cards.model import Picture
from bot.web.board_pages import Page
from bot.web.markup import to_html


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["markup"] = to_html
    return found


ENVIRONMENT = _environment()


def render(page: Page, *, theme: str, address: Callable[[Picture], str]) -> str:
    """The page in a theme; `address` says where a picture can be fetched."""
    frame = {**page.frame, "theme": theme}
    values = {"title": page.title, **page.values, "frame": frame, "address": address}
    return ENVIRONMENT.get_template(page.template).render(values)
