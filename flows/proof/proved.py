"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "454278fde3e1834c98c2404591fe989fe863a98fd8c599ab8f0491650715616f"
