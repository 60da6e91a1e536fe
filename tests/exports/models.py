"""The published models of FHIR, which every resource must fit.

fhirclient is generated from R4 itself (4.0.1): which elements there are, how many, of what type.
fhir.resources is R4B (4.3.0), which is the same for these resources, and knows which codes there
are; R5, its default, would refuse some of what R4 requires.
"""

from collections.abc import Iterator
from typing import Any

from fhir.resources import R4B
from fhir.resources.R4B import get_fhir_model_class
from fhirclient.models import fhirelementfactory
from pydantic import BaseModel

assert R4B.__fhir_version__ == "4.3.0"

Resource = dict[str, Any]


def faults(resource: Resource) -> list[str]:
    """What does not fit the models, if anything."""
    found = []
    name = resource["resourceType"]
    try:
        again = fhirelementfactory.FHIRElementFactory.instantiate(name, resource).as_json()
    except Exception as error:  # noqa: BLE001  every complaint counts
        found.append(f"R4: {error}")
    else:
        # It knows what is said about a simple value ("_text"), but does not give it back.
        if again != _without_extras(resource):
            found.append("R4: it does not come back as it was")
    try:
        model = get_fhir_model_class(name).model_validate(resource)
    except ValueError as error:
        found.append(f"R4B: {error}")
    else:
        found += [f"R4B: {fault}" for fault in _wrong_codes(model)]
    return found


def _without_extras(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_extras(v) for k, v in value.items() if not k.startswith("_")}
    return [_without_extras(one) for one in value] if isinstance(value, list) else value


# The models cut long lists short with a "+". This is the rest of R4's item-type.
_REST = {
    "QuestionnaireItem.type": (
        "time", "string", "text", "url", "choice", "open-choice", "attachment", "reference",
        "quantity",
    ),
}  # fmt: skip


def _wrong_codes(model: BaseModel) -> Iterator[str]:
    """Codes that their required value set does not have; the models only note which it has."""
    for name, info in type(model).model_fields.items():
        value, noted = getattr(model, name), info.json_schema_extra
        place = f"{type(model).__name__}.{name}"
        known = noted.get("enum_values") if isinstance(noted, dict) else None
        if isinstance(known, list) and isinstance(value, str):
            assert "+" not in known or place in _REST, f"which codes has {place}?"
            if value not in (*known, *_REST.get(place, ())):
                yield f"{place} is {value}"
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, BaseModel):
                yield from _wrong_codes(one)
