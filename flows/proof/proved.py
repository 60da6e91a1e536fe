"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "eff9949e4d90415b0e6de3a1df06c81ffa635dc4b6e2cd5640fcb64b93dd5193"
