"""What Discord says no with: a status, a code of its own and, for bad bodies, a tree of errors.

Codes as in Discord's documentation, "Opcodes and Status Codes".
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule in a request body; `path` is dotted, as `embeds.0.title`."""

    path: str
    message: str
    code: str = "BASE_TYPE_BAD_VALUE"


class Refusal(Exception):
    """A request that Discord would not carry out; becomes the answer to it."""

    def __init__(
        self,
        status: int,
        code: int,
        *,
        message: str,
        problems: tuple[Problem, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.problems = problems
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.problems:
            answer["errors"] = error_tree(self.problems)
        if self.retry_after is not None:
            answer |= {"retry_after": self.retry_after, "global": False}
        return answer


def error_tree(problems: tuple[Problem, ...]) -> dict[str, Any]:
    """Discord's nesting: one level per path segment, `_errors` at the leaf."""
    tree: dict[str, Any] = {}
    for problem in problems:
        node = tree
        for segment in filter(None, problem.path.split(".")):
            node = node.setdefault(segment, {})
        leaf = {"code": problem.code, "message": problem.message}
        node.setdefault("_errors", []).append(leaf)
    return tree


def invalid_form(*problems: Problem) -> Refusal:
    return Refusal(400, 50035, message="Invalid Form Body", problems=problems)


def unknown(code: int, thing: str) -> Refusal:
    return Refusal(404, code, message=f"Unknown {thing}")


def unknown_channel() -> Refusal:
    return unknown(10003, "Channel")


def unknown_message() -> Refusal:
    return unknown(10008, "Message")


def unknown_webhook() -> Refusal:
    return unknown(10015, "Webhook")


def missing_access() -> Refusal:
    return Refusal(403, 50001, message="Missing Access")


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, message="Missing Permissions")


def too_many_writes(wait: float) -> Refusal:
    """A limit of its own that no header tells of: only the body says how long to wait."""
    message = "The write action you are performing on the channel has hit the write rate limit."
    return Refusal(429, 20028, message=message, retry_after=wait)


def empty_message() -> Refusal:
    return Refusal(400, 50006, message="Cannot send an empty message")


def unauthorized() -> Refusal:
    return Refusal(401, 0, message="401: Unauthorized")


def invalid_webhook_token() -> Refusal:
    return Refusal(401, 50027, message="Invalid Webhook Token")
