"""The form of a clinic's settings, made from what there is to settle.

A new field of `duty.clinic.ClinicSettings` needs no code here where it is a time of day, a number,
a yes or no, a choice, or a line of words: its label is `settings.FIELD`, and `settings.FIELD_hint`
says what it does. A field of another kind is a fault that the start refuses.
"""

import re
from collections.abc import Callable
from datetime import time
from itertools import pairwise
from typing import Any, Final, Self
from zoneinfo import available_timezones

import msgspec
from msgspec import inspect
from wtforms import (
    BooleanField,
    Field,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from clinic.forms import Form, Required, posted
from duty.clinic import ClinicSettings, Day, Opening
from duty.naming import name_fault
from flows.definition import read_locales
from store.clinics import StoredClinic
from telephony.contact import reachable

OPENINGS: Final = 2
"""A day has at most so many: before noon and after it."""

GROUPS: Final = {
    "messages": ("quiet_from", "quiet_to", "text_from", "parts_per_second"),
    "alerts": (
        *("tell_t2", "tell_t0", "tell_crisis", "tell_not_seen", "tell_undelivered"),
        *("wait_minutes", "rung_minutes", "rounds"),
    ),
    "alarm": ("alarm_email", "test_alert_at"),
    "kept": ("unfinished_days", "kept_years"),
}
"""The fields of `settled_fields` as they stand together, by the key of their heading
(clinic.group_KEY)."""

_SERVICE: Final = re.compile(r"MG[0-9a-f]{32}")
_NEEDED: Final[Any] = InputRequired("form.required")
_MAY_BE_EMPTY: Final[Any] = Optional()
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def zones() -> dict[str, str]:
    named = sorted(zone for zone in available_timezones() if "/" in zone)
    return {zone: zone.replace("_", " ") for zone in named if not zone.startswith("Etc/")}


# By value, what is shown. (Typed so, as WTForms' stubs do not know that way yet.)
_ZONES: Final[Any] = zones()
_LOCALES: Final[Any] = {key: f"{key}, {one.country}" for key, one in read_locales().items()}


def _name(_: Form, field: Field) -> None:
    field.data = " ".join((field.data or "").split())
    fault = name_fault(field.data)
    if fault:
        raise ValidationError(f"clinic.name_{fault.value}")


def _phone(_: Form, field: Field) -> None:
    found = reachable(field.data or "")
    if found is None:
        raise ValidationError("clinic.phone_wrong")
    field.data = found


def _numbers(_: Form, field: Field) -> None:
    typed = re.split(r"[\n,;]+", field.data or "")
    found = [reachable(one) for one in typed if one.strip()]
    if None in found:
        raise ValidationError("clinic.numbers_wrong")
    field.data = "\n".join(sorted({one for one in found if one}))


def _sender(_: Form, field: Field) -> None:
    typed = (field.data or "").strip()
    found = typed if not typed or _SERVICE.fullmatch(typed) else reachable(typed)
    if found is None:
        raise ValidationError("clinic.sender_wrong")
    field.data = found


def checked_email(_: Form, field: Field) -> None:
    """An e-mail address, or nothing; as it is kept."""
    field.data = (field.data or "").strip()
    if field.data and not _EMAIL.fullmatch(field.data):
        raise ValidationError("clinic.email_wrong")


_CHECKS: Final[dict[str, Callable[[Form, Field], None]]] = {
    "text_from": _sender,
    "alarm_email": checked_email,
}


class _Fields(Form):
    """The fields that every clinic has; those of `ClinicSettings` are added to them below."""

    name = StringField("clinic.name", [Required(), _name])
    locale = SelectField("clinic.locale", choices=_LOCALES)
    phone = StringField("clinic.phone", [Required(), _phone])
    time_zone = SelectField("clinic.time_zone", choices=_ZONES)
    numbers = TextAreaField("clinic.numbers", [_numbers])


def opening(day: Day, which: int, end: str) -> str:
    """The name of the field of one time: "day_0_1_opens" is Monday's first."""
    return f"day_{day.value}_{which}_{end}"


def settled_fields() -> tuple[str, ...]:
    """The fields of `ClinicSettings` that have one field of the form each."""
    return tuple(name for name in ClinicSettings.__struct_fields__ if name != "hours")


def _made() -> dict[str, Field]:
    info = inspect.type_info(ClinicSettings)
    assert isinstance(info, inspect.StructType)
    made: dict[str, Any] = {
        field.name: _field(field.name, field.type) for field in info.fields if field.name != "hours"
    }
    for day in Day:
        for which in range(1, OPENINGS + 1):
            for end in ("opens", "closes"):
                made[opening(day, which, end)] = TimeField("", [Optional()])
    return made


def _field(name: str, kind: inspect.Type) -> Any:
    """The field of a form for a setting of that kind; KeyError where there is none."""
    label, needs = f"settings.{name}", [_NEEDED]
    if isinstance(kind, inspect.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, inspect.NoneType))
        needs = [_MAY_BE_EMPTY]
    match kind:
        case inspect.EnumType():
            words = kind.cls.__name__.lower()
            choices: Any = {one.value: f"{words}.{one.value}" for one in kind.cls}
            return SelectField(label, choices=choices, coerce=kind.cls)
        case inspect.IntType() | inspect.FloatType():
            least = kind.ge if kind.gt is None else kind.gt
            within = NumberRange(least, kind.le, message="clinic.number_wrong")
            made = IntegerField if isinstance(kind, inspect.IntType) else FloatField
            return made(label, [*needs, within])
        case inspect.TimeType():
            return TimeField(label, needs)
        case inspect.BoolType():
            return BooleanField(label)
        case inspect.StrType():
            return StringField(label, [_CHECKS[name]])
        case _:
            raise KeyError(name)


_FormWithAll: Any = type("_FormWithAll", (_Fields,), _made())


class ClinicForm(_FormWithAll):  # type: ignore[misc]  # its fields are those of the struct
    """Everything that a clinic settles for itself."""

    @classmethod
    def sent(cls, *, fixed: bool, numbered: bool) -> Self:
        """What was sent."""
        return cls(posted()).without(fixed=fixed, numbered=numbered)

    def without(self, *, fixed: bool, numbered: bool) -> Self:
        """The form, without what is not asked for.

        `fixed`: name, locale and phone are those of the installation's settings.
        `numbered`: whoever fills it in may say at which numbers the line answers.
        """
        for name in ("name", "locale", "phone") if fixed else ():
            del self[name]
        if not numbered:
            del self["numbers"]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all of it can be meant; faults of the hours stand with their opening times."""
        good = bool(super().validate(extra_validators))
        for day in Day:
            for which in range(1, OPENINGS + 1):
                opens = self[opening(day, which, "opens")]
                closes = self[opening(day, which, "closes")]
                if (opens.data is None) is not (closes.data is None):
                    opens.errors = ["clinic.hours_half"]
                    good = False
        if not good:
            return False
        for day in Day:
            spans = [(one.opens, one.closes) for one in self.hours if one.day is day]
            ends = [time.max if closes == time() else closes for _, closes in spans]
            wrong = any(closes <= opens for (opens, _), closes in zip(spans, ends, strict=True))
            overlap = any(after[0] < before[1] for before, after in pairwise(spans))
            if wrong or overlap:
                self[opening(day, 1, "opens")].errors = ["clinic.hours_order"]
                good = False
        return good

    @property
    def hours(self) -> tuple[Opening, ...]:
        found = []
        for day in Day:
            for which in range(1, OPENINGS + 1):
                opens = self[opening(day, which, "opens")].data
                closes = self[opening(day, which, "closes")].data
                if opens is not None and closes is not None:
                    found.append(Opening(day, opens, closes))
        return tuple(found)


def form_of(clinic: StoredClinic) -> ClinicForm:
    """The form as it is filled in for `clinic`."""
    values: dict[str, Any] = {
        "name": clinic.name,
        "locale": clinic.locale,
        "phone": clinic.phone,
        "time_zone": clinic.time_zone,
        "numbers": "\n".join(clinic.numbers),
    }
    values |= {name: getattr(clinic.settings, name) for name in settled_fields()}
    seen: dict[Day, int] = {}
    for one in clinic.settings.hours:
        which = seen[one.day] = seen.get(one.day, 0) + 1
        values[opening(one.day, which, "opens")] = one.opens
        values[opening(one.day, which, "closes")] = one.closes
    return ClinicForm(data=values)


def clinic_of(form: ClinicForm, before: StoredClinic) -> StoredClinic:
    """`before` with what `form` says of it; what it does not ask for stays as it was."""
    asked = {name: form[name].data for name in form._fields}
    settled = {name: asked[name] for name in settled_fields()}
    given = {
        name: asked.get(name, getattr(before, name))
        for name in ("name", "locale", "phone", "time_zone")
    }
    numbers = tuple(asked["numbers"].split()) if "numbers" in asked else before.numbers
    return StoredClinic(
        id=before.id,
        numbers=numbers,
        settings=msgspec.structs.replace(before.settings, hours=form.hours, **settled),
        **given,
    )
