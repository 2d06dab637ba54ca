"""What the REST handlers take and give: a request already read, an answer not yet written.

Handlers are plain functions between these two, so every change of the world happens in one
piece and nothing can come between.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of a multipart request; `key` is the n of `files[n]`."""

    key: str
    filename: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Call:
    """One REST request of the bot. `body` is the JSON (of `payload_json` in a multipart one)."""

    method: str
    path: str
    part: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    uploads: tuple[Upload, ...] = ()

    def asks(self, flag: str) -> bool:
        """Whether the query sets `flag`, in any of the ways Discord reads a boolean."""
        return self.query.get(flag, "").lower() in {"1", "true"}

    def fields(self) -> Json:
        """The body as an object; no body counts as an empty one."""
        return self.body if isinstance(self.body, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; `None` with status 204 has no body at all."""

    body: Any = None
    status: int = 200


NOTHING = Reply(status=204)
Handler: TypeAlias = Callable[[Call], Reply]
Route: TypeAlias = tuple[str, str, Handler]
