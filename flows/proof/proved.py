"""The flow that the whole walk found sound. By tests/flows/regenerate.py."""

from typing import Final

DIGEST: Final = "5b272d1528b1553fe47e520723b8deb32f16f5b4ca4d61a57f222a62fa7bf33d"
