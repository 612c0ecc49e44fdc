"""What people do with their accounts, bots and documents; each errand is one request or a few."""

import time
import uuid

from tests.chaos.texts import spanish
from tests.faults.belongings import Bot, Document, Fate, removed
from tests.faults.history import Invariant
from tests.faults.person import LIMIT_S, Person, Reply

_MOST_BOTS, _MOST_DOCUMENTS = 4, 10
# Characters; most are short.
_SIZES = (1_000, 1_000, 2_000, 2_000, 4_000, 8_000, 16_000, 60_000)
_LOST = (404,)


class Errands:
    """Of one person. Passwords are those that may be in force, the likeliest first."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._email = ""
        self._passwords: list[str] = []
        self._revoked: list[str] = []
        # Until then a change of password of which nobody told the end may come to be.
        self._in_doubt_until = 0.0

    def settle_in(self) -> None:
        """An account, a login and two bots. Nothing is broken yet."""
        person = self.person
        self._email = f"{person.mark}-{uuid.uuid4().hex[:8]}@ejemplo.com"
        self._passwords = [f"una clave {person.mark}"]
        body = {"email": self._email, "password": self._passwords[0]}
        registered = person.send("register", "POST", "/users/", json=body)
        assert registered.is_ok, registered
        person.id = registered.json["id"]
        assert self._log_in(), "cannot log in"
        for _ in range(2):
            self.create_bot()

    def log_in_again(self) -> None:
        """And end the login of before, whose token is then worth nothing."""
        person, before = self.person, self.person.token
        if time.monotonic() < self._in_doubt_until or not self._log_in():
            return
        if person.send("log out", "POST", "/token/revoke", token=before).is_ok:
            self._revoked = [*self._revoked, before][-5:]

    def change_password(self) -> None:
        """The login that asks for it stays; every other ends, and none begins until it is known how it went."""
        person = self.person
        if time.monotonic() < self._in_doubt_until or len(self._passwords) > 1:
            self.log_in_again()
            return
        new = f"otra clave {person.mark} {person.seeded.randrange(10**6)}"
        body = {"password": self._passwords[0], "new_password": new}
        reply = person.send("change password", "PATCH", "/users/me", json=body)
        if reply.is_ok:
            self._passwords = [new]
        elif reply.is_lost:
            self._passwords = [new, *self._passwords]
            self._in_doubt_until = time.monotonic() + LIMIT_S

    def use_an_ended_login(self) -> None:
        if not self._revoked:
            return
        reply = self.person.send(
            "use an ended login", "GET", "/users/me", token=self.person.seeded.choice(self._revoked), also=(401,)
        )
        if reply.is_ok:
            self.person.history.violated(Invariant.ANSWERS, "a login that was ended still opens", reply.line)

    def who_am_i(self) -> None:
        reply = self.person.send("who am i", "GET", "/users/me")
        if reply.is_ok and reply.json["id"] != self.person.id:
            self.person.history.violated(Invariant.OWNERS, f"{self.person.id} is told {reply.text}", reply.line)

    def create_bot(self) -> None:
        person = self.person
        if len(person.owns.there()) >= _MOST_BOTS:
            return
        name = self._name()
        reply = person.send("create bot", "POST", "/bots/", json=_bot(name, person), told=name)
        if reply.is_ok:
            person.owns.bots.append(Bot({name}, reply.line, Fate.THERE, reply.json["id"]))
        elif reply.is_lost:
            person.owns.bots.append(Bot({name}, reply.line))

    def rename_bot(self, bot: Bot) -> None:
        name = self._name()
        reply = self.person.send("rename bot", "PUT", f"/bots/{bot.id}", json={"name": name}, told=name)
        if reply.is_ok:
            bot.names = {name, *bot.unanswered}
        elif reply.is_lost:
            bot.unanswered.add(name)
            bot.names.add(name)

    def delete_bot(self, bot: Bot) -> None:
        """With all that is in it."""
        bot.fate = self.after_removal(bot.fate, f"/bots/{bot.id}", "delete bot")

    def look_at_bots(self) -> None:
        """The list holds all that are there, each once, and none that is gone."""
        reply = self.person.send("list bots", "GET", "/bots/")
        if not reply.is_ok:
            return
        bots = self.person.owns.bots
        self._compare(reply, "bot", {bot.id: bot.fate for bot in bots if bot.id})
        self._know(reply, {name: bot for bot in bots if not bot.id for name in bot.names}, by="name")

    def upload(self, bot: Bot) -> None:
        person = self.person
        if sum(document.fate is not Fate.GONE for document in bot.documents) >= _MOST_DOCUMENTS:
            return
        text, marks = spanish(person.seeded, characters=person.seeded.choice(_SIZES))
        text = f"Cuaderno de {person.mark}.\n\n{text}"
        document = Document(f"{person.mark}-{marks[0]}.txt", text, marks, 0)
        bot.documents.append(document)
        self._send(bot, document)

    def upload_again(self, bot: Bot) -> None:
        """The same bytes: what is there already is told, and nothing comes twice."""
        # What may yet be removed is left alone: nobody could say of it what must be.
        again = [one for one in bot.documents if one.fate is Fate.THERE or (one.fate is Fate.UNSURE and not one.id)]
        if again:
            self._send(bot, self.person.seeded.choice(again))

    def delete_document(self, bot: Bot) -> None:
        """Also one that is in training."""
        there = [document for document in bot.documents if document.id and document.fate is not Fate.GONE]
        if not there:
            return
        document = self.person.seeded.choice(there[-3:])
        path = f"/bots/{bot.id}/documents/{document.id}"
        fate = self.after_removal(document.fate, path, "delete document")
        if fate is Fate.GONE:
            bot.documents += removed(document)
        document.fate = fate

    def look_at_documents(self, bot: Bot) -> None:
        reply = self.person.send("list documents", "GET", f"/bots/{bot.id}/documents/")
        if not reply.is_ok:
            return
        known = {document.id: document for document in bot.documents if document.id}
        self._compare(reply, "document", {id: document.fate for id, document in known.items()})
        self._know(reply, {one.filename: one for one in bot.documents if not one.id}, by="filename")
        for one in reply.json:
            if one["status"] == "ready" and one["id"] in known:
                known[one["id"]].was_ready = True

    def search(self, bot: Bot) -> None:
        """For a paragraph that stands in one document alone."""
        ready = [one for one in bot.documents if one.was_ready and one.fate is Fate.THERE]
        if not ready:
            return self.look_at_documents(bot)
        document = self.person.seeded.choice(ready)
        mark = self.person.seeded.choice(document.marks)
        said = next(part for part in document.text.split("\n\n") if mark in part)
        reply = self.person.send("search", "POST", f"/bots/{bot.id}/search", json={"query": said, "limit": 10})
        if reply.is_ok:
            self.check_passages(reply.line, bot, reply.json["passages"])
            if not any(mark in passage["text"] for passage in reply.json["passages"]):
                told = f"{mark} of document {document.id} is not found"
                self.person.history.violated(Invariant.VISIBLE, told, reply.line)
        return None

    def check_passages(self, line: int, bot: Bot, passages: list[dict[str, str]]) -> None:
        """What was removed is in no answer from that moment on."""
        gone = {document.id for document in bot.documents if document.fate is Fate.GONE and document.id}
        if found := [passage["document_id"] for passage in passages if passage["document_id"] in gone]:
            self.person.history.violated(Invariant.VISIBLE, f"passages of removed documents {found}", line)

    def pry(self, others: list[str]) -> None:
        """Somebody else's things do not exist."""
        if not others:
            return
        path = self.person.seeded.choice(others)
        reply = self.person.send("pry", "GET", path, also=_LOST)
        if reply.is_ok:
            told = f"{self.person.name} opened {path}: {reply.text[:200]}"
            self.person.history.violated(Invariant.OWNERS, told, reply.line)

    def _log_in(self) -> bool:
        """With any password that may be in force."""
        person = self.person
        for password in self._passwords:
            data = {"username": self._email, "password": password}
            also = (401,) if len(self._passwords) > 1 else ()
            reply = person.send("log in", "POST", "/token", data=data, also=also)
            if reply.is_ok:
                person.token = reply.json["access_token"]
                self._passwords = [password]
                return True
            if reply.status != 401:
                return False
        person.history.violated(Invariant.ANSWERS, f"none of {len(self._passwords)} passwords opens", reply.line)
        return False

    def _send(self, bot: Bot, document: Document) -> None:
        file = {"file": (document.filename, document.text.encode(), "text/plain")}
        path = f"/bots/{bot.id}/train"
        reply = self.person.send("upload", "POST", path, files=file, told=document.filename)
        document.line = document.line or reply.line
        if reply.is_lost:
            document.echoes += 1
        if not reply.is_ok:
            if not reply.is_lost and not document.echoes and not document.id:
                bot.documents.remove(document)
            return
        if document.id not in ("", reply.json["id"]) and document.fate is Fate.THERE:
            told = f"{document.id} was acknowledged, and the same bytes are now {reply.text}"
            self.person.history.violated(Invariant.UPLOADS, told, reply.line)
        document.id, document.fate, document.line = reply.json["id"], Fate.THERE, reply.line

    def after_removal(self, fate: Fate, path: str, op: str) -> Fate:
        """404 is right only where an earlier removal may have been done."""
        reply = self.person.send(op, "DELETE", path, also=_LOST if fate is Fate.UNSURE else ())
        if reply.is_ok or (reply.status == 404 and fate is Fate.UNSURE):
            return Fate.GONE
        return Fate.UNSURE if reply.is_lost else fate

    def _compare(self, reply: Reply, what: str, fates: dict[str, Fate]) -> None:
        listed = [one["id"] for one in reply.json]
        for id, fate in fates.items():
            if fate is Fate.THERE and listed.count(id) != 1:
                invariant = Invariant.UPLOADS if what == "document" else Invariant.VISIBLE
                told = f"{what} {id} is listed {listed.count(id)} times, and must be once"
                self.person.history.violated(invariant, told, reply.line)
            if fate is Fate.GONE and id in listed:
                told = f"{what} {id} is listed, and was removed"
                self.person.history.violated(Invariant.VISIBLE, told, reply.line)

    def _know(self, reply: Reply, unsure: dict[str, Bot] | dict[str, Document], *, by: str) -> None:
        """What nobody told the end of turns out to be there."""
        for one in reply.json:
            if (thing := unsure.pop(one[by], None)) is not None and thing.fate is Fate.UNSURE:
                thing.id, thing.fate, thing.line = one["id"], Fate.THERE, reply.line

    def _name(self) -> str:
        return f"Bot {self.person.mark} {self.person.seeded.randrange(10**9)}"


def _bot(name: str, person: Person) -> dict[str, object]:
    """Each with models of its own: one that was found failing rests, and others must not rest with it."""
    models = [f"stub-{person.seeded.randrange(10**6)}" for _ in range(3)]
    configs = [{"task_type": "general", "provider": "local", "model_id": model} for model in models]
    configs.insert(person.seeded.randrange(4), {"task_type": "general", "provider": "openai", "model_id": "gpt-4o"})
    prompt = f"Eres de {person.mark}."
    return {"name": name, "system_prompt": prompt, "embedding_model": "openai", "initial_configs": configs}
