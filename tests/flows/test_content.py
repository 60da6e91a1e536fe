"""What is signed is the content, and a lowered red flag is seen."""

from msgspec.structs import replace

from flows.content import content_digest, digest_of, lowered, red_flags
from flows.definition import Tier, read_flow

FLOW = read_flow()


def test_the_digest_is_that_of_the_content_alone() -> None:
    one = {"flow.toml": {"id": "a", "tiers": ["T1"]}, "en.toml": {"text": "Any pain?"}}
    same = {"en.toml": {"text": "Any pain?"}, "flow.toml": {"tiers": ["T1"], "id": "a"}}
    other = {**one, "en.toml": {"text": "Any pain now?"}}
    assert digest_of(one) == digest_of(same)
    assert digest_of(one) != digest_of(other)
    assert len(content_digest()) == 64
    assert content_digest() == content_digest()


def test_a_red_flag_that_is_lowered_or_removed_is_named() -> None:
    before = red_flags(FLOW)
    assert before["bladder"] == "T1"
    assert "recent" not in before
    assert lowered(before, before) == ()
    questions = [q for q in FLOW.questions if q.id != "saddle"]
    questions[0] = replace(questions[0], tier=Tier.T2)
    assert lowered(before, red_flags(replace(FLOW, questions=tuple(questions)))) == (
        "bladder",
        "saddle",
    )


def test_a_red_flag_that_is_raised_or_added_is_no_fault() -> None:
    assert lowered({"unwell": "T2"}, {"unwell": "T1", "bladder": "T1"}) == ()
