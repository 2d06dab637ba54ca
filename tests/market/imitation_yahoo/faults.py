"""Faults of the connection and of the server, on request."""

import json
import threading
from dataclasses import dataclass
from enum import StrEnum


class Failure(StrEnum):
    """How an answer goes wrong."""

    TOO_MANY = "429, plain text"
    TOO_MANY_AT_THE_EDGE = "429 of the edge, plain text"
    TOO_MANY_IN_DISGUISE = "the same text with a status of 200"
    BAD_CRUMB = "401 Invalid Crumb"
    FORBIDDEN = "403"
    OUT_OF_ORDER = "503 with an HTML page"
    PAGE = "200 with an HTML page"
    EMPTY = "200 with nothing"
    TRUNCATED = "the connection closes in the middle of the JSON"
    CUT_JSON = "a complete answer with half a JSON document"
    OTHER_FORM = "JSON of another form"
    RESET = "the connection is reset"
    SILENCE = "no answer"


JSON, HTML, PLAIN = "application/json", "text/html", "text/plain"
PAGE = "<html><body>Will be right back...</body></html>"
BAD_CRUMB = json.dumps(
    {
        "finance": {
            "result": None,
            "error": {"code": "Unauthorized", "description": "Invalid Crumb"},
        }
    }
)

TEXTS = {
    Failure.TOO_MANY: (429, "Too Many Requests\r\n", PLAIN),
    Failure.TOO_MANY_AT_THE_EDGE: (429, "Edge: Too Many Requests", PLAIN),
    Failure.TOO_MANY_IN_DISGUISE: (200, "Too Many Requests\r\n", PLAIN),
    Failure.BAD_CRUMB: (401, BAD_CRUMB, JSON),
    Failure.FORBIDDEN: (403, "Forbidden", PLAIN),
    Failure.OUT_OF_ORDER: (503, PAGE, HTML),
    Failure.PAGE: (200, PAGE, HTML),
    Failure.EMPTY: (200, "", JSON),
    Failure.CUT_JSON: (200, '{"chart":{"result":[{"meta":{"cur', JSON),
    Failure.OTHER_FORM: (200, '{"surprise":[1,2,3]}', JSON),
}
"""Status, body and content type of the failures that are complete answers. The bodies of 401 and
429 are those that people have reported."""


@dataclass(kw_only=True)
class Fault:
    """The next `times` requests whose path begins with `path` fail; None: all of them."""

    failure: Failure
    path: str = "/"
    times: int | None = None
    retry_after: int | None = None


class Faults:
    """Faults in the order they were requested; the first that matches happens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self,
        failure: Failure,
        path: str = "/",
        *,
        times: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        with self._lock:
            fault = Fault(failure=failure, path=path, times=times, retry_after=retry_after)
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next_for(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if path.startswith(fault.path) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None
