"""What can go wrong with the database file, in words for the operator."""


class StorageFailure(Exception):
    """The database cannot be used; the text says why and what to do."""


class StorageAway(StorageFailure):
    """The database server cannot be reached for now; nothing is wrong with the database."""
