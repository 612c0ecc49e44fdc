"""What the platform kept of what it was sent: nothing acknowledged may be missing, nothing may be there twice."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.bench.restarts_load.stack import wait_for
from tests.bench.restarts_load.traffic import Person, Sent, file_text, question

_TRAINED_WITHIN_S = 300.0


@dataclass(frozen=True, slots=True)
class Effects:
    """`missing` were acknowledged and left no trace, or another than was told; `doubled` left more than one."""

    missing: tuple[str, ...]
    doubled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    bots: dict[str, dict[str, Any]]
    names: Counter[str]
    titles: Counter[str]
    files: Counter[str]
    documents: dict[str, dict[str, Any]]


def look_up(everybody: Sequence[Person], sent: Sequence[Sent]) -> Effects:
    """Read everything back, once all documents are trained."""
    missing: list[str] = []
    doubled: list[str] = []
    for person in everybody:
        kept = _kept(person)
        for one in sent:
            if one.person is person and one.kind != "read":
                count = _count(one, kept)
                missing += [_named(one)] if one.is_acknowledged and not (count and _is_right(one, kept)) else []
                doubled += [_named(one)] if count > 1 else []
    return Effects(tuple(missing), tuple(doubled))


def _named(sent: Sent) -> str:
    return f"{sent.kind} {sent.mark}"


def _kept(person: Person) -> _Kept:
    http = person.owner.http
    documents = f"/bots/{person.files}/documents/"
    wait_for(lambda: _all_trained(http, documents), "every document is trained", within_s=_TRAINED_WITHIN_S)
    bots = list(_pages(http, "/bots/"))
    files = http.get(documents).json()
    return _Kept(
        bots={bot["id"]: bot for bot in bots},
        names=Counter(bot["name"] for bot in bots),
        titles=Counter(
            conversation["title"]
            for bot in (person.trained, person.plain)
            for conversation in _pages(http, f"/bots/{bot}/conversations/")
        ),
        files=Counter(document["filename"] for document in files),
        documents={document["id"]: document for document in files},
    )


def _all_trained(http: httpx2.Client, path: str) -> bool:
    return all(document["status"] in ("ready", "failed") for document in http.get(path).json())


def _pages(http: httpx2.Client, path: str) -> Iterator[dict[str, Any]]:
    url: str | None = f"{path}?limit=200"
    while url:
        answer = http.get(url)
        answer.raise_for_status()
        yield from answer.json()
        url = answer.links.get("next", {}).get("url")


def _count(sent: Sent, kept: _Kept) -> int:
    match sent.kind:
        case "create":
            return kept.names[sent.mark]
        case "change":
            return int(kept.bots[sent.target]["description"] == sent.mark)
        case "upload":
            return kept.files[f"{sent.mark}.txt"]
        case _:
            return kept.titles[question(sent)[:80]]


def _is_right(sent: Sent, kept: _Kept) -> bool:
    match sent.kind:
        case "create":
            return kept.bots.get(sent.made, {}).get("name") == sent.mark
        case "change":
            return sent.made == sent.target
        case "upload":
            return _is_trained(sent, kept.documents.get(sent.made, {}))
        case _:
            return _is_told(sent)


def _is_trained(sent: Sent, document: dict[str, Any]) -> bool:
    size = len(file_text(sent).encode())
    told = {"status": "ready", "size_bytes": size, "chunks": 1, "chunks_embedded": 1}
    return told.items() <= document.items()


def _is_told(sent: Sent) -> bool:
    """The conversation holds the question and what was streamed; of a stream that broke off, at least that."""
    answer = sent.person.owner.http.get(f"/conversations/{sent.made}")
    if answer.status_code != 200:
        return False
    asked, *answers = answer.json()["messages"]
    if asked["text"] != question(sent) or len(answers) > 1:
        return False
    text = answers[0]["text"] if answers else ""
    return bool(text == sent.said if sent.is_whole else text.startswith(sent.said))
