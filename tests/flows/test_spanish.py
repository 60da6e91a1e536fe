"""A conversation in Spanish ends where the same one in English does."""

import pytest

from tests.flows.talk import Talk, line

TO_GUIDANCE = (
    *("no", "no, para nada", "ninguno", "no me pasa", "nop", "no, nada de eso", "nunca", "2"),
    *("no he tenido ningún accidente", "no", "no tengo fiebre", "no", "no"),
    *("sí, ya cumplí 18", "sí, me lo dijo mi médico"),
    *("nunca he tenido cáncer", "no tomo nada", "no", "no, nada", "no"),
)


def begun(locale: str = "en-US", *, by_phone: bool = False) -> Talk:
    talk = Talk(line(locale))
    if by_phone:
        talk.call()
        if locale == "en-US":
            talk.press("3")
        talk.speak("sí")
    else:
        talk.texts("hola", "acepto")
    assert talk.state.language == "es"
    assert talk.position == "bladder"
    return talk


def test_own_words_lead_to_guidance_by_text_and_by_phone() -> None:
    by_text, by_phone = begun(), begun(by_phone=True)
    for answer in TO_GUIDANCE:
        by_text.text(answer)
        by_phone.speak(answer)
        assert by_text.position == by_phone.position, answer
    assert by_text.text("sí, todo normal") == [
        "guidance_1 guidance_2 guidance_3 safety_net",
    ]
    by_phone.speak("sí, todo normal")
    for talk in (by_text, by_phone):
        assert talk.position == "guidance"
        assert "no arregla el disco" in talk.words.casefold()


@pytest.mark.parametrize(
    "words", ["sí", "sí, un poco", "a veces", "1", "no puedo orinar", "me meo encima"]
)
def test_danger_is_met_with_the_number_at_once(words: str) -> None:
    by_text, by_phone = begun(), begun(by_phone=True)
    assert by_text.text(words) == ["emergency", "emergency_more"]
    assert "911" in by_text.words
    assert by_phone.speak(words)[0].startswith("emergency")
    assert "9 1 1" in by_phone.words


@pytest.mark.parametrize(
    "words", ["no pero se me duerme la entrepierna", "no, tengo la entrepierna dormida"]
)
def test_danger_behind_a_no_is_not_passed_over(words: str) -> None:
    said = " ".join(begun().text(words))
    assert "emergency" in said or said == "flag_first question.saddle"


def test_no_se_twice_is_a_doubt_and_never_a_no() -> None:
    talk = begun()
    assert talk.text("nose") == ["more.bladder question.bladder"]
    assert talk.text("pues no sé") == ["emergency", "emergency_more"]


def test_a_clinic_in_spain_begins_in_spanish_with_its_own_numbers() -> None:
    talk = Talk(line("es-ES"))
    talk.text("masaje")
    assert talk.state.language == "es"
    assert "112" in talk.words
    talk.texts("acepto", "sí")
    assert "Urgencias" in talk.words
    assert "conduzca" in talk.words
    assert "911" not in talk.words


def test_words_of_self_harm_get_the_number_to_talk() -> None:
    talk = begun()
    assert talk.text("ya no quiero vivir") == ["crisis"]
    assert "988" in talk.words
    assert talk.alerts == ["crisis"]


def test_groins_are_no_wish_for_english() -> None:
    """Without its accent "inglés" is "ingles", the groins."""
    talk = begun()
    assert talk.text("tengo las ingles dormidas") == ["emergency", "emergency_more"]
    assert talk.state.language == "es"
