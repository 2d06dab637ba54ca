"""What runs in a drawing process.

The process draws and nothing else: an interrupt at the keyboard is for its parent, who stops
it; and when the parent is gone without a word, it goes too. It steps back behind its parent, so
that on a machine with one core the event loop keeps its pace while a picture is drawn.
"""

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing import connection

from bot.charts.specs import Spec
from bot.notation import Notation, written_for

NICENESS = 10
"""How far drawing steps back (0…19): clearly behind the event loop, yet never starved."""


def prepare() -> None:
    """Make this process a drawing one; runs once, before its first picture."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICENESS)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _load()


def draw(spec: Spec, notation: Notation = Notation.POINT) -> bytes:
    """Draw in this process, numbers as the reader writes them."""
    # Drawing libraries stay out of the parent process: half a second and 60 MB.
    from bot.charts import drawings  # noqa: PLC0415

    with written_for(notation):
        return drawings.draw(spec)


def ready() -> int:
    """Says that this process is prepared: its process id."""
    return os.getpid()


def _load() -> None:
    from bot.charts import drawings  # noqa: F401, PLC0415  see `draw`


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(0)
