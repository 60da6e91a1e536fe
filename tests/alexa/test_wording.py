"""A speaker's words: as safe as a call's, and nothing in them that needs a phone in the hand."""

import re
from typing import Any

import pytest

from alexa import wording
from alexa.wording import for_speakers, read_speaker, read_speaker_problems, speaker_language
from flows.content import content_digest, flow_digest
from flows.definition import read_everything, read_language, read_languages, read_locales
from flows.utterance import Medium
from tests.doors import CLINIC, a_line

LANGUAGES = read_languages()
ON_A_PHONE = re.compile(
    r"\b(press (?:\d|a key|keys)|(?:use|press) the keys|hang up|this call|call again|"
    r"marque \d|teclas?|cuelgue|colgar|esta llamada|vuelva a llamar)\b",
    re.IGNORECASE,
)


def said_by_a_speaker(language: str) -> dict[str, str]:
    spoken = speaker_language(language)
    words = {key: text.voice for key, text in spoken.texts.items()}
    for name, question in spoken.questions.items():
        words |= {name: question.voice, f"more.{name}": question.more_voice}
    return words | read_speaker(language).own


def test_the_words_are_as_safe_as_a_calls() -> None:
    assert read_speaker_problems() == ()


def test_an_unsafe_word_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = read_speaker("en")
    unsafe = {**real.texts, "safety_net": "You are safe.", "intro_1": "Call {ambulance}."}
    found = {"en": type(real)(**{**_fields(real), "texts": unsafe})}
    monkeypatch.setattr(wording, "read_speaker", lambda name: found.get(name, read_speaker(name)))
    problems = " ".join(str(problem) for problem in read_speaker_problems())
    assert "says 'safe'" in problems
    assert "does not hold the emergency number" in problems
    assert "{ambulance}" in problems


def test_a_wording_of_what_no_call_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = read_speaker("en")
    odd = type(real)(**{**_fields(real), "more": {"blader": "..."}})
    monkeypatch.setattr(wording, "read_speaker", lambda _: odd)
    with pytest.raises(KeyError, match="blader"):
        speaker_language("en")


def _fields(words: Any) -> dict[str, Any]:
    return {name: getattr(words, name) for name in words.__struct_fields__}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_needs_keys_or_a_call(language: str) -> None:
    for key, words in said_by_a_speaker(language).items():
        assert not ON_A_PHONE.search(words), (key, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_that_is_replaced_is_there(language: str) -> None:
    calls = " ".join(text.voice for text in read_language(language).texts.values())
    assert all(phrase in calls for phrase in read_speaker(language).phrases)


@pytest.mark.parametrize("locale", sorted(read_locales()))
def test_the_numbers_are_the_countrys_own(locale: str) -> None:
    line = for_speakers(a_line(locale), CLINIC)
    (number, *_) = read_locales()[locale].numbers["emergency"]
    for words in line.words.values():
        assert " ".join(number) in words.of("intro_1", Medium.VOICE)
        assert " ".join(number) in words.of("emergency", Medium.VOICE)


def test_a_call_and_a_text_keep_their_own_words() -> None:
    before = a_line()
    speaker = for_speakers(before, CLINIC)
    assert "Press 1" in before.words["en"].of("keys", Medium.VOICE)
    assert "Press 1" not in speaker.words["en"].of("keys", Medium.VOICE)
    assert speaker.words["en"].of("keys", Medium.TEXT) == before.words["en"].of("keys", Medium.TEXT)


def test_a_sign_off_covers_a_speakers_words_and_the_proof_needs_no_new_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed, walked = content_digest(), flow_digest()
    changed = read_everything()
    changed["speaker/en.toml"]["texts"]["keys"] = "Say anything."

    def read(but: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
        return {path: data for path, data in changed.items() if not path.startswith(but)}

    monkeypatch.setattr("flows.content.read_everything", read)
    assert content_digest() != signed
    assert flow_digest() == walked
