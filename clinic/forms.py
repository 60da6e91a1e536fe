"""What the desk's forms are made of: WTForms, with messages that are keys of our own words."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Form as WTForm
from wtforms.validators import StopValidation, ValidationError

from duty.naming import Unfit, as_login, as_name


class _Keys:
    """What WTForms itself says of a field, as keys of words; it takes them for a translation."""

    def gettext(self, said: str) -> str:
        return _SAID.get(said, "form.wrong")

    def ngettext(self, singular: str, plural: str, n: int) -> str:  # noqa: ARG002
        return self.gettext(singular)


class Form(WTForm):
    """A form of the desk. The token against forged requests is not its business, but the guard's.

    A field's label is the key of its words, and so is whatever is wrong with what was typed.
    """

    class Meta:
        """As WTForms asks for it."""

        def get_translations(self, _: Any) -> _Keys:
            return _Keys()


_SAID: Final = {
    "Not a valid choice.": "form.choice",
    "Not a valid time value.": "form.time",
    "Not a valid integer value.": "form.number",
    "Not a valid float value.": "form.number",
}


def posted() -> MultiDict[str, str]:
    """What was sent with the form."""
    return request.form


class Required:
    """Something was typed. Not WTForms' own, which would also set an attribute for the browser."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __call__(self, _: Any, field: Any) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation("form.required")


def one_name(_: Any, field: Any) -> None:
    """A name on one line; as it is kept."""
    try:
        field.data = as_name(field.data or "")
    except Unfit:
        raise ValidationError("form.name") from None


def one_login(_: Any, field: Any) -> None:
    """What somebody signs in with; as it is kept."""
    try:
        field.data = as_login(field.data or "")
    except Unfit:
        raise ValidationError("form.login") from None
