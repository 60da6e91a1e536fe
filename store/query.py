"""A statement compiled once, to be run many times on the driver itself.

SQLAlchemy writes the SQL of each database; its engine, which would do much of that again at each
call, does not stand in the way of a turn.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Delete, Dialect, Insert, Select, TypeDecorator, Update
from sqlalchemy.sql import CompoundSelect
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
_Converts = list[tuple[int, Callable[[Any], Any]]]


class Query:
    """One statement for one database.

    Both drivers take and return text, numbers and bytes as they are (SQLite has 1 and 0 for true
    and false); only types of our own are converted.

    `text`: its SQL, with the driver's own placeholders, by position.
    `columns`: the names of what it returns; () where it returns nothing.
    """

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        assert compiled.positiontup is not None
        self.text = str(compiled)
        self._names = compiled.positiontup
        binds = [compiled.binds[name] for name in self._names]
        self._constants = {
            name: bind.value
            for name, bind in zip(self._names, binds, strict=True)
            if not bind.required
        }
        self._pick = itemgetter(*self._names) if len(self._names) > 1 else None
        self._converts: _Converts = [
            (place, convert)
            for place, bind in enumerate(binds)
            if isinstance(bind.type, TypeDecorator)
            if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
        ]
        returned: list[ColumnElement[Any]]
        if isinstance(statement, Select | CompoundSelect):
            returned = list(statement.selected_columns)
        else:
            returned = list(statement.exported_columns)  # those of RETURNING
        self.columns = tuple(str(column.key) for column in returned)
        self._results: _Converts = [
            (place, convert)
            for place, column in enumerate(returned)
            if isinstance(column.type, TypeDecorator)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """`values`, by the name of each bound parameter, as the driver takes them."""
        if self._constants:
            values = {**values, **self._constants}
        # `itemgetter` is far quicker than a loop, but makes a tuple of two and more only.
        pick = self._pick
        arguments = [*pick(values)] if pick else [values[name] for name in self._names]
        for place, convert in self._converts:
            arguments[place] = convert(arguments[place])
        return arguments

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
