"""What a turn can do: say, ask, go on, go back, start over, end.

A `Step` lives for one call of `take_turn`; nothing outside sees it change.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from flows import prompts, rules
from flows.definition import (
    CHECKED,
    GUIDANCE,
    RED_FLAG_TIERS,
    UNFINISHED,
    Disposition,
    Question,
    Tier,
)
from flows.line import Line, others
from flows.machine import ASK_CONSENT, BACK, GO_ON, START_OVER
from flows.prompts import Message, Part
from flows.reading import CRISIS, Answer, Expecting
from flows.state import Given, Reached, State, asked_question
from flows.utterance import Channel, Medium
from flows.wording import Words


@dataclass(slots=True)
class Step:
    """A turn being decided: the state as it changes, and what is to be said."""

    line: Line
    channel: Channel
    number: int
    at: datetime
    state: State
    messages: list[Message] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    connect: bool = False
    hang_up: bool = False

    # --- Where we are -------------------------------------------------------------------------

    @property
    def words(self) -> Words:
        return self.line.words[self.state.language]

    @property
    def spoken(self) -> bool:
        return self.channel.medium is Medium.VOICE

    @property
    def ended(self) -> Disposition | None:
        """The disposition that the conversation stands at, or None."""
        return self.line.flow.disposition.get(self.state.position)

    @property
    def in_emergency(self) -> bool:
        """True once T1 was given, and until CHECKED: it is sticky (R7)."""
        return self.ended is not None and self.ended.tier is Tier.T1

    @property
    def asked(self) -> Question | None:
        """The question that the next answer belongs to (I-16)."""
        return asked_question(self.line.flow, self.state)

    def change(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def move(self, trigger: str) -> None:
        """Move along the machine; IllegalMove where the table does not allow it."""
        self.change(position=self.line.machine.move(self.state.position, trigger))

    # --- Saying -------------------------------------------------------------------------------

    def part(self, key: str, **fill: str) -> Part:
        return prompts.text(self.words, self.channel.medium, key, **fill)

    def say(self, *parts: Part | str) -> None:
        """One message more, of these paragraphs; a string is the key of its text."""
        made = (self.part(one) if isinstance(one, str) else one for one in parts)
        self.messages.append(tuple(made))

    def question_part(self, question: Question, language: str = "") -> Part:
        """The question with its keys; `language`: another one than the conversation's."""
        words = self.line.words[language or self.state.language]
        long = self.state.asked < self.line.flow.settings.long_keys_questions
        medium = self.channel.medium
        return prompts.question(words, medium, question, long=long, language=language)

    def say_disposition(self, ending: Disposition, reason: str | None, *before: str) -> None:
        """Every message of a disposition, and by phone what can be done then."""
        medium = self.channel.medium
        self.messages += prompts.advice(self.words, medium, ending, reason, *before)
        self.after_advice()

    def after_advice(self) -> None:
        """By phone, what can be done once the advice was heard: part of its last message."""
        if self.spoken:
            self.messages[-1] += (self.part("after_advice"),)

    # --- Asking -------------------------------------------------------------------------------

    def ask(self, *before: Part | str, in_all: bool = False) -> None:
        """Put the question that is due, after the paragraphs `before`.

        `in_all`: in the line's other languages too, since this one may not be the person's.
        """
        question = self.asked
        assert question is not None
        names = others(self.line, self.state.language) if in_all else []
        more = [self.question_part(question, name) for name in names]
        self.say(*before, self.question_part(question), *more)
        self.change(
            expecting=Expecting.ANSWER,
            put=self.number,
            heard=None,
            asked=self.state.asked + 1,
        )

    def enter(self) -> None:
        """A question is due that was not asked until now: nothing has been met at it yet."""
        question = self.asked
        kept = self.state.given.get(question.id) if question is not None else None
        # A NOT SURE that START OVER kept is the first of two (R10).
        doubts = 1 if kept is not None and kept.answer is Answer.UNSURE else 0
        self.change(since=self.at, doubts=doubts, skips=0, misses=0, nudged=False, heard=None)

    def ask_consent(self, *keys: str, in_all: bool = False) -> None:
        """Put the question of consent: the whole introduction, or `keys` in its place."""
        if keys:
            self.say(*keys)
        else:
            self.say(*self.language_choice(in_all=in_all), "intro_1", "intro_2", "intro_3")
        since = self.state.since if self.state.expecting is Expecting.CONSENT else self.at
        self.change(expecting=Expecting.CONSENT, put=self.number, since=since)

    def language_choice(self, *, in_all: bool = False) -> list[Part]:
        """How to choose the other language, in that language: by phone, or if `in_all`."""
        if not (self.spoken or in_all):
            return []
        key, medium = "language_choice", self.channel.medium
        names = others(self.line, self.state.language)[:1]
        return [Part(key, self.line.words[name].of(key, medium), name) for name in names]

    def ask_choice(self, key: str = "welcome_back") -> None:
        """By phone: go on with what was begun, or start again."""
        self.say(self.part(key, how=self.words.medium(self.state.begun)))
        self.change(expecting=Expecting.CHOICE, put=self.number, heard=None)

    def ask_follow_up(self, *before: Part | str) -> None:
        """Somebody who was told to get help is asked whether they were seen."""
        self.say(*before, "follow_up")
        self.change(expecting=Expecting.FOLLOW_UP, put=self.number)

    def read_back(self, answer: Answer, key: str = "read_back") -> None:
        """Say what was heard with little confidence, and wait for a yes to it."""
        self.say(self.part(key, answer=self.words.answer(answer)))
        # Unread until it is confirmed: somebody who hangs up here is raised to the clinic.
        self.change(expecting=Expecting.CONFIRMATION, put=self.number, heard=answer, unread=True)

    def put_again(self, *before: Part | str, in_all: bool = False) -> None:
        """Put once more whatever is waited for; `in_all`: this may not be the person's language."""
        match self.state.expecting:
            case Expecting.ANSWER:
                self.ask(*before)
            case Expecting.CONSENT:
                choice = self.language_choice(in_all=True) if in_all else []
                self.say(*before, *choice, "consent_again")
                self.change(put=self.number)
            case Expecting.CHOICE:
                if before:
                    self.say(*before)
                self.ask_choice("choice_again")
            case Expecting.CONFIRMATION:
                assert self.state.heard is not None
                if before:
                    self.say(*before)
                self.read_back(self.state.heard, "read_back_again")
            case Expecting.FOLLOW_UP:
                self.ask_follow_up(*before)
            case _:
                self.say_ended(*before, in_all=in_all)

    def say_ended(self, *before: Part | str, in_all: bool = False) -> None:
        """The conversation has ended; or, where it never began, the introduction."""
        if before and (self.ended is None or self.in_emergency):
            self.say(*before)
        if self.ended is None:
            self.ask_consent(in_all=in_all)
            return
        if self.in_emergency:
            self.repeat_ending()
            return
        # After T0 there is nothing that could still hold.
        holds = ("unfinished", "clinic_number") if self.ended.tier is Tier.T0 else ("ended",)
        self.say(*before, *holds, "safety_net")
        self.after_advice()
        self.change(put=self.number)

    # --- Moving -------------------------------------------------------------------------------

    def answer(self, question: Question, answer: Answer) -> None:
        """Take an answer to `question`: what the rules find, and the machine allows."""
        state = self.state
        found = rules.find(question, answer, state.doubts, state.skips)
        now = rules.keep(question, state.given.get(question.id), Given(answer, self.at))
        self.change(given={**state.given, question.id: now}, misses=0)
        match found:
            case "explain":
                self.count(question, answer)
                self.ask(f"more.{question.id}")
            case "insist":
                self.count(question, answer)
                self.ask("insist")
            case "go_on":
                self.go_on()
            case _:
                self.end(found, question.id)

    def count(self, question: Question, answer: Answer) -> None:
        """Remember that this asking was met with a doubt or a skip."""
        if rules.counts_as_doubt(question, answer):
            self.change(doubts=self.state.doubts + 1)
        else:
            self.change(skips=self.state.skips + 1)

    def go_on(self) -> None:
        """Ask what comes next: what the person's words raised, then the flow's own order."""
        flow = self.line.flow
        if self.state.pending:
            self.change(pending=self.state.pending[1:])
        else:
            self.move(GO_ON)
        # What was asked before its turn, because of the person's words, is not asked twice.
        while not self.state.pending and rules.is_settled(
            flow, self.state.given, self.state.position
        ):
            self.move(GO_ON)
        if self.asked is None:
            self.change(expecting=Expecting.NOTHING)
            self.say_ended()
            return
        if not self.asked.red_flag:
            # Nothing that is asked from here on can be more urgent than what is held already.
            lowest = rules.standing(flow, self.state.given, self.state.reached, self.at)
            if lowest is not None and flow.disposition[lowest.disposition].tier in RED_FLAG_TIERS:
                self.end(lowest.disposition, lowest.question)
                return
        self.enter()
        self.ask()

    def back(self) -> None:
        """The question before, asked as if anew; at the first one, that one again."""
        first = self.line.flow.number.get(self.state.position, 0) == 0
        if self.state.expecting is Expecting.CONFIRMATION:
            self.change(expecting=Expecting.ANSWER, heard=None)
        if not first and not self.state.pending and self.state.expecting is Expecting.ANSWER:
            self.move(BACK)
            self.forget(self.state.position)
            self.enter()
        self.put_again()

    def forget(self, question: str) -> None:
        """Drop the answer to `question`, unless it is one that always counts (R9)."""
        kept = {
            name: given
            for name, given in self.state.given.items()
            if name != question or given.answer in (Answer.YES, Answer.UNSURE)
        }
        self.change(given=kept)

    def start_over(self) -> None:
        """From the first question, with what the last day found kept as a floor (R10)."""
        self.change(
            given=rules.lasting(self.line.flow, self.state, self.at),
            pending=(),
            heard=None,
            misses=0,
            expecting=Expecting.NOTHING,
        )
        if self.state.agreed:
            self.move(START_OVER)
            self.enter()
            self.ask()
        else:
            self.move(ASK_CONSENT)
            self.ask_consent()

    def raise_question(self, question: Question) -> None:
        """Ask `question` next, because words that the person used may mean it (R8)."""
        if question.id in self.state.pending:
            return
        self.forget(question.id)
        self.change(pending=(*self.state.pending, question.id))

    # --- Ending -------------------------------------------------------------------------------

    def end(self, found: str, question: str | None = None, *before: str) -> None:
        """End with the disposition that `found` comes to, and say its texts (I-08).

        `question`: whose answer led here; `before`: texts ahead of the advice.
        """
        state = self.state
        if found == UNFINISHED and self.ended is not None and self.ended.tier is Tier.T2:
            # Help today was the advice, however long ago: it does not become "not finished".
            found = self.ended.id
        ending = rules.settle(
            self.line.flow,
            found,
            state.given,
            state.reached,
            state.emergency_at,
            self.at,
        )
        question = rules.named(self.line.flow, state.given, question)
        if ending.id != found and state.reached is not None:
            question = state.reached.question
        self.move(ending.id)
        reached = Reached(ending.id, self.at, question)
        self.change(
            expecting=Expecting.NOTHING,
            pending=(),
            heard=None,
            doubts=0,
            skips=0,
            misses=0,
            put=self.number,
            since=self.at,
            reached=rules.higher(self.line.flow, state.reached, reached),
            emergency_at=self.at if ending.tier is Tier.T1 else state.emergency_at,
        )
        if ending.id == CHECKED:
            # A hospital has checked the answers that led here; they are no floor any more.
            self.change(reached=reached, given={})
        self.tell_clinic(ending)
        self.say_disposition(ending, question, *before)

    def release(self) -> None:
        """Let go of a T1, because the clinic's staff answer for it (R7); nothing is said.

        The next words begin a new conversation, which may come to guidance. What is not of the
        T1 stays: another tier that was reached, and the answers of an open conversation.
        """
        reached = self.state.reached
        end = self.line.flow.disposition.get(reached.disposition) if reached else None
        if end is not None and end.tier is Tier.T1:
            self.change(reached=None)
        if self.in_emergency:
            # Nobody asks any more whether the person was seen: the staff know.
            self.change(given={}, pending=(), followed_up=True, expecting=Expecting.NOTHING)
        self.change(emergency_at=None)

    def tell_clinic(self, ending: Disposition) -> None:
        """One alert per conversation and tier (I-18); an unfinished one with a doubt too (R11)."""
        doubtful = any(
            given.answer in (Answer.YES, Answer.UNSURE)
            for name, given in self.state.given.items()
            if not self.line.flow.question[name].turned_round
        )
        raised = ending.id == UNFINISHED and (doubtful or self.state.unread)
        if ending.alert or raised:
            self.alert(ending.tier.value)

    def alert(self, about: str) -> None:
        if about not in self.state.alerted:
            self.alerts.append(about)
            self.change(alerted=(*self.state.alerted, about))

    def repeat_ending(self) -> None:
        """The advice of the end once more."""
        ending = self.ended
        assert ending is not None
        reached = self.state.reached
        self.say_disposition(ending, reached.question if reached else None)
        self.change(expecting=Expecting.NOTHING, put=self.number)

    def say_crisis(self) -> None:
        """The text for words of self-harm, and the clinic is told (R8)."""
        self.say("crisis")
        self.alert(CRISIS)

    def say_more(self) -> None:
        """What MORE gives at the place where the conversation stands."""
        if self.asked is not None and self.state.expecting is Expecting.ANSWER:
            self.ask(f"more.{self.asked.id}")
        elif self.state.expecting is Expecting.CONSENT:
            self.ask_consent("consent_more")
        elif self.state.position == GUIDANCE:
            self.say("guidance_more", "guidance_why", "safety_net")
            self.after_advice()
            self.change(put=self.number)
        elif self.ended is not None:
            self.repeat_ending()
        else:
            self.put_again()
