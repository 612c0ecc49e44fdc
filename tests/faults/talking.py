"""What people do in a chat: ask, hear the end or leave before it, ask for another answer, read what was said."""

import random
from typing import Any

from tests.faults.belongings import Answer, Bot, Fate, Question, Talk
from tests.faults.errands import Errands
from tests.faults.heard import Heard
from tests.faults.history import Invariant
from tests.faults.person import Person, Reading, Reply

_STALLS_S = (0.5, 2.0)
# Of what the stub says; most answers are longer.
_LEAVES_AFTER = 6
_ABOUT = ("el faro", "la garantía", "el pedido urgente", "el abono mensual", "la devolución", "el museo")


class Talking:
    """Of one person, who is also on errands."""

    def __init__(self, person: Person, errands: Errands) -> None:
        self._person = person
        self._errands = errands

    def ask(self, bot: Bot) -> None:
        """In a new conversation, or in one that is there."""
        person = self._person
        talks = [talk for talk in bot.talks if talk.fate is Fate.THERE]
        talk = person.seeded.choice(talks[-4:]) if talks and person.seeded.random() < 0.6 else None
        text = self._question()
        body = {"query": text} | ({"conversation_id": talk.id} if talk else {})
        reading = drawn_reading(person.seeded)
        reply, heard = person.listen("ask", f"/chat/{bot.id}", text, reading, json=body)
        if not _ids(reply, heard) and not reply.is_lost:
            return
        question = Question(text, reply.line)
        if talk is None:
            talk = Talk(reply.line)
            bot.talks.append(talk)
        talk.questions.append(question)
        self._heard(bot, talk, question, reply, heard)

    def ask_again(self, bot: Bot) -> None:
        """For another answer to a question that is stored."""
        person = self._person
        found = [(talk, one) for talk in bot.talks if talk.fate is Fate.THERE for one in talk.questions if one.id]
        if not found:
            return self.ask(bot)
        talk, question = person.seeded.choice(found[-10:])
        question.asked += 1
        reading = drawn_reading(person.seeded)
        path = f"/messages/{question.id}/retry"
        reply, heard = person.listen("ask again", path, question.text, reading)
        self._heard(bot, talk, question, reply, heard)
        return None

    def read(self, bot: Bot) -> None:
        """A conversation: its questions are there in their order, and each answer as it was heard."""
        talks = [talk for talk in bot.talks if talk.fate is Fate.THERE]
        if not talks:
            return self.look_at_talks(bot)
        return self.read_one(self._person.seeded.choice(talks))

    def read_one(self, talk: Talk) -> None:
        reply = self._person.send("read conversation", "GET", f"/conversations/{talk.id}")
        if reply.is_ok:
            self._compare(reply, talk)

    def look_at_talks(self, bot: Bot) -> None:
        reply = self._person.send("list conversations", "GET", f"/bots/{bot.id}/conversations/")
        if not reply.is_ok:
            return
        listed = {one["id"]: one["title"] for one in reply.json}
        for talk in bot.talks:
            if talk.fate is Fate.THERE and talk.id not in listed:
                told = f"conversation {talk.id} is not listed"
                self._person.history.violated(Invariant.MESSAGES, told, reply.line)
            if talk.fate is Fate.GONE and talk.id in listed:
                told = f"conversation {talk.id} is listed, and was removed"
                self._person.history.violated(Invariant.VISIBLE, told, reply.line)

    def delete_talk(self, bot: Bot) -> None:
        talks = [talk for talk in bot.talks if talk.id and talk.fate is not Fate.GONE]
        if talks:
            talk = self._person.seeded.choice(talks)
            talk.fate = self._errands.after_removal(talk.fate, f"/conversations/{talk.id}", "delete conversation")

    def _question(self) -> str:
        seeded = self._person.seeded
        mark = f"«q:{self._person.mark}-{seeded.getrandbits(40):010x}»"
        return f"{mark} ¿Qué se sabe de {seeded.choice(_ABOUT)} y de {seeded.choice(_ABOUT)}?"

    def _heard(self, bot: Bot, talk: Talk, question: Question, reply: Reply, heard: Heard) -> None:
        """What it told is now known of the question and its answer."""
        ids = _ids(reply, heard)
        if "conversation_id" in ids:
            talk.id, talk.fate = ids["conversation_id"], Fate.THERE
            question.fate, question.line = Fate.THERE, reply.line
        question.id = ids.get("question_id", question.id)
        if "message_id" not in ids:
            question.unheard += reply.is_lost
            return
        code = heard.last[1].get("code", "") if heard.last else ""
        times = heard.began, heard.ended
        question.answers.append(Answer(ids["message_id"], reply.line, heard.text, heard.ending, *times, code))
        self._errands.check_passages(reply.line, bot, heard.told("sources").get("passages", []))

    def _compare(self, reply: Reply, talk: Talk) -> None:
        messages: list[dict[str, Any]] = reply.json["messages"]
        texts = {message["id"]: message["text"] for message in messages}
        for question in talk.questions:
            times = sum(message["text"] == question.text for message in messages)
            if times > 1 or (question.fate is Fate.THERE and times == 0):
                told = f"«{question.text}» is there {times} times"
                self._person.history.violated(Invariant.MESSAGES, told, reply.line)
            question.id = question.id or next(
                (message["id"] for message in messages if message["text"] == question.text), ""
            )
            for answer in question.answers:
                if answer.is_whole and texts.get(answer.id) != answer.text:
                    told = (
                        f"answer {answer.id} is {texts.get(answer.id)!r:.120}, and was told as {answer.text!r:.120}"
                    )
                    self._person.history.violated(Invariant.MESSAGES, told, reply.line)


def drawn_reading(seeded: random.Random) -> Reading:
    """Half of them read to the end."""
    is_plain = seeded.random() < 0.4
    lot = seeded.random()
    if lot < 0.25:
        return Reading(is_plain, leaves_after=seeded.randrange(_LEAVES_AFTER))
    if lot < 0.4:
        leaves_after = seeded.choice((1, 3, None))
        return Reading(is_plain, leaves_after=leaves_after, stalls_s=seeded.uniform(*_STALLS_S))
    return Reading(is_plain)


def _ids(reply: Reply, heard: Heard) -> dict[str, str]:
    """Of the conversation, the question and the answer, as far as they were told; an error tells them too."""
    told = heard.told("started") or heard.told("headers") or reply.json or {}
    known = ("conversation_id", "question_id", "message_id")
    return {name: told[name] for name in known if name in told}
