"""The desk's main jobs, in a real browser on the real server."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from duty.climbing import Climb
from duty.delivery import Due, Lane
from duty.roles import Role
from store.alerts import raise_alert
from store.outbox import Outbox
from tests.clinic.looks import look
from tests.clinic.running import SECOND, Desk, at_desk

T1 = ("My back hurts since I fell off the tractor", "agree", "yes")
LOOKED_AT = ("/", "/figures", "/flow", "/export", "/erase", "/rota", "/blocked")
SAYS_THAT_IT_IS_EMPTY = ("/", "/figures", "/rota", "/blocked")
ALARM = 20_000  # milliseconds: the list asks every five seconds, on a shared machine


def newest(running: Desk) -> str:
    return running.conversations()[-1]


def waiting(page: Page) -> int:
    found = re.match(r"\((\d+)\)", page.title())
    return int(found[1]) if found else 0


def test_an_urgent_conversation_arrives_and_is_seen_to(running: Desk, browser: Browser) -> None:
    """It appears by itself, counted in the title and the icon; acknowledged, noted, settled."""
    with at_desk(browser, running) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/")
        before = waiting(page)
        running.text(*T1, number="+12025550111")
        id_ = newest(running)
        row = page.locator(f'.row[data-id="{id_}"]')
        expect(row).to_be_visible(timeout=ALARM)
        assert waiting(page) == before + 1
        icon = page.locator("link[rel=icon]").get_attribute("href") or ""
        assert icon.startswith(f"/desk/badge/{before + 1}.svg")
        assert page.locator(".row").first.get_attribute("data-id") == id_
        row.locator(".row-link").click()
        expect(page.locator(".verdict-T1")).to_be_visible()
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("status")).to_contain_text("Acknowledged")
        expect(page.locator(".timeline")).to_contain_text(
            "Acknowledged by Ann Example, at the desk"
        )
        page.get_by_label("Note").fill("Spoke to their partner.")
        page.get_by_role("button", name="Add the note").click()
        expect(page.locator(".note-words")).to_have_text("Spoke to their partner.")
        page.get_by_label("Looked after by").select_option(label="Ann Example")
        page.get_by_role("button", name="Assign").click()
        expect(page.locator(".timeline")).to_contain_text("Ann Example gave it to Ann Example")
        page.goto(f"{running.url}/?state=in_hand")
        expect(page.locator(f'.row[data-id="{id_}"]')).to_contain_text("With Ann Example")
        page.goto(f"{running.url}/conversations/{id_}")
        page.get_by_label("What came of calling back").select_option("reached_going")
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator(".timeline")).to_contain_text("on the way to care")
        page.goto(f"{running.url}/")
        expect(page.locator(f'.group-rest .row[data-id="{id_}"]')).to_contain_text("Called back")


def test_the_number_is_hidden_until_somebody_asks(running: Desk, browser: Browser) -> None:
    number = "+12025550112"
    running.text("hello", number=number)
    with at_desk(browser, running, Role.READER) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/conversations/{newest(running)}")
        assert number not in page.content()
        page.get_by_role("button", name="Show the number").click()
        assert page.locator("a[href^='tel:']").get_attribute("href") == f"tel:{number}"
        assert number not in page.url


def test_filters_and_a_search_find_it(running: Desk, browser: Browser) -> None:
    """Neither the words nor the number that were searched for are in an address."""
    running.text("my elbow and the harvester", "agree", "no", number="+12025550113")
    id_ = newest(running)
    with at_desk(browser, running, Role.READER) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/?channel=sms&state=open")
        assert page.locator(f'.row[data-id="{id_}"]').count() == 1
        page.goto(f"{running.url}/?tier=T5")
        assert {row.inner_text()[:2] for row in page.locator(".row .tier").all()} == {"T5"}
        page.goto(f"{running.url}/?language=es&channel=voice")
        expect(page.locator(".empty")).to_contain_text("No conversation is like that")
        for typed in ("Harvester elbow", "(202) 555-0113"):
            page.goto(f"{running.url}/")
            page.keyboard.press("/")
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            page.wait_for_url("**/search")
            assert [row.get_attribute("data-id") for row in page.locator(".row").all()] == [id_]
        page.locator("[data-search]").fill("yes no")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator(".empty")).to_contain_text("nothing to search for")


def test_the_keyboard_is_enough(running: Desk, browser: Browser) -> None:
    running.text(*T1, number="+12025550114")
    id_ = newest(running)
    with at_desk(browser, running) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/")
        focused = "document.activeElement.closest('.row')?.dataset.id"
        page.keyboard.press("j")
        first = page.evaluate(focused)
        page.keyboard.press("j")
        assert page.evaluate(focused) != first
        page.keyboard.press("k")
        assert page.evaluate(focused) == first == id_
        page.keyboard.press("a")
        expect(page.locator(f'.group-in_hand .row[data-id="{id_}"]')).to_be_visible()
        page.wait_for_load_state()  # before that, the page does not know its keys yet
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/conversations/*")
        running.text(*T1, number="+12025550120")
        page.goto(f"{running.url}/conversations/{newest(running)}")
        expect(page.locator(".verdict-act")).to_contain_text("Key: a acknowledges.")
        page.get_by_label("Note").press("a")  # a letter of the note
        expect(page.locator(".verdict-act")).to_be_visible()
        page.locator("h1").click()
        page.keyboard.press("a")
        expect(page.get_by_role("status")).to_contain_text("Acknowledged")


def test_on_a_phone_what_to_do_comes_first(running: Desk, browser: Browser) -> None:
    """Under the result; and beside the rest where there is room. It needs no script."""
    running.text(*T1, number="+12025550121")
    id_ = newest(running)
    with at_desk(browser, running, width=390, scripts=False) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/conversations/{id_}")
        tops = "one => one.getBoundingClientRect().top"
        doing, told = page.locator(".two-act"), page.locator(".two-main")
        assert doing.evaluate(tops) < told.evaluate(tops)
        row = page.locator(".unasked li").first
        expect(row).to_be_hidden()
        page.locator(".unasked summary").click()
        expect(row).to_be_visible()
        page.set_viewport_size({"width": 1440, "height": 900})
        assert doing.evaluate(tops) == told.evaluate(tops)


def test_on_a_phone_no_column_and_no_number_is_cut_off(running: Desk, browser: Browser) -> None:
    """The audit log's rows are stacked, with the name of each column; plots keep their numbers."""
    running.text(*T1, number="+12025550122")
    with at_desk(browser, running, width=390) as visitor:
        page = visitor.page
        fits = "one => one.scrollWidth <= one.clientWidth"
        page.goto(f"{running.url}/conversations/{newest(running)}")
        page.goto(f"{running.url}/audit")
        assert page.locator(".table-frame").evaluate(fits)
        cell = page.locator(".stacks .about a").first
        expect(cell).to_be_visible()
        named = "one => getComputedStyle(one.parentElement, '::before').content"
        assert cell.evaluate(named) == '"Of what (id)"'
        page.goto(f"{running.url}/figures")
        expect(page.locator(".plot-narrow text").first).to_be_visible()
        expect(page.locator(".plot-wide")).to_be_hidden()
        right = "one => one.getBoundingClientRect().right"
        for shown in page.locator(".plot-narrow text, .bars-count").all():
            assert 0 < shown.evaluate(right) < 390
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.locator(".plot-wide text").last).to_be_visible()


def test_without_a_script_everything_works(running: Desk, browser: Browser) -> None:
    running.text(*T1, number="+12025550115")
    id_ = newest(running)
    with at_desk(browser, running, scripts=False) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/")
        page.locator(f'.row[data-id="{id_}"]').get_by_role("button").click()
        page.locator(f'.row[data-id="{id_}"] .row-link').click()
        page.get_by_label("Note").fill("By hand.")
        page.get_by_role("button", name="Add the note").click()
        assert page.locator(".note-words").inner_text() == "By hand."
        page.goto(f"{running.url}/export")
        page.get_by_label("JSON Lines", exact=False).check()
        page.get_by_role("button", name="Prepare the file").click()
        with page.expect_download() as got:
            page.get_by_role("button", name="Download in one piece").click()
        assert id_ in Path(got.value.path()).read_text()


def test_an_export_says_how_far_it_is_and_is_the_same_as_the_command(
    running: Desk, browser: Browser
) -> None:
    with at_desk(browser, running) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/export")
        page.get_by_label("JSON Lines", exact=False).check()
        page.get_by_role("button", name="Prepare the file").click()
        expect(page.locator("[data-done]")).to_be_visible()
        count = len(running.conversations())
        assert page.locator("[data-far]").inner_text() == f"{count} of {count}"
        with page.expect_download() as got:
            page.locator("[data-get]").click()
        assert got.value.suggested_filename.endswith(".jsonl")
        text = Path(got.value.path()).read_text()
    assert text == running.server.command("export", "--format", "jsonl").stdout


def test_erasing_a_person_takes_a_word_and_leaves_a_tombstone(
    running: Desk, browser: Browser
) -> None:
    running.text("my ankle and the combine", number="+12025550116")
    id_ = newest(running)
    with at_desk(browser, running) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/conversations/{id_}")
        page.get_by_role("link", name="Erase", exact=True).last.click()
        page.get_by_role("button", name="Everything of this person").click()
        page.get_by_label("Why").select_option("request")
        page.get_by_label("Type ERASE").fill("yes")
        page.get_by_role("button", name="Erase for good").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was erased")
        visitor.errors.clear()  # the browser tells of the answer 422
        page.get_by_label("Why").select_option("request")
        page.get_by_label("Type ERASE").fill("erase")
        page.get_by_role("button", name="Erase for good").click()
        page.get_by_role("link", name="See what is left").click()
        expect(page.locator(".happening-erased")).to_contain_text("on request")
        assert "combine" not in page.content()
        assert running.server.command("replay").returncode == 0


def test_a_release_needs_a_reason_and_a_tick_and_is_named(running: Desk, browser: Browser) -> None:
    number = "+12025550117"
    running.text(*T1, number=number)
    id_ = newest(running)
    with at_desk(browser, running, Role.CLINICIAN) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/conversations/{id_}")
        page.get_by_text("Release after an emergency").click()
        page.get_by_label("Why is it safe?").fill("Seen by the spinal team today.")
        page.get_by_label("I am a clinician").check()
        page.get_by_role("button", name="Release", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Released")
        expect(page.locator(".timeline")).to_contain_text("Ann Example released the hold")
        expect(page.locator(".timeline")).to_contain_text("Seen by the spinal team today.")
    running.text("hello", number=number)
    assert newest(running) != id_
    assert running.server.command("replay").returncode == 0


def test_nothing_keeps_anybody_out(running: Desk, browser: Browser) -> None:
    """There is nothing that axe finds on any page, and none is wider than its window."""
    ids = running.conversations()
    pages = (*LOOKED_AT, *(f"/conversations/{id_}" for id_ in ids[1:3]), "/?tier=T1&language=es")
    with at_desk(browser, running) as visitor:
        found = []
        for path in (*pages, f"/conversations/{ids[1]}/record", f"/erase?conversation={ids[0]}"):
            visitor.page.goto(f"{running.url}{path}")
            found += look(visitor, path)
        assert found == []


def test_nothing_keeps_anybody_out_of_what_a_form_leads_to(running: Desk, browser: Browser) -> None:
    """The open filters, what is found or not, a blocking, a file that is made, an erasure."""
    running.text("my wrist and the plough", "agree", "no", number="+12025550118")
    id_ = newest(running)
    with at_desk(browser, running) as visitor:
        page, found = visitor.page, []
        page.goto(f"{running.url}/")
        page.get_by_text("Filters").click()
        found += look(visitor, "filters", colours=False)
        for typed in ("plough", "zebra"):
            page.locator("[data-search]").fill(typed)
            page.get_by_role("button", name="Search", exact=True).click()
            page.wait_for_url("**/search")
            expect(page.locator("[data-search]")).to_have_value(typed)
            found += look(visitor, f"search for {typed}")
        page.goto(f"{running.url}/conversations/{id_}")
        page.get_by_text("Block this number").click()
        found += look(visitor, "blocking", colours=False)
        page.goto(f"{running.url}/export")
        page.get_by_role("button", name="Prepare the file").click()
        expect(page.locator("[data-done]")).to_be_visible()
        found += look(visitor, "a file")
        page.goto(f"{running.url}/erase?conversation={id_}")
        page.get_by_role("button", name="Everything of this person").click()
        expect(page.get_by_label("Why")).to_be_visible()
        found += look(visitor, "an erasure")
        assert found == []


def test_an_alarm_is_at_the_top(running: Desk, browser: Browser) -> None:
    running.text(*T1, number="+12025550119")
    id_ = newest(running)
    raise_alert(running.database, 1, id_, "undelivered:T1", datetime.now(UTC))
    with at_desk(browser, running) as visitor:
        page = visitor.page
        page.goto(f"{running.url}/")
        alarm = page.locator(".alarm").last
        expect(alarm).to_contain_text("Advice did not reach the person")
        assert look(visitor, "an alarm") == []
        alarm.get_by_role("link").click()
        page.wait_for_url("**/conversations/*")
        page.get_by_role("button", name="Acknowledge").click()
        page.goto(f"{running.url}/")
        expect(page.locator(".alarm")).to_have_count(0)


def test_alerts_that_do_not_go_out_are_an_alarm_of_the_line_itself(
    running: Desk, browser: Browser
) -> None:
    outbox, key = Outbox(running.database), f"{Climb.TEXT}:0:1"
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    outbox.put(Due(key, 1, Climb.TEXT, long_ago, lane=Lane.URGENT))
    with at_desk(browser, running) as visitor:
        visitor.page.goto(f"{running.url}/")
        alarm = visitor.page.locator(".alarm").first
        expect(alarm).to_contain_text("Alerts do not go out for 5 minutes")
        expect(alarm.get_by_role("link")).to_have_count(0)
        assert look(visitor, "an alarm without a conversation") == []
        with running.database.link() as link:
            link.write([outbox.cancel_write(key, "over")])
        visitor.page.goto(f"{running.url}/")
        expect(visitor.page.locator(".alarm")).to_have_count(0)


def test_an_empty_desk_says_what_it_is_for(running: Desk, browser: Browser) -> None:
    with at_desk(browser, running, clinic=SECOND) as visitor:
        for path in SAYS_THAT_IT_IS_EMPTY:
            visitor.page.goto(f"{running.url}{path}")
            assert visitor.barriers() == []
        visitor.page.goto(f"{running.url}/")
        expect(visitor.page.locator(".empty")).to_contain_text("Nobody has written or called yet")
