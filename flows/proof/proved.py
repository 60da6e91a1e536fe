"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "f8b59cb7c5efa0853747f17c2e143678151fd50bc7abb1831a046a5d52950f31"
