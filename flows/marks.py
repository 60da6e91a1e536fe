"""What a word or a phrase can be: the names of the lists in `flows/vocabulary/*.toml`.

A `Mark` is what a phrase of a reply answers, a `Tail` what a word does to the no before it.
A `Sort` is what a concept of red flags is, and a `Role` what a word does to the concepts after it.
"""

from enum import StrEnum


class _Name(StrEnum):
    """Names that are looked up for every word; an Enum's own hash is ten times slower."""

    __hash__ = str.__hash__


class Mark(_Name):
    """What a phrase of a reply can be; each is a list of `[phrases]` in the vocabulary."""

    YES = "yes"
    YES_SHORT = "yes_short"
    """Yes only if nothing but harmless words follow: "I do", "it is"."""
    YES_GRUNT = "yes_grunt"
    """Yes where yes is the careful answer, and nothing elsewhere: "uh-huh"."""
    YES_SOFT = "yes_soft"
    """ "A bit", "sometimes": yes where yes is the careful answer, a doubt elsewhere."""
    AGREE = "agree"
    """Yes to the consent only: "ok", "agree"."""
    NO = "no"
    NO_SHORT = "no_short"
    """No only if nothing but harmless words follow: "I don't"."""
    DISAGREE = "disagree"
    UNSURE = "unsure"
    NEITHER = "neither"
    """Begins like an answer and is none: "no worries", "no change"."""
    COURTESY = "courtesy"
    """Neither, unless a word of the body follows: "no problem", "no problem peeing"."""
    NOT_YET = "not_yet"
    """A no at a question that is turned round, and no answer elsewhere."""
    ELSEWHERE = "elsewhere"
    """Trouble, and not what is asked about: "just my back"."""
    FITTING = "fitting"
    """Fits the safe answer to what is asked, and is nothing elsewhere: "no, months ago"."""
    SKIP = "skip"
    CORRECTION = "correction"
    FILLER = "filler"
    ASKING = "asking"
    """Leads up to a request: "can I", "I want to"."""
    GO_ON = "go_on"
    RIGHT = "right"
    WRONG = "wrong"
    MORE = "more"
    MORE_ABOUT = "more_about"
    """Asks for more, whatever follows: "what do you mean by ..."."""
    AGAIN = "again"
    BACK = "back"
    START_OVER = "start_over"
    CLINIC = "clinic"
    ONE = "one"
    TWO = "two"
    THREE = "three"
    FOUR = "four"


class Tail(_Name):
    """What a word does to the no that it follows."""

    HARMLESS = "harmless"
    DENIABLE = "deniable"
    """Harmless, unless it is denied: "not completely", "not well"."""
    NOT = "not"
    FRAME = "frame"
    """Says nothing by itself ("I have that"): needs a negation or a word of being well."""
    NOUN = "noun"
    """What "no" may take away as its own noun: "numbness"."""
    LINK = "link"
    """Holds such a noun together with others, and is frame elsewhere: "of", "in my"."""
    WELL = "well"
    DOUBT = "doubt"


class Sort(_Name):
    """What a concept is; a negation does something else to each."""

    SYMPTOM = "symptoms"
    """Bad when it is there; a negation takes it away."""
    TROUBLE = "troubles"
    """A symptom that takes an ability along when it is negated: "no trouble walking"."""
    EXTENT = "extents"
    """A negation takes it away, but it is no trouble by itself: "both"."""
    LACK = "lacks"
    """Holds its own negation ("no feeling"); a negation before it changes nothing."""
    ABILITY = "abilities"
    """Good when it is there; a negation makes it a symptom."""
    PART = "parts"
    """A body part or an act: nothing by itself, negated or not."""
    OTHER = "others"
    IDIOM = "idioms"
    """Hides what it holds: "need a pee", "weak coffee"."""


class Role(_Name):
    """What a word does to the words after it, when red flags are looked for."""

    NO = "no"
    """Takes away the symptoms that follow; where a sentence can begin after it, it is a reply."""
    NOT = "not"
    CANNOT = "cannot"
    """Takes away abilities, never symptoms."""
    LOST = "lost"
    """The same; and under a negation it gives them back: "no loss of feeling"."""
    UNTIL = "until"
    """Ends a negation: "but", "because"."""
    OR = "or"
    ABOUT = "about"
    """Says what a trouble is about, and weakens nothing: "no problems with"."""
    AND = "and"
    """Weakens a negation: "no pain and numb" may be either."""
    SELF = "self"
    OTHER = "other"
    THING = "thing"
    """A thing or an animal: its troubles are nobody's red flag."""
    VERB = "verb"
    """A finite verb: a new clause, so a "no" before it has ended."""
    PAST = "past"
    """ "Had", "was": of somebody else, it is over."""
    LONG_AGO = "long_ago"
    OLD = "old"
    """Long known and unchanged, or hoped to be over: asked about, not believed."""
    NOW = "now"
    """Takes `LONG_AGO` and `OLD` back: "years ago but worse now"."""
    MAYBE = "maybe"
    DENIES = "denies"
    """Says that all is well; so does any symptom that is negated."""
    ASKS = "asks"
    """A question about a word, not a complaint, unless it is about oneself."""
