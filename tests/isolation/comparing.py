"""Whether an owner sees exactly what the model says: no more, no less, nothing changed."""

from typing import Any

from tests.isolation.accounts import Account
from tests.isolation.watch import Watch


def compare(watch: Watch, account: Account) -> None:
    """Ask for everything that can be asked for."""
    me = watch.send(account, "GET", "/users/me").json()
    assert (me["id"], me["email"]) == (account.id, account.email)
    sessions = watch.send(account, "GET", "/users/me/sessions").json()
    assert {one["id"]: one["current"] for one in sessions} == {
        session_id: session_id == account.session_ids[-1] for session_id in account.session_ids
    }
    _compare_bots(watch, account)
    _compare_documents(watch, account)
    _compare_talks(watch, account)
    _compare_usage(watch, account)
    _compare_export(watch, account)


def _compare_bots(watch: Watch, account: Account) -> None:
    listed = {bot["id"]: bot for bot in watch.send(account, "GET", "/bots/").json()}
    assert {bot_id: _bot(body) for bot_id, body in listed.items()} == {
        bot_id: (bot.name, bot.description, bot.system_prompt, bot.toolbox) for bot_id, bot in account.bots.items()
    }
    for bot_id, body in listed.items():
        assert watch.send(account, "GET", f"/bots/{bot_id}").json() == body
        assert watch.send(account, "GET", f"/bots/{bot_id}/models/").json() == body["configs"]


def _bot(body: dict[str, Any]) -> tuple[str, str, str, dict[str, str]]:
    toolbox = {config["id"]: config["model_id"] for config in body["configs"]}
    return body["name"], body["description"], body["system_prompt"], toolbox


def _compare_documents(watch: Watch, account: Account) -> None:
    expected = {
        document_id: (bot_id, document.filename)
        for bot_id, bot in account.bots.items()
        for document_id, document in bot.documents.items()
    }
    found = watch.send(account, "GET", "/documents/").json()
    assert {one["id"]: (one["bot_id"], one["filename"]) for one in found} == expected
    for bot_id, bot in account.bots.items():
        of_the_bot = watch.send(account, "GET", f"/bots/{bot_id}/documents/").json()
        assert {one["id"] for one in of_the_bot} == set(bot.documents)
        for document_id, document in bot.documents.items():
            text = watch.send(account, "GET", f"/bots/{bot_id}/documents/{document_id}/text").text
            assert text == document.text


def _compare_talks(watch: Watch, account: Account) -> None:
    for bot_id in account.bots:
        listed = watch.send(account, "GET", f"/bots/{bot_id}/conversations/").json()
        assert {one["id"] for one in listed} == {
            talk_id for talk_id, talk in account.talks.items() if talk.bot_id == bot_id
        }
    for talk_id, talk in account.talks.items():
        stored = watch.send(account, "GET", f"/conversations/{talk_id}").json()
        assert [(message["role"], message["text"]) for message in stored["messages"]] == talk.said
        assert [message["id"] for message in stored["messages"]] == talk.message_ids
        cited = [citation for message in stored["messages"] for citation in message["citations"]]
        assert {one["document_id"] for one in cited} <= {None, *account.bots[talk.bot_id].documents}


def _compare_usage(watch: Watch, account: Account) -> None:
    usage = watch.send(account, "GET", "/usage/").json()
    assert usage["total"]["answers"] == account.answers.total()
    assert {one["bot_id"]: one["answers"] for one in usage["bots"]} == dict(account.answers)
    keys = {one["provider"]: one["key_last4"] for one in watch.send(account, "GET", "/providers/").json()}
    assert keys["openai"] == (account.key and account.key[-4:])
    used = {one["quota"]: one["used"] for one in watch.send(account, "GET", "/users/me/quotas").json()}
    documents = [document for bot in account.bots.values() for document in bot.documents.values()]
    assert (used["bots"], used["documents"]) == (len(account.bots), len(documents))
    assert used["stored_bytes"] == sum(len(document.text.encode()) for document in documents)


def _compare_export(watch: Watch, account: Account) -> None:
    export = watch.send(account, "GET", "/users/me/export").json()
    assert export["account"]["id"] == account.id
    assert {one["id"] for one in export["sessions"]} == set(account.session_ids)
    assert {bot["id"]: bot["name"] for bot in export["bots"]} == {
        bot_id: bot.name for bot_id, bot in account.bots.items()
    }
    assert {one["id"]: one["text"] for one in export["documents"]} == {
        document_id: document.text
        for bot in account.bots.values()
        for document_id, document in bot.documents.items()
    }
    assert {one["id"]: [message["text"] for message in one["messages"]] for one in export["conversations"]} == {
        talk_id: [text for _, text in talk.said] for talk_id, talk in account.talks.items()
    }
    assert len(export["usage"]) == account.answers.total()
