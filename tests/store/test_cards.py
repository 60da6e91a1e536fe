"""The cards of the lists: kept with each turn, and the same when they are made again."""

import random

import pytest

from duty.alert import How
from flows.utterance import Kind, Utterance
from store.actions import Actions, By, Outcome
from store.alerts import acknowledge, acknowledge_conversation, alerts_of
from store.cards import CardWriter, Place
from store.erasure import Erasure
from store.inbox import (
    Filter,
    Listed,
    Reasons,
    Where,
    count_waiting,
    read_card,
    read_page,
    read_reasons,
)
from store.link import Write
from store.rebuild import is_behind, rebuild
from store.turns import Appended
from tests.store.desk import VOICE, Desk, anything, the_line
from tests.store.shelf import ANN, BEN, Shelf

NOES = ("hello", "agree", *["no"] * 13)


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    return Desk(shelf)


def card(desk: Desk, conversation: str) -> Listed:
    found = read_card(desk.shelf.database, desk.shelf.clinic, conversation)
    assert found is not None
    return found


def listed(desk: Desk, **by: object) -> list[str]:
    page = read_page(desk.shelf.database, desk.shelf.clinic, Filter(**by))  # type: ignore[arg-type]
    return [one.conversation for one in page.cards]


def again(desk: Desk) -> None:
    list(rebuild(desk.shelf.database, desk.shelf.sealer, desk.shelf.clinic, the_line()))


@pytest.mark.parametrize("seed", range(3))
def test_made_again_they_are_the_same(desk: Desk, seed: int) -> None:
    """Whatever was said, acknowledged, settled and erased: the turns say the same."""
    chance, shelf = random.Random(seed), desk.shelf  # noqa: S311
    actions = Actions(shelf.database, shelf.sealer, shelf.clinic)
    for _ in range(160):
        contact = f"+1202555{chance.randrange(6):04}"
        desk.hears(anything(chance), contact, wait=chance.choice((1, 1, 1, 5, 40, 1600)))
        if chance.random() < 0.15:
            conversation = desk.newest()
            by = By(7, "Ann Example", desk.at)
            for alert in alerts_of(shelf.database, conversation)[: chance.choice((1, 9))]:
                acknowledge(shelf.database, alert.id, by.name, How.PAGE, desk.at)
            if chance.random() < 0.5:
                actions.keep(actions.outcome(conversation, by, chance.choice(list(Outcome))))
            actions.keep(actions.assign(conversation, by, chance.choice((None, 7)), "Ann Example"))
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "x").contact("+12025550003", desk.at)
    kept = desk.kept()
    places = {row[2] for row in kept["cards"]}
    assert len(kept["cards"]) > 8
    assert {Place.EMERGENCY, Place.REST, Place.ERASED} <= places
    assert len(kept["card_marks"]) > 8
    assert len(kept["words"]) > 5
    again(desk)
    assert desk.kept() == kept
    shelf.rows("DELETE FROM card_marks")
    shelf.rows("DELETE FROM words")
    shelf.rows("DELETE FROM cards")
    assert is_behind(shelf.database)
    again(desk)
    assert desk.kept() == kept
    assert not is_behind(shelf.database)


def test_an_ordinary_turn_writes_nothing(desk: Desk) -> None:
    """From question to question nothing is written but the turn."""
    written: list[int] = []
    writer = CardWriter(desk.shelf.database, the_line().flow)

    def counted(appended: Appended) -> list[Write]:
        written.append(len(list(writer(appended))))
        return []

    desk.log = desk.shelf.new_log(counted)
    desk.texts(*NOES)
    assert written[0] > 0
    assert set(written[1:]) == {0}


def test_the_order_of_the_list(desk: Desk) -> None:
    """T1, T2, unfinished with a flag; then what is in somebody's hands; then the rest."""
    said = {
        "unfinished": ("hello", "agree", "not sure", "blah", "blah", "blah"),
        "rest": ("hello",),
        "today": ("hello", "agree", *["no"] * 10, "yes"),
        "emergency": ("hello", "agree", "yes"),
        "handled": ("hello", "agree", "yes"),
        "newer": ("hello",),
        "crisis": ("I want to kill myself",),
    }
    ids = {
        name: desk.texts(*words, contact=f"+120255501{number:02}")
        for number, (name, words) in enumerate(said.items())
    }
    database = desk.shelf.database
    acknowledge_conversation(database, ids["handled"], "Ann Example", How.PAGE, desk.at)
    assert {name: card(desk, id_).standing for name, id_ in ids.items()} == {
        "unfinished": "T0",
        "rest": "open",
        "today": "T2",
        "emergency": "T1",
        "handled": "T1",
        "newer": "open",
        "crisis": "open",
    }
    wanted = ["crisis", "emergency", "today", "unfinished", "handled", "newer", "rest"]
    assert listed(desk) == [ids[name] for name in wanted]
    assert count_waiting(database, desk.shelf.clinic) == 4
    assert listed(desk, where=Where.WAITING) == [ids[name] for name in wanted[:4]]
    assert listed(desk, where=Where.IN_HAND) == [ids["handled"]]
    assert listed(desk, where=Where.ENDED) == [
        ids[n] for n in wanted if n not in ("crisis", "newer", "rest")
    ]
    assert listed(desk, standing="T1") == [ids["emergency"], ids["handled"]]
    assert listed(desk, question="bladder") == [
        ids[n] for n in ("emergency", "unfinished", "handled")
    ]
    assert listed(desk, question="bladder", standing="T0", channel="sms") == [ids["unfinished"]]
    assert listed(desk, channel="voice") == []
    assert listed(desk, language="es") == []


def test_what_came_of_it_takes_it_off_the_head_and_something_new_puts_it_back(desk: Desk) -> None:
    shelf = desk.shelf
    one = desk.texts("hello", "agree", *["no"] * 10, "yes")
    two = desk.texts("hello", contact=BEN)
    actions = Actions(shelf.database, shelf.sealer, shelf.clinic)
    by = By(7, "Ann Example", desk.at)
    assert card(desk, one).waiting_since is not None
    acknowledge_conversation(shelf.database, one, by.name, How.PAGE, desk.at)
    assert card(desk, one).waiting_since is None
    assert card(desk, one).acknowledged_at == desk.at
    actions.keep(actions.outcome(one, by, Outcome.NOT_REACHED))
    assert listed(desk) == [one, two]
    actions.keep(actions.outcome(one, by, Outcome.REACHED_GOING, "on the way"))
    assert listed(desk) == [two, one]
    assert [action.words for action in actions.of(one)] == ["", "on the way"]
    desk.texts("I can't feel between my legs")
    assert card(desk, one).settled_at is None
    assert card(desk, one).place == Place.EMERGENCY
    assert listed(desk, where=Where.WAITING) == [one]


def test_a_skipped_question_is_named_where_its_skipping_ended_it(desk: Desk) -> None:
    """Flagged and skipped are kept apart, by the turns and when they are made again."""
    ended = desk.texts("hello", "agree", "no", "skip", "skip", contact=ANN)
    flagged = desk.texts("hello", "agree", "skip", "yes", contact=BEN)
    wanted = {ended: Reasons(skipped=("saddle",)), flagged: Reasons(flagged=("bladder",))}
    for _ in range(2):
        shown = [card(desk, one) for one in (ended, flagged)]
        assert read_reasons(desk.shelf.database, shown) == wanted
        again(desk)


def test_a_conversation_over_two_channels(desk: Desk) -> None:
    one = desk.texts("hello", "agree", "no")
    desk.hears(Utterance(VOICE, Kind.ARRIVAL))
    desk.texts("no")
    assert card(desk, one).channels == ("sms", "voice")
    assert listed(desk, channel="voice") == listed(desk, channel="sms") == [one]


def test_pages_hold_everything_once(desk: Desk) -> None:
    shelf = desk.shelf
    for number in range(11):
        said = ("hello", "agree", "yes") if number % 3 == 0 else ("hello",)
        desk.texts(*said, contact=f"+120255501{number:02}")
    whole = listed(desk)
    found: list[str] = []
    after = None
    for _ in range(6):
        page = read_page(shelf.database, shelf.clinic, Filter(), after, size=2)
        found += [one.conversation for one in page.cards]
        after = page.after
    assert (found, after) == (whole, None)
    began = sorted((card(desk, one).started_at for one in whole), reverse=True)
    dates = {"begun_from": began[4], "begun_before": began[0]}
    assert {card(desk, one).started_at for one in listed(desk, **dates)} == set(began[1:5])
    assert read_page(shelf.database, shelf.clinic + 1).cards == ()
    assert read_card(shelf.database, shelf.clinic + 1, whole[0]) is None


def test_of_what_is_erased_only_that_it_was(desk: Desk) -> None:
    shelf = desk.shelf
    one = desk.texts("hello", "agree", "not sure", "washing machine fell on me")
    actions = Actions(shelf.database, shelf.sealer, shelf.clinic)
    actions.keep(actions.note(one, By(7, "Ann Example", desk.at), "was worried"))
    Erasure(shelf.database, shelf.sealer, shelf.clinic, "on request").contact(ANN, desk.at)
    assert listed(desk) == []
    assert listed(desk, where=Where.ERASED) == [one]
    found = card(desk, one)
    assert (found.erased, found.language, found.told, found.disposition) == (True, "", (), None)
    assert shelf.rows("SELECT * FROM card_marks") == []
    assert shelf.rows("SELECT * FROM words") == []
    assert [action.words for action in actions.of(one)] == [""]
