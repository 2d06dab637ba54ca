import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from bot.charts import candles, renderer
from bot.charts.renderer import PictureFailed, Renderer
from bot.charts.specs import CandleChart, candle_chart
from bot.errors import DataError
from tests.charts.pictures import bars_of, decoded, walk

ROOT = Path(__file__).resolve().parents[2]


def chart(title: str = "TEST", sessions: int = 126) -> CandleChart:
    return candle_chart(bars_of(walk(300)), title=title, sessions=sessions)


def broken() -> CandleChart:
    """A spec no picture can be made of: it has no candle."""
    none = np.empty(0)
    days = np.empty(0, dtype="datetime64[D]")
    return CandleChart(
        title="",
        fact="",
        days=days,
        open=none,
        high=none,
        low=none,
        close=none,
        volume=none,
        alt="",
    )


def children() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid}


async def test_a_picture_drawn_elsewhere_is_the_same_picture() -> None:
    spec = chart()
    async with Renderer() as drawing:
        assert await drawing.draw(spec) == candles.draw(spec)


async def test_a_picture_asked_for_again_is_not_drawn_again() -> None:
    async with Renderer() as drawing:
        first = await drawing.draw(chart())
        await drawing.close()

        # Nobody is left to draw: only a kept picture can be had, and only the same one.
        assert await drawing.draw(chart()) == first
        with pytest.raises(PictureFailed):
            await drawing.draw(chart("OTHER"))


async def test_a_drawing_that_fails_leaves_the_renderer_whole() -> None:
    async with Renderer() as drawing:
        with pytest.raises(DataError, match="could not be drawn"):
            await drawing.draw(broken())

        assert decoded(await drawing.draw(chart())).width == 1000


async def test_a_dead_process_is_replaced() -> None:
    before = children()
    async with Renderer() as drawing:
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)

        assert decoded(await drawing.draw(chart())).width == 1000
        assert children() - before - {child}


async def test_a_hanging_process_is_given_up_in_time() -> None:
    before = children()
    async with Renderer(timeout=2.0) as drawing:
        (child,) = children() - before
        os.kill(child, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(PictureFailed, match="too long"):
            await drawing.draw(chart())
        assert time.monotonic() - started < 8

        assert decoded(await drawing.draw(chart())).width == 1000


async def test_an_interrupt_does_not_stop_the_drawing_process() -> None:
    before = children()
    async with Renderer() as drawing:
        (child,) = children() - before
        os.kill(child, signal.SIGINT)

        assert decoded(await drawing.draw(chart())).width == 1000
        assert children() - before == {child}


async def test_whoever_comes_too_late_gets_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "WAITING", 2)
    async with Renderer() as drawing:
        results = await asyncio.gather(
            *(drawing.draw(chart(str(i))) for i in range(4)), return_exceptions=True
        )

    assert [isinstance(result, bytes) for result in results] == [True, True, False, False]
    assert all(isinstance(result, PictureFailed) for result in results[2:])


async def test_only_recent_pictures_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "KEPT", 2)
    drawing = Renderer()
    for name in ("a", "b", "c"):
        await drawing.draw(chart(name))
    await drawing.close()

    assert await drawing.draw(chart("b"))
    assert await drawing.draw(chart("c"))
    with pytest.raises(PictureFailed):
        await drawing.draw(chart("a"))


async def test_several_processes_draw_side_by_side() -> None:
    before = children()
    async with Renderer(workers=2) as drawing:
        assert len(children() - before) == 2
        pictures = await asyncio.gather(*(drawing.draw(chart(str(i))) for i in range(4)))

    assert len(set(pictures)) == 4
    assert children() <= before


def test_the_parent_loads_no_drawing_library() -> None:
    code = (
        "import sys, bot.charts.renderer; print(sorted({'matplotlib', 'PIL'} & set(sys.modules)))"
    )

    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert out.stdout.strip() == "[]"


def test_the_drawing_process_does_not_outlive_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio, multiprocessing, sys
            from bot.charts.renderer import Renderer

            async def main():
                await Renderer().start()
                print(*[child.pid for child in multiprocessing.active_children()], flush=True)
                await asyncio.Event().wait()

            if __name__ == "__main__":
                asyncio.run(main())
            """
        )
    )
    parent = subprocess.Popen(
        [sys.executable, script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()

    # The output ends when the last process that holds it has gone; else this runs out of time.
    assert parent.communicate(timeout=30)[0] == ""
    assert child != parent.pid
