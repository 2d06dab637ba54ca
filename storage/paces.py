"""A rate that several processes keep to together, by the server's clock.

What is stored is the moment from which on the next request is free; whoever reserves moves it on
(the generic cell rate algorithm: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).
"""

from storage.connection import Connection

_NOW = "extract(epoch FROM clock_timestamp())"


def reserve(connection: Connection, name: str, *, slots: int, rate: float, burst: int) -> float:
    """Reserve requests one after another, `rate` a second; returns the seconds until the first.

    After a rest so many as `burst` may go at once.
    """
    row = connection.execute(
        f"""INSERT INTO facts (name, value) VALUES (:name, CAST({_NOW} + :span AS TEXT))
        ON CONFLICT (name) DO UPDATE SET value = CAST(
            greatest(CAST(facts.value AS DOUBLE PRECISION), {_NOW} - :rest) + :span AS TEXT)
        RETURNING CAST(value AS DOUBLE PRECISION) - :span - {_NOW}""",  # noqa: S608
        {"name": name, "span": slots / rate, "rest": (burst - 1) / rate},
    ).fetchone()
    return max(0.0, float(row[0]))
