"""The forms of the rota: who can be on call, their shifts, and what changes these for a while."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, ValidationError

from clinic.forms import Form, Required, one_name
from clinic.settings_form import checked_email, zones
from duty.clinic import Day
from duty.rota import Override, Person, Shift
from telephony.contact import reachable

RUNGS: Final = 9

_NEEDED: Final[Any] = InputRequired("form.required")
_RUNG: Final = NumberRange(1, RUNGS, message="rota.rung_wrong")
_MOMENT: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_NOBODY: Final = "0"


def _phone(_: Form, field: Field) -> None:
    found = reachable(field.data or "")
    if found is None:
        raise ValidationError("clinic.phone_wrong")
    field.data = found


class PersonForm(Form):
    """Somebody who can be on call."""

    name = StringField("rota.name", [Required(), one_name])
    phone = StringField("rota.phone", [Required(), _phone])
    email = StringField("rota.email", [checked_email])


class ShiftForm(Form):
    """When somebody is on call each week."""

    person = SelectField("rota.person")
    begins = TimeField("rota.begins", [_NEEDED])
    ends = TimeField("rota.ends", [_NEEDED])
    rung = IntegerField("rota.rung", [_NEEDED, _RUNG], default=1)
    time_zone = SelectField("rota.time_zone", choices=zones())
    day_0 = BooleanField("day.d0")
    day_1 = BooleanField("day.d1")
    day_2 = BooleanField("day.d2")
    day_3 = BooleanField("day.d3")
    day_4 = BooleanField("day.d4")
    day_5 = BooleanField("day.d5")
    day_6 = BooleanField("day.d6")

    def among(self, people: Iterable[Person]) -> "ShiftForm":
        self.person.choices = [(str(one.id), one.name) for one in people]
        return self

    @property
    def day_fields(self) -> list[Field]:
        return [self[f"day_{day.value}"] for day in Day]

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if not any(field.data for field in self.day_fields):
            self.day_0.errors = ["rota.no_day"]
            return False
        return good

    @property
    def shift(self) -> Shift:
        """What was asked for, once it is valid."""
        days = (day for day in Day if self[f"day_{day.value}"].data)
        begins, ends, rung = self.begins.data, self.ends.data, self.rung.data
        assert begins is not None
        assert ends is not None
        assert rung is not None
        zone = self.time_zone.data
        return Shift(int(self.person.data), rung, frozenset(days), begins, ends, zone)


class OverrideForm(Form):
    """Somebody is away, or stands in, for a while."""

    absent = SelectField("rota.absent")
    present = SelectField("rota.present")
    rung = IntegerField("rota.override_rung", [_NEEDED, _RUNG], default=1)
    begins = DateTimeLocalField("rota.override_begins", [_NEEDED], format=_MOMENT)
    ends = DateTimeLocalField("rota.override_ends", [_NEEDED], format=_MOMENT)

    def among(self, people: Iterable[Person]) -> "OverrideForm":
        known = [(str(one.id), one.name) for one in people]
        self.absent.choices = [(_NOBODY, "rota.whoever"), *known]
        self.present.choices = [(_NOBODY, "rota.no_one"), *known]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.absent.data == self.present.data == _NOBODY:
            self.present.errors = ["rota.override_empty"]
            return False
        if self.ends.data <= self.begins.data:  # type: ignore[operator]  # both are needed
            self.ends.errors = ["rota.override_order"]
            return False
        return True

    def override(self, zone: ZoneInfo) -> Override:
        """What was asked for, once it is valid; its moments are those of `zone`."""
        absent, present = int(self.absent.data), int(self.present.data)
        begins, ends = (_moment(field.data, zone) for field in (self.begins, self.ends))
        rung = None if absent else self.rung.data
        return Override(absent or None, present or None, rung, begins, ends)


def _moment(at: datetime | None, zone: ZoneInfo) -> datetime:
    assert at is not None
    return at.replace(tzinfo=zone).astimezone(UTC)
