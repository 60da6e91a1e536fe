"""A statement compiled once, to be run many times on the driver itself.

SQLAlchemy writes the SQL of each database and converts the values; its engine, which would do
much of that again at each call, does not stand in the way of a turn.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Delete, Dialect, Float, Insert, Select, Update
from sqlalchemy.sql import CompoundSelect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Row = tuple[Any, ...]
Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
_Convert = Callable[[Any], Any]


class Query:
    """One statement for one database.

    `text`: its SQL, with the driver's own placeholders, by position.
    `columns`: the names of what it returns; () where it returns nothing.
    """

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None
        self.text = str(compiled)
        binds = compiled.binds
        self._constants = {n: binds[n].value for n in compiled.positiontup if not binds[n].required}
        self._arguments: list[tuple[str, _Convert | None]] = [
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        ]
        returned: list[ColumnElement[Any]] = []
        if isinstance(statement, Select | CompoundSelect):
            returned = list(statement.selected_columns)
        self.columns = tuple(str(column.key) for column in returned)
        converts = (_result(column.type, dialect) for column in returned)
        self._results = [(place, convert) for place, convert in enumerate(converts) if convert]

    def arguments(self, values: Mapping[str, Any]) -> Row:
        """`values`, by the name of each bound parameter, as the driver takes them."""
        if self._constants:
            values = {**self._constants, **values}
        return tuple(
            [
                values[name] if convert is None else convert(values[name])
                for name, convert in self._arguments
            ]
        )

    def rows(self, fetched: Iterable[Row]) -> list[Row]:
        """What the driver returned, converted."""
        if not self._results:
            return list(fetched)
        rows = []
        for row in fetched:
            values = list(row)
            for place, convert in self._results:
                values[place] = convert(values[place])
            rows.append(tuple(values))
        return rows

    def named(self, row: Row) -> dict[str, Any]:
        """One row of the result, by the names of its columns."""
        return dict(zip(self.columns, row, strict=True))


def _result(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    # Both drivers return a float as one; SQLAlchemy's converter would want the driver's type code.
    if isinstance(kind, Float):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)
