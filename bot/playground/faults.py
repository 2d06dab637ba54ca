"""Faults on request: what goes wrong between a bot and Discord, made to happen."""

import re
from dataclasses import dataclass

from bot.playground.calls import Json

REST_ACTS = ("status", "cut_before", "cut_after", "delay", "garbage")
GATEWAY_ACTS = ("drop", "status", "delay", "garbage")
LONGEST_DELAY_SECONDS = 600.0


class BadFault(ValueError):
    """The description of a fault makes no sense; the text says why."""


@dataclass(kw_only=True)
class Fault:
    """One armed fault; `times` counts down to 0."""

    where: str
    act: str
    method: str
    path: re.Pattern[str]
    status: int
    code: int
    seconds: float
    times: int


class Faults:
    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._armed.append(fault)

    def disarm(self) -> None:
        self._armed.clear()

    def strike(self, where: str, *, method: str = "", path: str = "") -> Fault | None:
        """The first armed fault that meets this request; it is used up once."""
        for fault in self._armed:
            if fault.where != where or (fault.method and fault.method != method):
                continue
            if not fault.path.search(path):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._armed.remove(fault)
            return fault
        return None


def parse(request: Json) -> Fault:
    """Read the control API's description. Raises BadFault."""
    where, act = request.get("where"), request.get("act")
    acts = {"rest": REST_ACTS, "gateway": GATEWAY_ACTS}.get(str(where))
    if acts is None:
        raise BadFault("'where' must be rest or gateway")
    if act not in acts:
        raise BadFault(f"'act' of a {where} fault must be one of: {', '.join(acts)}")
    try:
        path = re.compile(str(request.get("path") or ""))
        fault = Fault(
            where=str(where),
            act=str(act),
            method=str(request.get("method") or "").upper(),
            path=path,
            status=int(request.get("status") or 500),
            code=int(request.get("code") or 0),
            seconds=float(request.get("seconds") or 0.0),
            times=int(request.get("times") or 1),
        )
    except (re.error, TypeError, ValueError) as error:
        raise BadFault(f"the fault cannot be read: {error}") from error
    if not 0 <= fault.seconds <= LONGEST_DELAY_SECONDS or fault.times < 1:
        raise BadFault(f"'seconds' must lie in 0…{LONGEST_DELAY_SECONDS:.0f}, 'times' be 1 or more")
    if not 200 <= fault.status <= 599:
        raise BadFault("'status' must lie in 200…599")
    return fault
