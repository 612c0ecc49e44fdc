"""The API as the state machine uses it: each act checks its answer and writes down what it should have changed."""

import uuid
from collections import Counter
from typing import Any

from app.core.database import new_id
from tests.api.vendors import SERVER_KEYS, key_of
from tests.isolation.accounts import FIRST_PASSWORD, Account, Bot, Document, Talk, new_word, pick
from tests.isolation.watch import Watch
from tests.platform import parse_events, text_of
from tests.routes import Ids
from tests.services import wait_until
from tests.vendors.script import parse
from tests.vendors.server import Vendor

_EVENTS = {"Accept": "text/event-stream"}


class World:
    """Three people, their accounts as they should be, and a vendor that keeps every prompt it gets."""

    def __init__(self, base_url: str, vendor: Vendor) -> None:
        self.watch = Watch(base_url)
        self.vendor = vendor
        self.done: Counter[str] = Counter()
        self.people: list[Account | None] = [None, None, None]
        self.removed: list[Account] = []
        self._emails = [f"{new_word('persona')}@ejemplo.com" for _ in self.people]
        self._marks = [new_word("marca") for _ in self.people]

    @property
    def accounts(self) -> list[Account]:
        return [account for account in self.people if account is not None]

    def somebody(self, who: int) -> Account:
        """With an account, and logged in: registered, for the first time or again, where need be."""
        account = self.people[who] or self._register(who)
        if not account.tokens:
            self.log_in(account)
        return account

    def _register(self, who: int) -> Account:
        body = {"email": self._emails[who], "password": FIRST_PASSWORD}
        answer = self.watch.anyone("POST", "/users/", json=body)
        assert answer.status_code == 200, answer.text
        account = Account(id=answer.json()["id"], email=self._emails[who], mark=self._marks[who])
        self.watch.meet(account)
        self.people[who] = account
        self.done["register"] += 1
        return account

    def log_in(self, account: Account) -> None:
        form = {"username": account.email, "password": account.password}
        answer = self.watch.anyone("POST", "/token", data=form)
        assert answer.status_code == 200, answer.text
        account.tokens.append(answer.json()["access_token"])
        self.watch.note(account, account.session_ids[-1])

    def change_password(self, account: Account) -> None:
        change = {"password": account.password, "new_password": new_word("clave")}
        self.watch.send(account, "PATCH", "/users/me", json=change)
        account.password = change["new_password"]
        account.end_tokens(but=account.tokens[-1])

    def remove_account(self, who: int) -> None:
        account = self.somebody(who)
        self.watch.send(account, "DELETE", "/users/me", status=204)
        account.end_tokens()
        self.removed.append(account)
        self.people[who] = None

    def add_bot(self, account: Account) -> str:
        model_id = new_word(account.mark)
        config = {"task_type": "general", "provider": "openai", "model_id": model_id}
        name, description, system_prompt = (new_word(account.mark) for _ in range(3))
        fields = {"name": name, "description": description, "system_prompt": system_prompt}
        body = self.watch.send(account, "POST", "/bots/", json={**fields, "initial_configs": [config]}).json()
        [row] = body["configs"]
        account.bots[body["id"]] = Bot(name, description, system_prompt, {row["id"]: model_id})
        self.watch.note(account, body["id"], row["id"])
        return str(body["id"])

    def bot_of(self, account: Account, n: int) -> str:
        """One of theirs; a new one where there is none."""
        return pick(list(account.bots), n) if account.bots else self.add_bot(account)

    def upload(self, account: Account, bot_id: str) -> str:
        topic, secret = new_word("asunto"), new_word("secreto")
        text = f"{account.mark} lleva el asunto {topic} desde enero.\n\nEl secreto de {topic} es {secret}."
        document = Document(f"{new_word(account.mark)}.txt", text, topic, secret)
        document_id = str(self._send_file(account, bot_id, document, status=202)["id"])
        account.bots[bot_id].documents[document_id] = document
        self.watch.note(account, document_id)
        return document_id

    def upload_again(self, account: Account, bot_id: str, document_id: str) -> None:
        document = account.bots[bot_id].documents[document_id]
        assert self._send_file(account, bot_id, document, status=200)["id"] == document_id

    def _send_file(self, account: Account, bot_id: str, document: Document, *, status: int) -> dict[str, Any]:
        file = (document.filename, document.text.encode(), "text/plain")
        answer = self.watch.send(account, "POST", f"/bots/{bot_id}/train", files={"file": file}, status=status)
        body: dict[str, Any] = answer.json()
        return body

    def document_of(self, account: Account, n: int) -> tuple[str, str]:
        """One of theirs, with its bot; a new one where there is none."""
        known = [(bot_id, document_id) for bot_id, bot in account.bots.items() for document_id in bot.documents]
        if known:
            return pick(known, n)
        bot_id = self.bot_of(account, n)
        return bot_id, self.upload(account, bot_id)

    def wait_until_searchable(self, account: Account, bot_id: str, document_id: str) -> Document:
        url = f"/bots/{bot_id}/documents/{document_id}"
        wait_until(lambda: self.watch.send(account, "GET", url).json()["searchable"] is True, within_s=60)
        return account.bots[bot_id].documents[document_id]

    def search(self, account: Account, bot_id: str, topic: str) -> list[dict[str, Any]]:
        """What is found: of this bot's documents, each as it was uploaded."""
        body = self.watch.send(account, "POST", f"/bots/{bot_id}/search", json={"query": f"{topic} secreto"}).json()
        found: list[dict[str, Any]] = body["passages"]
        documents = account.bots[bot_id].documents
        for passage in found:
            assert passage["text"] == documents[passage["document_id"]].text[passage["start"] : passage["end"]]
        return found

    def ask(self, account: Account, bot_id: str, topic: str, *, talk_id: str | None = None) -> None:
        question = f"¿Qué sabe {account.mark} del secreto de {topic}?"
        body = {"query": question, **({"conversation_id": talk_id} if talk_id else {})}
        events = self._converse(account, bot_id, f"/chat/{bot_id}", body)
        started = events[0][1]
        talk = account.talks.setdefault(str(started["conversation_id"]), Talk(bot_id))
        assert talk_id in (None, started["conversation_id"])
        talk.said.append(("user", question))
        talk.message_ids.append(started["question_id"])
        self._write_down(account, talk, events)

    def ask_again(self, account: Account, talk: Talk, n: int) -> None:
        message_id = pick(talk.message_ids, n)
        self._write_down(account, talk, self._converse(account, talk.bot_id, f"/messages/{message_id}/retry", None))

    def _converse(
        self, account: Account, bot_id: str, url: str, body: dict[str, str] | None
    ) -> list[tuple[str, dict[str, Any]]]:
        self.vendor.script = parse(f"say=Lo dice {new_word(account.mark)} [1].")
        before = len(self.vendor.requests)
        answer = self.watch.send(account, "POST", url, headers=_EVENTS, json=body)
        events = parse_events(answer.text)
        self._look_at_prompt(account, bot_id, before)
        for name, data in events:
            if name == "sources":
                cited = {passage["document_id"] for passage in data["passages"]}
                assert cited <= set(account.bots[bot_id].documents)
        assert events[-1][0] == "finished", events
        return events

    def _look_at_prompt(self, account: Account, bot_id: str, before: int) -> None:
        """The vendor got this bot's words and nobody else's, with this owner's key or the server's."""
        [request] = [one for one in self.vendor.requests[before:] if one.method == "POST"]
        prompt = request.body.decode()
        self.watch.look_through(account, prompt)
        assert account.bots[bot_id].system_prompt in prompt
        assert [secret for secret in account.secrets_not_of(bot_id) if secret in prompt] == []
        assert key_of(request) == (account.key or SERVER_KEYS["openai"])

    def _write_down(self, account: Account, talk: Talk, events: list[tuple[str, dict[str, Any]]]) -> None:
        started = events[0][1]
        talk.said.append(("assistant", text_of(events)))
        talk.message_ids.append(started["message_id"])
        account.answers[talk.bot_id] += 1
        ids = [started[name] for name in ("conversation_id", "question_id", "message_id")]
        self.watch.note(account, *ids)

    def talk_of(self, account: Account, n: int) -> str:
        """One of theirs; a new one where there is none."""
        if not account.talks:
            bot_id, document_id = self.document_of(account, n)
            self.ask(account, bot_id, account.bots[bot_id].documents[document_id].topic)
        return pick(list(account.talks), n)

    def ids_of(self, account: Account, n: int) -> Ids:
        """Of what they have; of nothing where they have none of a kind."""

        def one(ids: list[str]) -> str | uuid.UUID:
            return pick(ids, n) if ids else new_id()

        bots = list(account.bots.values())
        return Ids(
            bot_id=one(list(account.bots)),
            config_id=one([config_id for bot in bots for config_id in bot.toolbox]),
            document_id=one([document_id for bot in bots for document_id in bot.documents]),
            conversation_id=one(list(account.talks)),
            message_id=one([message_id for talk in account.talks.values() for message_id in talk.message_ids]),
            session_id=one(account.session_ids),
        )
