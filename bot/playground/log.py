"""What the bot asked, what it got, and which of Discord's rules it broke."""

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from bot.playground.calls import Json
from bot.playground.refusals import Problem
from bot.playground.timing import iso

REQUESTS, VIOLATIONS = 5_000, 2_000
INVALID = (401, 403, 429)  # what Discord counts towards a ban: 10,000 of them in 10 minutes


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer. `response` is the raw body, b"" for none."""

    n: int
    moment: float
    method: str
    path: str
    body: Any
    multipart: bool
    status: int
    response: bytes

    def record(self) -> Json:
        return {
            "n": self.n,
            "time": iso(self.moment),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "body": self.body,
        }

    def answer(self) -> Any:
        return json.loads(self.response) if self.response else None


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule of Discord's that a request of the bot broke."""

    moment: float
    where: str
    path: str
    problem: str

    def record(self) -> Json:
        return {
            "time": iso(self.moment),
            "where": self.where,
            "path": self.path,
            "problem": self.problem,
        }


class Log:
    """The latest requests and violations."""

    def __init__(self) -> None:
        self.requests: deque[Exchange] = deque(maxlen=REQUESTS)
        self.violations: deque[Violation] = deque(maxlen=VIOLATIONS)
        self.invalid_requests = 0
        self.total = 0

    def add(self, exchange: Exchange) -> None:
        self.requests.append(exchange)
        self.total = exchange.n
        self.invalid_requests += exchange.status in INVALID

    def complain(self, moment: float, *, where: str, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            self.violations.append(
                Violation(moment=moment, where=where, path=problem.path, problem=problem.message)
            )
