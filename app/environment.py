"""Where settings come from: the environment, a `.env` file beside it, and files of secrets.

In come the environment and a folder, out come plain values by name. Whatever is wrong is collected,
so that all of it can be told at once; a value that may be a secret is never part of what is told.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")


class WrongSettings(Exception):
    """The settings cannot be used. `faults`: a sentence each, which says what to do."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def read_env_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """The values of a file of NAME=VALUE lines, and its faults; nothing where there is no file.

    A value may stand in single or double quotes. Without quotes it ends before " #".
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        return {}, [f"{path} cannot be read ({reason}): mend it or remove it."]
    values: dict[str, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        value = _unquoted(match.group(2)) if match else None
        if match is None or value is None:
            faults.append(f"{path}, line {number} is not NAME=VALUE: mend that line.")
        elif match.group(1) in values:
            faults.append(f"{path}, line {number} gives {match.group(1)} again: keep one of them.")
        else:
            values[match.group(1)] = value
    return values, faults


def _unquoted(value: str) -> str | None:
    """What is meant by the right side of a line; None where a quote is not closed."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        inner, closing, rest = value[1:].partition(value[0])
        return inner if closing and (not rest.strip() or rest.strip()[0] == "#") else None
    return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].rstrip()


class Values:
    """Settings by name, as text; an empty value counts as none."""

    def __init__(self, environ: Mapping[str, str], folder: Path, secrets: AbstractSet[str]) -> None:
        """`environ` wins over the `.env` file in `folder`.

        `secrets`: the names whose value may stand in the file that NAME_FILE names instead.
        """
        written, self.faults = read_env_file(folder / ".env")
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        # A secret and its NAME_FILE are one setting: one in the environment wins over both here.
        taken = {*given, *(f"{name}_FILE" for name in given)}
        taken |= {name.removesuffix("_FILE") for name in given}
        self._values = {name: value for name, value in written.items() if name not in taken}
        self._values = {name: value for name, value in self._values.items() if value} | given
        self._unreadable: set[str] = set()
        for name in sorted(secrets):
            self._read_file(name)

    def names(self) -> list[str]:
        """Every name that has a value, in order."""
        return sorted(self._values)

    def get(self, name: str) -> str | None:
        """The value of `name`, without the space around it; None where it has none."""
        return self._values.get(name)

    def unreadable(self, name: str) -> bool:
        """Whether `name` has a value that could not be read; the faults say why."""
        return name in self._unreadable

    def _read_file(self, name: str) -> None:
        path = self._values.get(f"{name}_FILE")
        if path is None:
            return
        fault = ""
        if name in self._values:
            fault = f"{name} and {name}_FILE are both set: keep one of them."
        else:
            try:
                value = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
                fault = f"{name}_FILE names a file that cannot be read ({reason}): mend it."
            else:
                if value:
                    self._values[name] = value
                else:
                    fault = f"{name}_FILE names an empty file: write the value into it."
        if fault:
            self.faults.append(fault)
            self._unreadable.add(name)
