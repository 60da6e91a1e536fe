"""What can go wrong with the database. No message holds words or numbers of a caller."""


class StoreError(Exception):
    """Something that the database, or what is stored in it, did wrong."""


class SealError(StoreError):
    """Sealed words could not be opened: another secret, another place, or damage."""


class Conflict(StoreError):
    """Somebody else wrote first: load and decide again. It does not leave the package."""


class Lost(StoreError):
    """The connection broke; whether the last write was kept is not known. A second try tells."""
