"""Statements that stay prepared, and new rows of an act in one of them, made without ceremony.

Django builds the text of an INSERT anew for every object; for rows that acts write all day that is most of their cost.
Here the text is built once for each shape (which models, how many of each), and all rows go in one round trip. Foreign keys,
policies and constraints hold as ever: only the text and the number of trips differ. Rows of one call do not see each other
while they are written, so a policy or default that looks into another table wants a call of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, TypeVar, cast

from django.contrib.postgres.search import SearchVectorField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Expression, Field, Model
from django.db.models.base import ModelState

from gongzhi.kernel.postgres.base import DatabaseWrapper

M = TypeVar("M", bound=Model)
_AS_THEY_ARE = (
    models.CharField, models.TextField, models.IntegerField, models.BigIntegerField, models.SmallIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.FloatField, models.BooleanField, models.BinaryField, models.DateTimeField, models.ForeignKey,
)  # fmt: skip


class SimpleVector(Expression):
    """Words (separated by spaces) as a tsvector of the `simple` configuration."""

    output_field = SearchVectorField()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "to_tsvector('simple', %s::text)", (self.words,)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its place on the object, what makes its value ready for the database (None: nothing), the object that a key names."""

    name: str
    column: str
    prepare: Callable[[Any, Any], Any] | None
    related: str


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    key: _Column
    columns: tuple[_Column, ...]


@cache
def _table(model: type[Model]) -> _Table:
    meta = model._meta
    columns = []
    for field in meta.local_concrete_fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False) or (meta.parents and field.remote_field):
            raise TypeError(f"{meta.label}.{field.name} is filled in by Django: save it there")
        columns.append(_Column(field.attname, field.column or field.attname, _preparing(field), field.name if isinstance(field, models.ForeignKey) else ""))
    key = next(column for column in columns if column.name == meta.pk.attname)
    return _Table(meta.db_table, key, tuple(column for column in columns if column is not key))


def _preparing(field: "Field[Any, Any]") -> Callable[[Any, Any], Any] | None:
    return None if type(field) in _AS_THEY_ARE else field.get_db_prep_save


@dataclass(frozen=True, slots=True)
class _Blank:
    """What a new object of a model holds before anything is said of it."""

    held: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]  # defaults that are made anew for each object
    related: dict[str, str]  # name of a foreign key → attribute of its id


@cache
def _blank(model: type[Model]) -> _Blank:
    if model.__init__ is not Model.__init__:
        raise TypeError(f"{model._meta.label} makes its objects in its own way: call it")
    held: dict[str, Any] = {}
    made = []
    related = {}
    for field in model._meta.concrete_fields:
        if field.has_db_default():
            raise TypeError(f"{model._meta.label}.{field.name} gets its default from the database: call the model")
        held[field.attname] = None
        if field.has_default() and callable(field.default):
            made.append((field.attname, field.default))
        else:
            held[field.attname] = field.get_default()
        if isinstance(field, models.ForeignKey):
            related[field.name] = field.attname
    return _Blank(held, tuple(made), related)


def make(model: type[M], **given: Any) -> M:
    """Return a new object as calling the model does, in a fifth of the time: for the few models that acts make all day.

    Names are those of fields and of foreign keys' ids; raises TypeError for others. No signals of Django's are sent.
    """
    blank = _blank(model)
    one = model.__new__(model)
    held = one.__dict__
    held["_state"] = state = ModelState()
    held.update(blank.held)
    for name, default in blank.made:
        if name not in given:
            held[name] = default()
    for name, value in given.items():
        key = blank.related.get(name)
        if key is not None:
            state.fields_cache[name] = value
            held[key] = None if value is None else value.pk
        elif name in blank.held:
            held[name] = value
        else:
            raise TypeError(f"{model._meta.label} has no field {name}")
    return one


def prepared(statement: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement (its values written $1, $2 …) that each connection keeps prepared; return its rows, if it gives any.

    For what acts ask again and again: the server reads and plans it once, and no text is built.
    """
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).prepared(statement, given)


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement with its values in places written %s; may stand for a value of a row."""

    text: str
    given: tuple[Any, ...] = ()

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, tuple[Any, ...]]:
        return self.text, self.given


TAKEN = Sql("(SELECT number FROM taken)")


def insert(*rows: Model, taking: Sql | None = None) -> int | None:
    """Insert new rows in one statement and give them their ids; rows of one model side by side go as one list of values.

    A row may name another of the call by its foreign key, before that has an id. `taking`: a statement that runs first and gives
    one number (`RETURNING … AS number`), which the rows may use as TAKEN; it is returned.
    """
    shape: list[tuple[type[Model], bool, tuple[str, ...]]] = []
    given: list[Any] = list(taking.given) if taking else []
    groups: dict[int, int] = {}  # object of a row → the place of its list of values
    named_so: list[tuple[dict[str, Any], str, Model]] = []
    group, last = -1, None
    for row in rows:
        model, table, held = type(row), _table(type(row)), row.__dict__
        has_key = held[table.key.name] is not None
        if last != (model, has_key):
            group, last = group + 1, (model, has_key)
        groups[id(row)] = group
        marks = ["%s"] * (len(table.columns) + has_key)
        if has_key:
            given.append(held[table.key.name])
        for place, column in enumerate(table.columns, start=has_key):
            value = held[column.name]
            if value is None:
                if column.related:
                    named = row._state.fields_cache.get(column.related)
                    if named is not None:
                        value = held[column.name] = named.pk
                        if value is None and id(named) in groups:
                            marks[place] = f"(SELECT key FROM r{groups[id(named)]})"  # fails where its list has more rows than one
                            named_so.append((held, column.name, named))
                            continue
            elif hasattr(value, "as_sql"):
                marks[place], values = value.as_sql(None, connection)
                given += values
                continue
            elif column.prepare is not None:
                value = column.prepare(value, connection)
            given.append(value)
        shape.append((model, has_key, tuple(marks)))
    ids = prepared(_statement(tuple(shape), taking.text if taking else ""), given)
    number = ids.pop(0)[0] if taking else None
    for row, (key,) in zip(rows, ids, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    for held, name, named in named_so:
        held[name] = named.pk
    return number


@lru_cache(maxsize=500)
def _statement(shape: tuple[tuple[type[Model], bool, tuple[str, ...]], ...], taking: str) -> str:
    """Return the text of an INSERT of this shape; it gives the number that was taken, if one was, and the keys in the order of the rows."""
    parts = []
    for (model, has_key), group in groupby(shape, key=lambda one: one[:2]):
        table = _table(model)
        names = [*([table.key] if has_key else []), *table.columns]
        columns = ", ".join(f'"{column.column}"' for column in names)
        values = ", ".join(f"({', '.join(marks)})" for _model, _has_key, marks in group)
        parts.append(f'INSERT INTO "{table.name}" ({columns}) VALUES {values} RETURNING "{table.key.column}" AS key')
    if len(parts) == 1 and not taking:
        whole = parts[0]
    else:
        named = ", ".join([*([f"taken AS ({taking})"] if taking else []), *(f"r{number} AS ({part})" for number, part in enumerate(parts))])
        told = [*(["SELECT number::bigint AS key FROM taken"] if taking else []), *(f"SELECT key FROM r{number}" for number in range(len(parts)))]
        whole = f"WITH {named} {' UNION ALL '.join(told)}"
    first, *rest = whole.split("%s")
    return first + "".join(f"${number}{piece}" for number, piece in enumerate(rest, start=1))
