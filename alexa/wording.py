"""The line in a speaker's words: what is said on a call, but where that speaks of keys.

The flow knows two media, and a speaker is of the medium of a call. Its few own wordings are data
beside the flow's (`flows/speaker`), signed with it, and take the place of a call's in a `Line` of
its own. So nothing that decides a turn knows of them.
"""

from dataclasses import replace
from importlib.resources import files

import msgspec

from flows.check import problems
from flows.definition import (
    Language,
    Problem,
    Wording,
    read_flow,
    read_language,
    read_languages,
    read_locales,
)
from flows.line import Line
from flows.wording import Clinic, Words


class SpeakerWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language's wordings for a speaker.

    `media`: how the person is told that they began there.  `phrases`: what takes the place of a
    phrase in every text of a call.  `texts`, `more`: what takes the place of a call's text, and of
    what MORE says of a question.  `own`: texts that a speaker alone says.
    """

    language: str
    media: dict[str, str]
    phrases: dict[str, str]
    texts: dict[str, str]
    more: dict[str, str]
    own: dict[str, str]


def read_speaker(language: str) -> SpeakerWords:
    """The wordings of `language`; FileNotFoundError where there is no such file."""
    path = files("flows").joinpath("speaker", f"{language}.toml")
    return msgspec.toml.decode(path.read_bytes(), type=SpeakerWords)


def speaker_language(language: str) -> Language:
    """Every word of `language` as a speaker says it; KeyError for a wording of what is not said."""
    ours, calls = read_speaker(language), read_language(language)
    if unknown := {*ours.texts} - {*calls.texts} | {*ours.more} - {*calls.questions}:
        raise KeyError(f"{language}: a speaker's wording of what no call says: {sorted(unknown)}")

    def said(words: str) -> str:
        for phrase, instead in ours.phrases.items():
            words = words.replace(phrase, instead)
        return words

    texts = {
        key: Wording(text.text, ours.texts.get(key) or said(text.voice))
        for key, text in calls.texts.items()
    }
    questions = {
        name: msgspec.structs.replace(
            question,
            voice=said(question.voice),
            more_voice=ours.more.get(name) or said(question.more_voice),
        )
        for name, question in calls.questions.items()
    }
    return msgspec.structs.replace(
        calls, media={**calls.media, **ours.media}, texts=texts, questions=questions
    )


def for_speakers(line: Line, clinic: Clinic) -> Line:
    """`line` with the words for a speaker in place of those for a call."""
    local = read_locales()[line.locale]
    words = {}
    for name in line.words:
        language, own = speaker_language(name), read_speaker(name).own
        texts = {**language.texts, **{key: Wording(said, said) for key, said in own.items()}}
        words[name] = Words(msgspec.structs.replace(language, texts=texts), local, clinic)
    return replace(line, words=words)


def read_speaker_problems() -> tuple[Problem, ...]:
    """What is unsafe in a speaker's words, by the same rules as a call's; () where nothing is."""
    languages = [speaker_language(name) for name in read_languages()]
    found = problems(read_flow(), languages, read_locales())
    return tuple(Problem(f"speaker.{problem.place}", problem.what) for problem in found)
