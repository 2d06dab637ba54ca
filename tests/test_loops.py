"""every(): a loop survives its passes and stops between them."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import OperatorError, SourceDown
from bot.loops import MAX_BACK_OFF, Pulse, _failed, every

SOON = timedelta(milliseconds=1)


async def test_a_failing_pass_does_not_end_the_loop() -> None:
    stop, pulse, seen = asyncio.Event(), Pulse(name="test"), []

    async def run_once() -> None:
        seen.append(len(seen))
        if len(seen) < 3:
            raise RuntimeError("bad pass")
        stop.set()

    await every(SOON, run_once, pulse=pulse, stop=stop)
    assert seen == [0, 1, 2]
    assert pulse.failures_in_a_row == 0
    assert pulse.last_error == "RuntimeError: bad pass"


async def test_an_operator_error_ends_it() -> None:
    async def run_once() -> None:
        raise OperatorError("the disk is gone")

    with pytest.raises(OperatorError):
        await every(SOON, run_once, pulse=Pulse(name="test"), stop=asyncio.Event())


async def test_stop_waits_for_the_running_pass() -> None:
    stop, finished = asyncio.Event(), []

    async def run_once() -> None:
        stop.set()
        await asyncio.sleep(0)
        finished.append(True)

    await every(timedelta(hours=1), run_once, pulse=Pulse(name="test"), stop=stop)
    assert finished == [True]


async def test_wake_cuts_the_waiting_short() -> None:
    stop, pulse, passes = asyncio.Event(), Pulse(name="test"), []

    async def run_once() -> None:
        passes.append(True)
        if len(passes) == 2:
            stop.set()
        else:
            asyncio.get_running_loop().call_soon(pulse.wake.set)

    await asyncio.wait_for(every(timedelta(hours=1), run_once, pulse=pulse, stop=stop), 5)
    assert len(passes) == 2


def test_back_off_doubles_to_a_limit_and_obeys_the_other_side() -> None:
    pulse = Pulse(name="test")
    waits = [
        _failed(pulse, RuntimeError(), timedelta(seconds=10), MAX_BACK_OFF).total_seconds()
        for _ in range(7)
    ]
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    asked = SourceDown("slow down", after=timedelta(hours=1))
    assert (
        _failed(pulse, asked, timedelta(seconds=10), MAX_BACK_OFF)
        == timedelta(hours=1)
        > MAX_BACK_OFF
    )
