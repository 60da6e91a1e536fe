"""How fast a number comes: counted from the log, and looked up when it may matter."""

from datetime import timedelta

from msgspec.structs import replace

from duty.caps import CAPS, Caps, Pace
from flows.reading import Miss, Reading
from store.pace import Watch
from tests.store.shelf import ANN, NOON, Decide, Shelf, a_turn, opening

FEW = Caps(hour=30, day=40, openings=16, foreign=2, alike=4)


def watch(shelf: Shelf, caps: Caps = FEW) -> Watch:
    return Watch(shelf.database, shelf.sealer, shelf.clinic, "US", caps)


def heard(watch: Watch, number: str, words: str, times: int = 1, *, new: bool = False) -> None:
    for _ in range(times):
        watch.heard(number, words, NOON, new=new, held=False)


def not_understood(words: str) -> Decide:
    return lambda so_far: replace(a_turn(so_far, words), reading=Reading(Miss.NO_MATCH, "unknown"))


def test_a_number_that_was_hardly_heard_is_not_looked_up(shelf: Shelf) -> None:
    for number in range(35):
        shelf.take(ANN, f"SM{number}")
    watched = watch(shelf)
    assert watched.pace(ANN, "US", NOON) == Pace()
    heard(watched, ANN, "no", 29)
    assert watched.pace(ANN, "US", NOON) == Pace()
    heard(watched, ANN, "no")
    assert watched.pace(ANN, "US", NOON).hour == 35


def test_the_log_is_counted_by_hour_and_day(shelf: Shelf) -> None:
    for number in range(35):
        shelf.take(ANN, f"SM{number}")
    watched = watch(shelf)
    heard(watched, ANN, "no", 30)
    later = NOON + timedelta(hours=2)
    pace = watched.pace(ANN, "US", later)
    assert (pace.hour, pace.day, pace.withheld_at) == (0, 35, None)


def test_the_same_words_in_a_row_are_counted(shelf: Shelf) -> None:
    words = "I am driving right now"
    for number, said in enumerate(["no", words, words, words]):
        shelf.take(ANN, f"SM{number}", not_understood(said))
    watched = watch(shelf)
    heard(watched, ANN, words, 2)
    pace = watched.pace(ANN, "US", NOON)
    assert (pace.words, pace.alike) == (words, 3)


def test_the_same_words_that_answer_a_question_are_not(shelf: Shelf) -> None:
    words = "no, nothing like that"
    for number in range(3):
        shelf.take(ANN, f"SM{number}", words)
    watched = watch(shelf)
    heard(watched, ANN, words, 2)
    pace = watched.pace(ANN, "US", NOON)
    assert (pace.words, pace.alike) == (words, 0)


def test_the_same_short_answer_is_not_looked_up(shelf: Shelf) -> None:
    watched = watch(shelf)
    heard(watched, ANN, "2", 10)
    assert watched.pace(ANN, "US", NOON) == Pace()


def test_somebody_new_from_abroad_is_counted_by_country(shelf: Shelf) -> None:
    watched = watch(shelf)
    found = [watched.pace(f"+3361234567{one}", "FR", NOON).foreign for one in range(3)]
    assert found == [0, 1, 2]
    assert watched.pace("+447700900123", "GB", NOON).foreign == 0
    assert watched.pace("+33612345679", "FR", NOON + timedelta(hours=2)).foreign == 0
    assert watched.pace(ANN, "US", NOON) == Pace()
    countries = shelf.rows("SELECT country FROM arrivals ORDER BY id")
    assert [country for (country,) in countries] == ["FR"] * 3 + ["GB", "FR"]


def test_somebody_known_from_abroad_is_not(shelf: Shelf) -> None:
    shelf.take("+33612345670", "SM1")
    assert watch(shelf).pace("+33612345670", "FR", NOON).foreign == 0
    assert shelf.rows("SELECT id FROM arrivals") == []


def test_a_crowd_is_counted_by_conversations(shelf: Shelf) -> None:
    for number in range(5):
        shelf.take(f"+1202555010{number}", f"SM{number}", opening("hello"))
    watched = watch(shelf)
    assert watched.pace(ANN, "US", NOON).openings == 0
    heard(watched, "+12025550100", "hello", 2, new=True)
    assert watched.pace(ANN, "US", NOON).openings == 5
    assert watched.pace(ANN, "US", NOON + timedelta(hours=2)).openings == 0


def test_no_cap_on_new_people_looks_at_none(shelf: Shelf) -> None:
    watched = watch(shelf, Caps(openings=0))
    heard(watched, "+12025550100", "hello", 50, new=True)
    assert watched.pace(ANN, "US", NOON) == Pace()


def test_many_numbers_are_not_all_remembered(shelf: Shelf) -> None:
    """A flood of numbers must not fill the memory of a process."""
    watched = watch(shelf, CAPS)
    for number in range(10_500):
        watched.heard(f"+1{number:010}", "", NOON, new=False, held=False)
    assert len(watched._memory) == 10_000  # noqa: SLF001  nothing else tells
