"""What a page of the desk looks like to whoever comes to it, in a real browser."""

from typing import Final, Literal

from tests.browser import Visitor

_LOOKS: Final[tuple[tuple[int, Literal["light", "dark"]], ...]] = ((390, "light"), (1440, "dark"))


def look(visitor: Visitor, name: str, *, colours: bool = True) -> list[str]:
    """What is wrong with the page that is shown: on a phone and a wide screen, by day and night.

    Everything is looked for on the phone; on the wide screen what can differ there: its other
    colours, and whether it fits. `colours`: False for a page whose colours are looked at elsewhere.
    """
    found = []
    for width, scheme in _LOOKS:
        wide = width > _LOOKS[0][0]
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.page.emulate_media(color_scheme=scheme)
        if not wide or colours:
            barriers = visitor.barriers(colours_alone=wide)
            found += [f"{name}, {width}, {scheme}: {barrier}" for barrier in barriers]
        if visitor.scrolls_sideways():
            found.append(f"{name}, {width}: wider than its window")
    return found
