"""Three owners who do whatever the API lets them, in any order; after each step each has its bots and no others."""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.isolation.accounts import new_word, pick, session_of
from tests.isolation.comparing import compare
from tests.isolation.world import World
from tests.routes import OWNED, content_of, ids_of_nothing, url_of
from tests.rows import Database
from tests.vendors.server import Vendor

WHO = st.integers(0, 2)
N = st.integers(0, 99)
_MOST = 4

Act = Callable[..., None]
ACTS: dict[str, tuple[Act, dict[str, st.SearchStrategy[Any]]]] = {}


def act(**strategies: st.SearchStrategy[Any]) -> Callable[[Act], Act]:
    """What an owner may do, and what has to be chosen for it."""

    def added(function: Act) -> Act:
        ACTS[function.__name__] = (function, strategies)
        return function

    return added


def _chosen() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """One of them, all equally often: rules of their own would be left out of whole runs, as Hypothesis does."""
    return st.one_of(
        [st.tuples(st.just(name), st.fixed_dictionaries(strategies)) for name, (_, strategies) in ACTS.items()]
    )


class Tenants(RuleBasedStateMachine):
    """`steps` counts what was done, by name, over all runs.

    `failures` has what Hypothesis hides where a failing run goes otherwise when it is tried again.
    """

    def __init__(self, base_url: str, vendor: Vendor, db: Database, steps: Counter[str]) -> None:
        super().__init__()
        self.failures: list[Exception] = []
        self.world, self.db, self.steps = World(base_url, vendor), db, steps
        self.send = self.world.watch.send

    @rule(chosen=st.deferred(_chosen))
    def do(self, chosen: tuple[str, dict[str, Any]]) -> None:
        name, values = chosen
        self.steps[name] += 1
        try:
            ACTS[name][0](self, **values)
        except Exception as error:
            self.failures.append(error)
            raise

    # Accounts.

    # The first of all: the simplest run that there is, with which Hypothesis begins, does nothing else.
    @act(who=WHO)
    def ask_who_i_am(self, who: int) -> None:
        account = self.world.somebody(who)

        assert self.send(account, "GET", "/users/me").json()["id"] == account.id

    @act(who=WHO)
    def log_in(self, who: int) -> None:
        self.world.log_in(self.world.somebody(who))

    @act(who=WHO)
    def log_out(self, who: int) -> None:
        account = self.world.somebody(who)
        self.send(account, "POST", "/token/revoke", status=204)
        account.ended_tokens.append(account.tokens.pop())

    @act(who=WHO, n=N)
    def end_a_session(self, who: int, n: int) -> None:
        """Perhaps the one that asks."""
        account = self.world.somebody(who)
        token = pick(account.tokens, n)
        self.send(account, "DELETE", f"/users/me/sessions/{session_of(token)}", status=204)
        account.tokens.remove(token)
        account.ended_tokens.append(token)

    @act(who=WHO)
    def change_password(self, who: int) -> None:
        """By a second session, which stays alone."""
        account = self.world.somebody(who)
        self.world.log_in(account)
        earlier = account.tokens[:-1]

        self.world.change_password(account)

        for token in earlier:
            self.send(account, "GET", "/users/me", token=token, status=401)

    @act(who=WHO)
    def remove_account(self, who: int) -> None:
        self.world.remove_account(who)

    @act(n=N)
    def use_an_ended_token(self, n: int) -> None:
        everybody = [*self.world.accounts, *self.world.removed]
        ended = [(account, token) for account in everybody for token in account.ended_tokens]
        if ended:
            account, token = pick(ended, n)
            self.send(account, "GET", "/users/me", token=token, status=401)

    @act(who=WHO)
    def save_a_key(self, who: int) -> None:
        account = self.world.somebody(who)
        key = f"sk-{new_word(account.mark)}"
        answer = self.world.watch.try_to(account, "PUT", "/providers/openai/key?unchecked=true", json={"key": key})
        # Ten a minute and no more are looked at.
        assert answer.status_code in (200, 429), answer.text
        account.key = key if answer.status_code == 200 else account.key

    @act(who=WHO)
    def remove_the_key(self, who: int) -> None:
        account = self.world.somebody(who)
        self.send(account, "DELETE", "/providers/openai/key", status=204)
        account.key = None

    # Bots and their toolboxes.

    @act(who=WHO)
    def add_a_bot(self, who: int) -> None:
        account = self.world.somebody(who)
        if len(account.bots) < _MOST:
            self.world.add_bot(account)

    @act(who=WHO, n=N)
    def change_a_bot(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id = self.world.bot_of(account, n)
        fields = {name: new_word(account.mark) for name in ("name", "system_prompt")}
        self.send(account, "PUT", f"/bots/{bot_id}", json=fields)
        account.bots[bot_id].name, account.bots[bot_id].system_prompt = fields["name"], fields["system_prompt"]

    @act(who=WHO, n=N)
    def remove_a_bot(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id = self.world.bot_of(account, n)
        self.send(account, "DELETE", f"/bots/{bot_id}", status=204)
        account.lose_bot(bot_id)

    @act(who=WHO, n=N)
    def add_a_model(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id, model_id = self.world.bot_of(account, n), new_word(account.mark)
        config = {"task_type": "general", "provider": "openai", "model_id": model_id}
        config_id = self.send(account, "POST", f"/bots/{bot_id}/models/", json=config).json()["id"]
        account.bots[bot_id].toolbox[config_id] = model_id
        self.world.watch.note(account, config_id)

    @act(who=WHO, n=N)
    def change_a_model(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id, model_id = self.world.bot_of(account, n), new_word(account.mark)
        config_id = pick(list(account.bots[bot_id].toolbox), n)
        self.send(account, "PUT", f"/bots/{bot_id}/models/{config_id}", json={"model_id": model_id})
        account.bots[bot_id].toolbox[config_id] = model_id

    @act(who=WHO, n=N)
    def remove_a_model(self, who: int, n: int) -> None:
        """But not the last: without one nobody answers."""
        account = self.world.somebody(who)
        bot_id = self.world.bot_of(account, n)
        toolbox = account.bots[bot_id].toolbox
        if len(toolbox) > 1:
            config_id = pick(list(toolbox), n)
            self.send(account, "DELETE", f"/bots/{bot_id}/models/{config_id}", status=204)
            del toolbox[config_id]

    # Documents.

    @act(who=WHO, n=N)
    def upload(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        self.world.upload(account, self.world.bot_of(account, n))

    @act(who=WHO, n=N)
    def upload_the_same_again(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        self.world.upload_again(account, *self.world.document_of(account, n))

    @act(who=WHO, n=N)
    def remove_a_document(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id, document_id = self.world.document_of(account, n)
        self.send(account, "DELETE", f"/bots/{bot_id}/documents/{document_id}", status=204)
        account.lose_document(bot_id, document_id)

    @act(who=WHO, n=N)
    def search(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id, document_id = self.world.document_of(account, n)
        document = self.world.wait_until_searchable(account, bot_id, document_id)

        found = self.world.search(account, bot_id, document.topic)

        assert document_id in [passage["document_id"] for passage in found]

    @act(who=WHO, whose=WHO, n=N)
    def search_for_what_another_has(self, who: int, whose: int, n: int) -> None:
        other = self.world.somebody(whose)
        topic = other.bots[(there := self.world.document_of(other, n))[0]].documents[there[1]].topic
        account = self.world.somebody(who)

        self.world.search(account, self.world.bot_of(account, n), f"{topic} {other.mark}")

    # Conversations.

    @act(who=WHO, n=N)
    def ask(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        bot_id, document_id = self.world.document_of(account, n)
        document = self.world.wait_until_searchable(account, bot_id, document_id)

        self.world.ask(account, bot_id, document.topic)

        assert document.secret in self.world.vendor.requests[-1].body.decode()

    @act(who=WHO, n=N)
    def go_on(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        talk_id = self.world.talk_of(account, n)
        self.world.ask(account, account.talks[talk_id].bot_id, "lo de antes", talk_id=talk_id)

    @act(who=WHO, n=N)
    def ask_again(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        self.world.ask_again(account, account.talks[self.world.talk_of(account, n)], n)

    @act(who=WHO, n=N)
    def remove_a_conversation(self, who: int, n: int) -> None:
        account = self.world.somebody(who)
        talk_id = self.world.talk_of(account, n)
        self.send(account, "DELETE", f"/conversations/{talk_id}", status=204)
        del account.talks[talk_id]

    # Beyond what is one's own.

    @act(who=WHO, whose=WHO, n=N, in_my_bot=st.booleans())
    def reach_for_anothers(self, who: int, whose: int, n: int, in_my_bot: bool) -> None:
        """By every route; where it is oneself, for what does not exist."""
        account, other = self.world.somebody(who), self.world.somebody(whose)
        theirs = ids_of_nothing() if other is account else self.world.ids_of(other, n)
        nested = replace(theirs, bot_id=self.world.bot_of(account, n)) if in_my_bot else theirs

        for route in OWNED:
            ids = nested if route[1].count("{") > 1 else theirs
            answer = self.world.watch.try_to(account, route[0], url_of(route[1], ids), **content_of(route))
            assert answer.status_code == 404, (route, ids, answer.text)

    @act(who=WHO)
    def look_at_everything(self, who: int) -> None:
        compare(self.world.watch, self.world.somebody(who))

    @invariant()
    def each_has_its_bots_and_no_others(self) -> None:
        for account in self.world.accounts:
            if account.tokens:
                listed = self.send(account, "GET", "/bots/").json()
                assert {bot["id"] for bot in listed} == set(account.bots)

    def teardown(self) -> None:
        try:
            for who in range(len(self.world.people)):
                compare(self.world.watch, self.world.somebody(who))
            gone = [identity for account in self.world.removed for identity in self.world.watch.ids_of(account)]
            assert self.db.mentions(*gone) == {}
        finally:
            for failure in self.failures:
                traceback.print_exception(failure)
            self.world.watch.close()
