"""What a clinician signs: the content as one digest, and what was lowered since.

The content is every data file of the core: questions, targets, words, locales, vocabularies.
Comments and layout are no content, so they change no digest.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flows.definition import Flow, Tier, read_everything


def content_digest() -> str:
    """The SHA-256 of the shipped content, in hexadecimal; equal for equal content."""
    return digest_of(read_everything())


def flow_digest() -> str:
    """The digest of what `flows.proof` walks: all but the vocabularies and a speaker's wordings.

    The vocabularies decide how words are read, and the proof takes the reading of each thing heard
    as given; and a speaker says in other words what is said on a call.
    """
    return digest_of(read_everything(but=("vocabulary/", "speaker/")))


def digest_of(content: Mapping[str, Any]) -> str:
    """The digest of parsed data files by their path."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def red_flags(flow: Flow) -> dict[str, str]:
    """Each red flag's question and tier: what a sign-off remembers of the flow."""
    return {question.id: question.tier.value for question in flow.questions if question.red_flag}


def lowered(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The red flags of `before` that are missing `now`, or have a less urgent tier (I-25)."""
    return tuple(
        name
        for name, tier in before.items()
        if name not in now or Tier(now[name]).urgency < Tier(tier).urgency
    )
