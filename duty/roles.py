"""What a member of the clinic's staff may do: each role may all that the one before it may."""

from enum import StrEnum


class Role(StrEnum):
    """A role at one clinic.

    A reader sees; a clinician acknowledges, notes and releases; an admin looks after staff and
    the clinic's settings, exports and erases.
    """

    READER = "reader"
    CLINICIAN = "clinician"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether whoever has this role may do what `other` may."""
        return _RANKS[self] >= _RANKS[other]


_RANKS = {role: rank for rank, role in enumerate(Role)}
