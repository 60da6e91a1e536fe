"""The clinic that stands in where none has been given: for trying the line out."""

from typing import Final

LOCALE: Final = "en-US"
NAME: Final = "Demo Clinic"
PHONE: Final = "+12025550143"
"""555-0100 to 555-0199 are kept for fiction: nobody is rung by a demonstration."""
