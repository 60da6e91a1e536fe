"""The golden conversations once more, at a speaker, over signed requests.

What is pressed on a phone is said, as an intent or in words. What a speaker cannot tell is left
out: silence (Amazon ends the session), how surely something was recognised, and the clinic's answer
to a call that was put through; and a text is another conversation, for a speaker knows no number.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.player import JUNK, PAUSE, difference
from exports.transcript import CALL, LONGEST_CALL, Act
from flows.reading import Expecting
from flows.utterance import Kind
from tests.alexa.amazon import Speaker
from tests.alexa.doors import House, Still, a_house
from tests.test_transcripts import TRANSCRIPTS

UNHEARD = {"silence", "say", "clinic answers", "text", "picture", "carrier"}
KEYS = {
    "1": "AMAZON.YesIntent",
    "2": "AMAZON.NoIntent",
    "3": "NotSureIntent",
    "4": "MoreIntent",
    "5": "CheckedIntent",
    "6": "AMAZON.StartOverIntent",
    "7": "AMAZON.PreviousIntent",
    "8": "SkipIntent",
    "9": "AMAZON.RepeatIntent",
    "0": "ClinicIntent",
}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def makes_sense(name: str) -> bool:
    transcript = TRANSCRIPTS[name]
    acts = [step.act for step in transcript.steps]
    silent = any(not act.name and not act.words for act in acts)
    strange = any(act.words in ("*", "#") or act.detail in ("*", "#") for act in acts)
    heard = not silent and not strange and not {act.name for act in acts} & UNHEARD
    return CALL in transcript.channels and heard


PLAYED = [name for name in sorted(TRANSCRIPTS) if makes_sense(name)]


@dataclass
class Person:
    """Does the acts of a transcript at a speaker."""

    house: House
    speaker: Speaker
    pause: timedelta = PAUSE

    def do(self, act: Act) -> None:
        if act.name == "wait":
            self.pause = timedelta(**{_UNITS[act.detail[-1]]: float(act.detail[:-1])})
            if self.pause > LONGEST_CALL:
                self.speaker.open = False
            return
        self.house.clock.at += self.pause
        self.pause = PAUSE
        key = act.detail or act.words
        if act.name == "hang up":
            self.speaker.end()
        elif act.name == "call" or not self.speaker.open:
            self.speaker.launch()
        elif act.name == "late":
            self.speaker.intent(KEYS[key], kept=self.speaker.kept_before)
        elif act.name == "junk":
            self.free(JUNK)
        elif act.name == "press" or re.fullmatch(r"\d", key):
            self.press(key)
        else:
            self.free(act.words)

    def press(self, key: str) -> None:
        turns = self.house.log.turns.get(self.speaker.contact)
        expecting = turns[-1].state.expecting if turns else Expecting.NOTHING
        if expecting is Expecting.CONSENT and key == "3":
            self.free("español" if turns and turns[-1].state.language == "en" else "english")
        elif expecting is Expecting.CHOICE and key == "2":
            self.speaker.intent("AMAZON.StartOverIntent")
        else:
            self.speaker.intent(KEYS[key])

    def free(self, words: str) -> None:
        self.speaker.intent("WordsIntent", words=words)


def test_most_of_them_make_sense() -> None:
    assert len(PLAYED) > 0.7 * sum(CALL in one.channels for one in TRANSCRIPTS.values())


@pytest.mark.parametrize("name", PLAYED)
def test_it_goes_as_it_is_written(name: str) -> None:
    transcript = TRANSCRIPTS[name]
    house = a_house(locale=transcript.locale, clock=Still())
    person = Person(house, house.speaker(transcript.locale))
    rest = 0
    for step in transcript.steps:
        before = len(house.log.turns.get(person.speaker.contact, ())) - rest
        if step.act.name != "clinic missed":
            person.do(step.act)
        new = house.log.turns.get(person.speaker.contact, [])[before:]
        # A speaker puts nobody through: that the clinic was not reached comes at once.
        rest = sum(turn.utterance.kind is Kind.CLINIC_MISSED for turn in new[1:])
        turn = new[0] if new else None
        different = difference(step, turn, house.line, CALL)
        assert not different, f"{name}.txt, {different}"
        if turn and not rest and turn.utterance.kind is not Kind.CLINIC_MISSED:
            said = [part.words for message in turn.said for part in message]
            assert person.speaker.heard[: len(said)] == said
