"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "5bfbb8a6b96a02cb08a218007f17d6de57115b5c6da0a55510aacda23c8ba9e9"
