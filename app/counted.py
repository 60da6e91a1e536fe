"""Numbers of things, as the commands say them."""


def counted(number: int, one: str, many: str = "") -> str:
    """Such as "1 turn", "1,200 turns", "0 entries". `many`: `one` with an s, if left out."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
