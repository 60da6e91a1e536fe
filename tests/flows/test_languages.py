"""A person is met in their own language."""

from collections import Counter

import pytest

from flows.definition import read_signs
from flows.utterance import Kind, Utterance
from tests.flows.talk import CALL, SAFE, Talk, line

INTRO = "intro_1 intro_2 intro_3"


def spanish() -> Talk:
    talk = Talk()
    talk.texts("hola", "acepto")
    return talk


@pytest.mark.parametrize("words", ["hola", "Buenos días", "español", "tengo dolor de espalda"])
def test_a_first_word_in_spanish_is_answered_in_spanish(words: str) -> None:
    talk = Talk()
    assert talk.text(words) == [INTRO]
    assert talk.state.language == "es"
    assert "ACEPTO" in talk.words


@pytest.mark.parametrize("words", ["hello", "can massage help my disc?", "no", "2", "masseuse?"])
def test_any_other_first_word_is_answered_in_the_locales_language(words: str) -> None:
    talk = Talk()
    talk.text(words)
    assert talk.state.language == "en"


def test_the_language_stays_for_the_contact() -> None:
    talk = spanish()
    assert talk.last.said[0][0].key == "question.bladder"
    assert talk.wait(days=3).text("2") == [INTRO]
    assert "ACEPTO" in talk.words


def test_a_language_can_be_asked_for_at_any_time() -> None:
    talk = spanish()
    assert talk.text("English please") == ["question.bladder"]
    assert "Any new trouble peeing?" in talk.words
    assert talk.text("español") == ["question.bladder"]
    assert "Any new trouble" not in talk.words


@pytest.mark.parametrize("words", ["No hablo inglés", "no entiendo ingles", "perdon no se ingles"])
def test_who_says_that_they_speak_no_english_is_asked_in_spanish(words: str) -> None:
    talk = Talk()
    talk.begin()
    assert talk.text(words) == ["question.bladder"]
    assert "Any new trouble" not in talk.words


def test_a_language_chosen_at_the_introduction_gives_it_anew() -> None:
    talk = Talk()
    talk.text("hello")
    assert talk.text("Español") == [INTRO]
    assert not talk.state.agreed
    assert talk.text("sí") == ["question.bladder"]


def test_an_introduction_in_another_language_is_not_agreed_to() -> None:
    """Somebody who answers the English introduction in Spanish gets it in Spanish first."""
    talk = Talk()
    talk.text("hello")
    assert talk.text("sí") == [INTRO]
    assert not talk.state.agreed


def test_a_name_of_a_language_in_a_long_sentence_asks_for_nothing() -> None:
    talk = Talk()
    talk.texts("hello", "agree")
    talk.text("my therapist is spanish and she said i should ask you")
    assert talk.state.language == "en"


def test_the_greeting_of_a_call_offers_the_other_language_in_that_language() -> None:
    talk = Talk()
    assert talk.call() == ["language_choice intro_1 intro_2 intro_3"]
    choice = talk.last.said[0][0]
    assert choice.language == "es"
    assert "3" in choice.words
    assert talk.press("3") == ["language_choice intro_1 intro_2 intro_3"]
    assert talk.state.language == "es"
    assert talk.last.said[0][0].language == "en"
    assert talk.press("1") == ["question.bladder"]


def test_the_key_is_not_sure_once_the_questions_have_begun() -> None:
    talk = Talk()
    talk.call()
    talk.press("1")
    assert talk.press("3") == ["more.bladder question.bladder"]
    assert talk.state.language == "en"


def test_an_answer_in_another_language_gets_the_question_in_both() -> None:
    talk = Talk()
    talk.texts("hello", "agree")
    assert talk.text("no lo sé") == ["not_understood_1 question.bladder question.bladder"]
    first, second = talk.last.said[0][1:]
    assert (first.language, second.language) == ("", "es")
    assert "bladder" not in talk.state.given


def test_who_is_not_understood_twice_gets_the_question_in_both() -> None:
    talk = Talk()
    talk.texts("hello", "agree", "ich verstehe nicht")
    assert talk.text("ich spreche deutsch")[0].count("question.bladder") == 2


def test_danger_counts_in_every_language_and_is_answered_in_its_own() -> None:
    talk = Talk()
    talk.texts("hello", "agree")
    talk.text("no puedo orinar desde ayer")
    assert talk.position == "emergency"
    assert talk.state.language == "es"
    assert "911" in talk.words
    assert "DANGER SIGN" not in talk.words


def test_a_whole_conversation_in_spanish_by_text_and_by_phone() -> None:
    by_text = spanish()
    by_text.texts(*SAFE)
    assert by_text.position == "guidance"
    by_phone = Talk()
    by_phone.call()
    by_phone.press("3")
    by_phone.press("1")
    for answer in SAFE:
        by_phone.speak({"1": "sí", "2": "no"}[answer], 0.95)
    assert by_phone.position == "guidance"
    by_phone.hear(Utterance(CALL, Kind.SPEECH, "me oriné encima"))
    assert by_phone.position == "emergency"


def test_a_locale_may_begin_in_spanish() -> None:
    talk = Talk(line=line("es-ES"))
    talk.text("hello")
    assert talk.state.language == "es"
    assert "112" in talk.words


def test_no_word_is_the_sign_of_two_languages() -> None:
    signs = read_signs()
    words = Counter(word for sign in signs.values() for word in {*sign.names, *sign.signs})
    assert [word for word, count in words.items() if count > 1] == []


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("my vejiga bien gracias", "es.mixed"),
        ("well mi vejiga esta normal", "es.mixed"),
        ("non je ne crois pas", "language.unknown"),
        ("мне очень больно", "language.unknown"),
    ],
)
@pytest.mark.parametrize("spoken", [False, True])
def test_mixed_and_unknown_languages_get_the_question_in_both(
    words: str, rule: str, *, spoken: bool
) -> None:
    talk = Talk()
    if spoken:
        talk.call()
        talk.press("1")
        talk.speak(words)
    else:
        talk.texts("hi", "agree", words)
    assert (talk.last.reading and talk.last.reading.rule) == rule
    assert "peeing" in talk.words
    assert "orinar" in talk.words


@pytest.mark.parametrize(
    "words", ["is parking free there", "happy birthday", "asdf", "my dog ate the sofa"]
)
def test_words_that_are_only_not_understood_get_it_in_one(words: str) -> None:
    talk = Talk()
    talk.texts("hi", "agree", words)
    assert "peeing" in talk.words
    assert "orinar" not in talk.words


@pytest.mark.parametrize(
    "words", ["bonjour je voudrais savoir si le massage aide", "мне очень больно"]
)
def test_a_first_text_in_no_known_language_is_told_how_to_choose(words: str) -> None:
    talk = Talk()
    assert talk.text(words) == ["language_choice intro_1 intro_2 intro_3"]
    assert "ESPAÑOL" in talk.words
    assert talk.text(words) == ["language_choice consent_again"]
    talk.text("español")
    assert talk.state.language == "es"


@pytest.mark.parametrize(
    "words",
    ["hi", "can massage help my herniated disc?", "do you have an appointment on tuesday"],
)
def test_a_first_text_in_plain_english_is_answered_in_english_alone(words: str) -> None:
    talk = Talk()
    assert talk.text(words) == ["intro_1 intro_2 intro_3"]
