"""The engine for more than one machine: PostgreSQL. Needs the extra `highwater[cluster]`."""
