"""The page as people use it: a real browser, the real server, and every turn on the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.app.server import Server
from tests.browser import Visitor, visiting

SAFE = ["2"] * 13 + ["1", "1"] + ["2"] * 5 + ["1"]
"""An answer for each of the questions: none of them is a reason against massage."""


@pytest.fixture
def somebody(browser: Browser, trying: Server) -> Iterator[Visitor]:
    with visiting(browser, width=1440) as visitor:
        visitor.page.goto(address(trying))
        yield visitor


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/try"


def text(page: Page, words: str) -> None:
    """Write a text, and wait for the reply."""
    lines = page.locator("#texts > .line")
    before = lines.count()
    page.locator("#text-words").fill(words)
    page.locator("#text-words").press("Enter")
    lines.nth(before).wait_for()


def press(page: Page, key: str) -> None:
    """Press a key of the phone, and wait for what is said."""
    spoken = page.locator("#spoken > .line")
    before = spoken.count()
    page.get_by_role("button", name=key, exact=True).click()
    spoken.nth(before).wait_for()


def turns(page: Page) -> int:
    return page.locator("#turns > li").count()


def test_a_text_conversation_to_an_emergency(somebody: Visitor) -> None:
    """Bubbles with their segments; and beside them the rule, the tier and the alert."""
    page = somebody.page
    text(page, "can massage help my herniated disc?")
    expect(page.locator("#texts")).to_contain_text("4 segments, 461 septets")
    expect(page.locator("#standing")).to_contain_text("Waits for: consent")
    text(page, "agree")
    text(page, "I can't pee & <b>it</b> hurts")
    expect(page.locator("#texts > .person").last).to_contain_text("I can't pee & <b>it</b> hurts")
    expect(page.locator("#texts > .line").first).to_contain_text("call 911")
    standing = page.locator("#standing")
    expect(standing).to_contain_text("T1 Go to hospital now")
    expect(standing).to_contain_text("Alert due: T1")
    newest = page.locator("#turns > li").first
    expect(newest).to_contain_text("bladder by bladder.")
    expect(newest).to_contain_text("T1 emergency")
    # The page is built from the log: loaded again, it is the same.
    before = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == before


def test_a_whole_conversation_by_keyboard_alone(
    somebody: Visitor, trying: Server, tmp_path: Path
) -> None:
    """By text, then by phone, then by text again, to guidance; and saved, and played again."""
    page, keys = somebody.page, somebody.page.keyboard

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.locator(f"{selector}:focus").count():
                return
            keys.press("Tab")
        raise AssertionError(f"no key leads to {selector}")

    def type_text(words: str) -> None:
        before = page.locator("#texts > .line").count()
        keys.type(words)
        keys.press("Enter")
        page.locator("#texts > .line").nth(before).wait_for()

    tab_to("#text-words")
    for words in ("hello", "agree", *SAFE[:4]):
        type_text(words)
    tab_to("#dial")
    keys.press("Enter")
    expect(page.locator("#call-state")).to_have_text("On the line")
    expect(page.locator("#key-1")).to_be_focused()
    for key in ("1", *SAFE[4:8]):
        before = page.locator("#spoken > .line").count()
        keys.press(key)
        page.locator("#spoken > .line").nth(before).wait_for()
    expect(page.locator("#standing")).to_contain_text("Question 9 of 21")
    tab_to("#say-words")
    keys.type("no, nothing like that")
    keys.press("Enter")
    expect(page.locator("#standing")).to_contain_text("Question 10 of 21")
    tab_to("#silence")
    keys.press("Enter")
    expect(page.locator("#turns > li").first).to_contain_text("no_input")
    tab_to("#hang-up")
    keys.press("Enter")
    expect(page.locator("#call-state")).to_contain_text("go on by text")
    expect(page.locator("#dial")).to_be_focused()
    tab_to("#text-words")
    for words in SAFE[9:]:
        type_text(words)
    expect(page.locator("#standing")).to_contain_text("T5 Gentle massage may be tried.")
    tab_to("#save a")
    with page.expect_download() as saving:
        keys.press("Enter")
    saved = tmp_path / "saved.txt"
    saving.value.save_as(saved)
    assert "> [hang up]" in saved.read_text()
    assert "= T5 " in saved.read_text()
    played = trying.command("simulate", "--script", str(saved))
    assert played.returncode == 0, played.stderr
    assert "steps as written" in played.stdout


def test_a_call_by_keys_speech_and_silence(somebody: Visitor) -> None:
    """Words that are heard badly are read back; and the clinic's phone rings, in words alone."""
    page = somebody.page
    page.locator("#dial").click()
    expect(page.locator("#spoken")).to_contain_text("9 1 1")
    press(page, "1")
    page.locator("#say-badly").check()
    page.locator("#say-words").fill("no")
    page.locator("#say-send").click()
    expect(page.locator("#spoken > .line").last).to_contain_text("I heard no")
    expect(page.locator("#turns > li").first).to_contain_text("no (confidence 0.3)")
    press(page, "0")
    expect(page.locator("#call-state")).to_have_text("The clinic's phone rings: (202) 555-0143")
    page.get_by_role("button", name="Nobody answers").click()
    expect(page.locator("#spoken > .line").last).to_be_visible()
    expect(page.locator("#turns > li").first).to_contain_text("The clinic did not answer.")
    press(page, "0")
    page.get_by_role("button", name="The clinic answers").click()
    expect(page.locator("#call-state")).to_contain_text("The call has ended.")
    # Another text during the next call, and the call goes on.
    page.locator("#dial").click()
    expect(page.locator("#call-state")).to_have_text("On the line")
    before = turns(page)
    text(page, "hello")
    expect(page.locator("#call-state")).to_have_text("On the line")
    page.reload()
    expect(page.locator("#call-state")).to_have_text("On the line")
    page.locator("#silence").click()
    expect(page.locator("#turns > li")).to_have_count(before + 2)


def test_nobody_is_kept_out(browser: Browser, trying: Server) -> None:
    """Nothing that axe finds, at the width of a phone and of a desk, in the light and the dark."""
    with visiting(browser, width=390, height=800) as visitor:
        page = visitor.page

        def is_open(scheme: Literal["light", "dark"], width: int) -> None:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            assert visitor.barriers() == []
            assert not visitor.scrolls_sideways()

        page.goto(address(trying))
        is_open("light", 390)
        is_open("dark", 1440)
        text(page, "hello")
        text(page, "agree")
        page.locator("#dial").click()
        press(page, "1")
        text(page, "1")
        is_open("light", 1440)
        is_open("dark", 390)


def test_without_scripts_the_forms_do_the_same(browser: Browser, trying: Server) -> None:
    with visiting(browser, width=390, scripts=False) as visitor:
        page = visitor.page
        page.goto(address(trying))
        expect(page.locator("#listen, #aloud")).to_have_count(1)
        expect(page.locator("#aloud")).to_be_hidden()
        page.locator("#text-words").fill("hello")
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator("#texts > .line")).to_contain_text("Reply AGREE to start")
        assert page.url.endswith("/try#text")
        page.get_by_role("button", name="Call", exact=True).click()
        expect(page.locator("#spoken > .line").first).to_be_visible()
        page.get_by_role("button", name="1", exact=True).click()
        page.locator("#say-words").fill("yes")
        page.get_by_role("button", name="Say", exact=True).click()
        expect(page.locator("#standing")).to_contain_text("T1 Go to hospital now")
        page.get_by_role("button", name="Hang up").click()
        expect(page.locator("#call-state")).to_contain_text("The call has ended.")
        page.locator("#text-words").fill("x" * 1600)
        page.get_by_role("button", name="Send with a picture").click()
        expect(page.locator("#texts > .person").last).to_contain_text("[a picture]")


def test_a_network_that_fails_loses_nothing(somebody: Visitor) -> None:
    """What was written comes back to its field; and sent again, it is taken once."""
    page = somebody.page
    text(page, "hello")
    arrived = []

    def swallow(route: Route) -> None:
        arrived.append(route.fetch())  # it arrives, and the answer does not
        route.abort()

    page.route("**/try/text", swallow)
    page.locator("#text-words").fill("agree")
    page.locator("#text-words").press("Enter")
    expect(page.locator("#notice")).to_contain_text("The server cannot be reached.")
    expect(page.locator("#text-words")).to_have_value("agree")
    page.unroute("**/try/text")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#turns > li")).to_have_count(2)
    expect(page.locator("#notice")).to_be_empty()
    expect(page.locator("#text-words")).to_have_value("")
    assert len(arrived) == 1
    somebody.errors[:] = [error for error in somebody.errors if "ERR_FAILED" not in error]


def test_a_slow_network_shows_what_is_under_way(somebody: Visitor) -> None:
    page = somebody.page
    waiting: list[Route] = []
    page.route("**/try/text", lambda route: waiting.append(route))  # noqa: PLW0108  no attributes
    page.locator("#text-words").fill("hello")
    page.locator("#text-words").press("Enter")
    expect(page.locator("#texts > .pending")).to_contain_text("Sending...")
    expect(page.locator("#text")).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(page.locator("#texts > .line")).to_have_count(1)
    expect(page.locator("#texts > .pending")).to_have_count(0)


SPY = """
window.said = [];
speechSynthesis.speak = (one) => window.said.push([one.lang, one.text]);
window.SpeechRecognition = class extends EventTarget {
  start() {
    const event = new Event("result");
    event.results = [[{transcript: "no", confidence: 0.4}]];
    this.dispatchEvent(event);
    this.dispatchEvent(new Event("end"));
  }
};
"""


def test_aloud_and_by_voice(browser: Browser, trying: Server) -> None:
    """Aloud only where that is asked for, and each sentence in its language.

    The recogniser's own confidence counts. This machine has neither a voice nor ears, so both are
    stood in for.
    """
    with visiting(browser) as visitor:
        page = visitor.page
        page.add_init_script(SPY)
        page.goto(address(trying))
        page.locator("#dial").click()
        page.locator("#key-1").wait_for()
        assert page.evaluate("window.said.length") == 0
        page.locator("#aloud").click()
        expect(page.locator("#aloud")).to_have_attribute("aria-pressed", "true")
        said = page.evaluate("window.said")
        assert {language for language, _ in said} == {"en-US", "es-US"}
        press(page, "1")
        assert "trouble" in page.evaluate("window.said.at(-1)[1]")
        page.locator("#listen").click()
        expect(page.locator("#turns > li").first).to_contain_text("no (confidence 0.4)")


def test_a_recogniser_that_cannot_hear(somebody: Visitor) -> None:
    """Where there is no microphone, as here, the visitor is told what to do instead."""
    page = somebody.page
    page.locator("#dial").click()
    page.locator("#listen").click()
    expect(page.locator("#notice")).to_contain_text("Type what you say instead.")
    expect(page.locator("#listen")).to_have_text("Speak")


def test_another_country_and_another_language(somebody: Visitor) -> None:
    """A new phone for another country's line, which begins anew; and the page in Spanish."""
    page = somebody.page
    text(page, "hello")
    expect(page.locator(".setup")).to_contain_text("Another country begins with a new phone.")
    expect(page.locator("#new-phone.primary")).to_have_count(0)
    page.locator("#locale").select_option("en-GB")
    expect(page.locator("#new-phone.primary")).to_be_visible()
    page.get_by_role("button", name="Start with a new phone").click()
    expect(page.locator("#texts > li")).to_have_count(0)
    expect(page.locator(".trial")).to_contain_text("call 999")
    text(page, "hello")
    expect(page.locator("#texts > .line")).to_contain_text("call 999 now")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pruebe la línea")
    assert page.locator("html").get_attribute("lang") == "es"
    expect(page.locator("#texts > .line")).to_have_count(1)
    page.locator("#locale").select_option("es-ES")
    page.get_by_role("button", name="Empezar con otro teléfono").click()
    text(page, "hola")
    expect(page.locator("#texts > .line")).to_contain_text("112")
    expect(page.locator("#standing")).to_contain_text("Espera: consent")
    assert somebody.barriers() == []
