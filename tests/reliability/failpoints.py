"""Named moments at which a process kills itself: at the seams, so the program knows of none."""

import os
import signal
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.sink import Posted, Sink
from storage.alerts import AlertRecord
from storage.database import Database, T, Work

POINTS = ("statement", "before commit", "after commit", "before send", "after send")
"""In the midst of a transaction (at an SQL statement), at its end, after it was committed (a
claim, a mark, a pass), before Discord is asked, and after it answered."""


@dataclass(kw_only=True)
class Failpoint:
    """Kills this process when `name` is reached for the `times`-th time; "" never."""

    name: str = ""
    times: int = 1

    def reach(self, name: str) -> None:
        if name == self.name:
            self.times -= 1
            if self.times <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FragileDatabase(Database):
    """A real database whose process may die at any step of a write."""

    failpoint = Failpoint()

    async def write(self, work: Work[T], *, alone: bool = True) -> T:
        def fragile(connection: sqlite3.Connection) -> T:
            if self.failpoint.name == "statement":
                connection.set_trace_callback(lambda _: self.failpoint.reach("statement"))
            result = work(connection)
            self.failpoint.reach("before commit")
            return result

        result = await super().write(fragile, alone=alone)
        self.failpoint.reach("after commit")
        return result


class FragileSink:
    """The real sink in a process that may die around each of its calls."""

    def __init__(self, sink: Sink, failpoint: Failpoint) -> None:
        self._sink = sink
        self._failpoint = failpoint

    async def post(self, alert: AlertRecord) -> Posted:
        self._failpoint.reach("before send")
        return self._after(await self._sink.post(alert))

    async def edit(self, alert: AlertRecord, *, message_id: int) -> Posted:
        self._failpoint.reach("before send")
        return self._after(await self._sink.edit(alert, message_id=message_id))

    async def reply(self, alert: AlertRecord, *, message_id: int) -> Posted:
        self._failpoint.reach("before send")
        return self._after(await self._sink.reply(alert, message_id=message_id))

    async def find(self, alert: AlertRecord, *, since: datetime) -> Posted | None:
        return await self._sink.find(alert, since=since)

    def _after(self, posted: Posted) -> Posted:
        self._failpoint.reach("after send")
        return posted
