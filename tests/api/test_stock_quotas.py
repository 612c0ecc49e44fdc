"""How much an owner may keep: bots, documents, bytes, models of a bot. Deleting makes room, time does not."""

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from app.embedded.services import Services
from tests.api.vendors import person_at
from tests.platform import Owner, api_process, free_port
from tests.rows import Database
from tests.services import wait_until

BOTS, DOCUMENTS, MODELS = 3, 3, 32
MEGABYTE = 1024 * 1024
AT_ONCE = 50
# What may insert at the same time: an API's connections, and the uploads that it has in memory.
CONNECTIONS, UPLOADS = 10, 2
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
Start = Callable[..., str]


@pytest.fixture(scope="module")
def start(services: Services, logs: Path) -> Iterator[Start]:
    """Starts an API with these settings, and gives its address. It has no broker: nothing is trained."""
    with ExitStack() as stack:

        def start(**settings: object) -> str:
            words = {name: str(value) for name, value in settings.items()}
            broker = f"redis://127.0.0.1:{free_port()}/0"
            url, _ = stack.enter_context(api_process(services, logs, REDIS_URL=broker, **words))
            return url

        yield start


@pytest.fixture(scope="module")
def strict_api(start: Start) -> str:
    return start(BOTS_PER_OWNER=BOTS, DOCUMENTS_PER_OWNER=DOCUMENTS, STORAGE_MB_PER_OWNER=1)


@pytest.fixture
def keeper(strict_api: str) -> Iterator[Owner]:
    with person_at(strict_api) as keeper:
        yield keeper


@pytest.fixture
def other(strict_api: str) -> Iterator[Owner]:
    with person_at(strict_api) as other:
        yield other


def told(answer: httpx2.Response) -> dict[str, Any]:
    """The problem of a refusal. Nothing says when to come again: by itself there is never room."""
    assert answer.status_code == 409, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == "quota_full"
    assert "retry-after" not in answer.headers
    return body


def add_bot(person: Owner) -> httpx2.Response:
    return person.http.post("/bots/", json={"name": "Otro"})


def fill_with_bots(person: Owner, count: int = BOTS) -> list[str]:
    return [str(person.new_bot()["id"]) for _ in range(count)]


def fill_with_documents(person: Owner, bot_id: str, count: int = DOCUMENTS) -> list[str]:
    answers = [person.upload(bot_id, f"Nota {number}.") for number in range(count)]
    assert [answer.status_code for answer in answers] == [202] * count
    return [answer.json()["id"] for answer in answers]


@contextmanager
def at(url: str, person: Owner) -> Iterator[Owner]:
    """The same person, with the same token, at another API of the same database."""
    with httpx2.Client(base_url=url, timeout=30, trust_env=False, headers=person.http.headers) as http:
        yield replace(person, http=http)


def quotas(person: Owner) -> dict[str, dict[str, Any]]:
    return {one["quota"]: one for one in person.http.get("/users/me/quotas").raise_for_status().json()}


def test_the_bot_past_the_limit_is_refused_with_which_how_much_and_what_to_do(keeper: Owner, other: Owner) -> None:
    fill_with_bots(keeper)

    body = told(add_bot(keeper))

    assert (body["quota"], body["limit"], body["used"]) == ("bots", BOTS, BOTS)
    assert body["detail"] == "Has llegado al límite de 3 bots: hay 3. Borra alguno para hacer sitio."
    assert len(keeper.http.get("/bots/").json()) == BOTS
    assert add_bot(other).status_code == 200


def test_a_deleted_bot_makes_room_at_once_also_for_its_documents(keeper: Owner) -> None:
    bots = fill_with_bots(keeper)
    fill_with_documents(keeper, bots[0])
    told(keeper.upload(bots[1], "Una más."))

    keeper.http.delete(f"/bots/{bots[0]}").raise_for_status()

    assert add_bot(keeper).status_code == 200
    assert keeper.upload(bots[1], "Una más.").status_code == 202
    told(add_bot(keeper))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("es", "Has llegado al límite de 3 documentos: hay 3. Borra alguno para hacer sitio."),
        ("en", "You have reached the limit of 3 documents: there are 3. Delete some to make room."),
    ],
)
def test_the_document_past_the_limit_is_refused_whichever_bot_it_is_for(
    language: str, sentence: str, keeper: Owner, other: Owner
) -> None:
    first, second = fill_with_bots(keeper, 2)
    fill_with_documents(keeper, first, DOCUMENTS - 1)
    fill_with_documents(keeper, second, 1)
    keeper.http.headers["Accept-Language"] = language

    body = told(keeper.upload(second, "Una más."))

    assert (body["quota"], body["limit"], body["used"]) == ("documents", DOCUMENTS, DOCUMENTS)
    assert body["detail"] == sentence
    assert len(keeper.http.get("/documents/").json()) == DOCUMENTS
    assert other.upload(other.new_bot()["id"], "Una más.").status_code == 202


def test_a_deleted_document_makes_room_at_once(keeper: Owner) -> None:
    bot_id = keeper.new_bot()["id"]
    first, *_ = fill_with_documents(keeper, bot_id)
    told(keeper.upload(bot_id, "Una más."))

    keeper.http.delete(f"/bots/{bot_id}/documents/{first}").raise_for_status()

    assert keeper.upload(bot_id, "Una más.").status_code == 202
    told(keeper.upload(bot_id, "Y otra."))


def test_the_same_bytes_again_are_no_document_more(keeper: Owner) -> None:
    bot_id, elsewhere = fill_with_bots(keeper, 2)
    ids = fill_with_documents(keeper, bot_id)

    again = keeper.upload(bot_id, "Nota 0.", "con-otro-nombre.txt")

    assert (again.status_code, again.json()["id"]) == (200, ids[0])
    told(keeper.upload(elsewhere, "Nota 0."))
    assert len(keeper.http.get("/documents/").json()) == DOCUMENTS


def test_a_document_of_just_what_is_left_is_taken_and_a_byte_more_is_not(keeper: Owner) -> None:
    bot_id, size = keeper.new_bot()["id"], 700_000
    keeper.upload(bot_id, b"a" * size).raise_for_status()

    over = told(keeper.upload(bot_id, b"b" * (MEGABYTE - size + 1)))
    exact = keeper.upload(bot_id, b"b" * (MEGABYTE - size))

    assert (over["quota"], over["limit"], over["used"]) == ("stored_bytes", MEGABYTE, size)
    assert over["detail"] == (
        "Tus documentos ocupan 0,7 MB de los 1 MB que puedes guardar, y este no cabe. "
        "Borra alguno para hacer sitio."
    )
    assert exact.status_code == 202
    assert quotas(keeper)["stored_bytes"]["used"] == MEGABYTE
    assert keeper.upload(bot_id, b"a" * size).status_code == 200


def test_the_sentence_on_bytes_is_english_for_an_english_reader(keeper: Owner) -> None:
    keeper.http.headers["Accept-Language"] = "en"

    body = told(keeper.upload(keeper.new_bot()["id"], b"a" * (MEGABYTE + 1)))

    assert body["detail"].startswith("Your documents take 0 MB of the 1 MB that you may store; this one does not")


def test_bytes_that_are_too_many_are_refused_before_they_are_sent(keeper: Owner) -> None:
    bot_id = keeper.new_bot()["id"]
    fill_with_documents(keeper, bot_id)

    answer = answer_to_headers(keeper, bot_id, size=20 * MEGABYTE)

    assert answer.startswith(b"HTTP/1.1 409 ")
    assert b'"quota":"documents"' in answer


def answer_to_headers(person: Owner, bot_id: str, *, size: int) -> bytes:
    """What the server says to an upload of which nothing follows."""
    address = urlsplit(str(person.http.base_url))
    head = f"POST /bots/{bot_id}/train HTTP/1.1\r\nHost: prueba\r\nAuthorization: Bearer {person.token}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as client:
        client.sendall(head.encode())
        said = b""
        while b"quota_full" not in said and (piece := client.recv(65536)):
            said += piece
    return said


def test_an_upload_of_unknown_length_is_counted_when_it_is_there(keeper: Owner) -> None:
    bot_id = keeper.new_bot()["id"]
    fill_with_documents(keeper, bot_id)

    answers = [upload_in_chunks(keeper, bot_id, text) for text in ("Una más.", "Nota 0.")]

    assert told(answers[0])["quota"] == "documents"
    assert answers[1].status_code == 200


def upload_in_chunks(person: Owner, bot_id: str, text: str) -> httpx2.Response:
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    return person.http.post(
        f"/bots/{bot_id}/train",
        content=iter([part.encode(), text.encode(), b"\r\n--x--\r\n"]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )


def test_bots_made_at_once_fill_the_last_place_alone(keeper: Owner, db: Database) -> None:
    fill_with_bots(keeper, BOTS - 1)

    answers = at_once(lambda _: add_bot(keeper), db, "bots", together=CONNECTIONS)

    assert answers == {200: 1, 409: AT_ONCE - 1}
    assert len(keeper.http.get("/bots/").json()) == BOTS


def test_documents_sent_at_once_fill_the_last_place_alone(keeper: Owner, db: Database) -> None:
    bots = fill_with_bots(keeper)
    fill_with_documents(keeper, bots[0], DOCUMENTS - 1)

    answers = at_once(
        lambda number: keeper.upload(bots[number % BOTS], f"A la vez, {number}."), db, "documents", together=UPLOADS
    )

    assert answers == {202: 1, 409: AT_ONCE - 1}
    assert len(keeper.http.get("/documents/").json()) == DOCUMENTS


def test_the_same_document_sent_at_once_takes_the_last_place_and_all_get_it(keeper: Owner, db: Database) -> None:
    bot_id = keeper.new_bot()["id"]
    fill_with_documents(keeper, bot_id, DOCUMENTS - 1)

    answers = at_once(lambda _: keeper.upload(bot_id, "Siempre la misma."), db, "documents", together=UPLOADS)

    assert answers == {202: 1, 200: AT_ONCE - 1}


def test_bytes_sent_at_once_stay_within_the_limit(keeper: Owner, db: Database) -> None:
    bot_id, size = keeper.new_bot()["id"], 600_000

    answers = at_once(
        lambda number: keeper.upload(bot_id, f"{number:02}".encode() * (size // 2)),
        db,
        "documents",
        together=UPLOADS,
    )

    assert answers == {202: 1, 409: AT_ONCE - 1}
    assert quotas(keeper)["stored_bytes"]["used"] == size


def at_once(send: Callable[[int], httpx2.Response], db: Database, table: str, *, together: int) -> Counter[int]:
    """The statuses of so many requests. Those that can be `together` have all looked before the first inserts."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        with inserts_held(db, table):
            sent = [pool.submit(send, number) for number in range(AT_ONCE)]
            # A worker of the same database may wait with them.
            wait_until(lambda: db.rows(WAITING, table) >= [(together,)], within_s=30)
        return Counter(one.result().status_code for one in sent)


@contextmanager
def inserts_held(db: Database, table: str) -> Iterator[None]:
    """While it lasts the table is read, and written by nobody."""
    db.run("BEGIN")
    try:
        db.run(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        db.run("COMMIT")


def test_a_toolbox_holds_so_many_models_and_no_more_also_when_they_come_at_once(
    keeper: Owner, db: Database
) -> None:
    models = f"/bots/{keeper.new_bot(initial_configs=[])['id']}/models/"

    def add(number: int) -> httpx2.Response:
        body = {"provider": "openai", "model_id": f"m{number}", "task_type": "general"}
        return keeper.http.post(models, json=body)

    answers = at_once(add, db, "model_configs", together=1)
    body = told(add(AT_ONCE))

    assert answers == {200: MODELS, 409: AT_ONCE - MODELS}
    assert (body["quota"], body["limit"], body["used"]) == ("models", MODELS, MODELS)
    assert len(keeper.http.get(models).json()) == MODELS
    first = keeper.http.get(models).json()[0]["id"]
    keeper.http.delete(f"{models}{first}").raise_for_status()
    assert add(AT_ONCE).status_code == 200


def test_a_limit_outlives_the_process_that_counted(keeper: Owner, start: Start) -> None:
    fill_with_bots(keeper)

    with at(start(BOTS_PER_OWNER=BOTS), keeper) as again:
        assert told(add_bot(again))["quota"] == "bots"


def test_who_has_more_than_a_new_limit_keeps_it_and_adds_nothing(keeper: Owner, start: Start) -> None:
    fill_with_bots(keeper)
    bot_id = str(keeper.http.get("/bots/").json()[0]["id"])
    fill_with_documents(keeper, bot_id)

    with at(start(BOTS_PER_OWNER=1, DOCUMENTS_PER_OWNER=1), keeper) as again:
        refused = [told(add_bot(again)), told(again.upload(bot_id, "Una más."))]

        assert [(one["limit"], one["used"]) for one in refused] == [(1, BOTS), (1, DOCUMENTS)]
        assert len(again.http.get("/bots/").json()) == BOTS
        assert len(again.http.get("/documents/").json()) == DOCUMENTS
        assert again.http.put(f"/bots/{bot_id}", json={"name": "Otro nombre"}).status_code == 200


def test_zero_is_no_limit(start: Start) -> None:
    free = start(BOTS_PER_OWNER=0, DOCUMENTS_PER_OWNER=0, STORAGE_MB_PER_OWNER=0, TOKENS_PER_DAY=0)
    with person_at(free) as person:
        bot_id = fill_with_bots(person, BOTS + 2)[0]
        fill_with_documents(person, bot_id, DOCUMENTS + 2)
        limits = {name: one["limit"] for name, one in quotas(person).items()}

        assert person.upload(bot_id, b"a" * (MEGABYTE + 1)).status_code == 202
        assert limits == dict.fromkeys(("bots", "documents", "stored_bytes", "tokens_per_day")) | {
            "server_keys_usd_per_day": 1
        }


def test_the_account_sees_what_it_uses_of_each_limit_and_when_it_is_whole_again(
    keeper: Owner, other: Owner, db: Database
) -> None:
    fill_with_documents(other, other.new_bot()["id"])
    fill_with_documents(keeper, fill_with_bots(keeper, 2)[0], 1)
    use_today(keeper, db, tokens=42, server_micro_usd=250_000, held_micro_usd=500_000)
    today = datetime.now(UTC).date()
    tomorrow = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)

    found = quotas(keeper)

    assert {name: (one["used"], one["limit"]) for name, one in found.items()} == {
        "bots": (2, BOTS),
        "documents": (1, DOCUMENTS),
        "stored_bytes": (len("Nota 0."), MEGABYTE),
        "tokens_per_day": (42, None),
        "server_keys_usd_per_day": (0.75, 1),
    }
    assert {name for name, one in found.items() if one["resets_at"] is None} == {
        "bots",
        "documents",
        "stored_bytes",
    }
    assert datetime.fromisoformat(found["tokens_per_day"]["resets_at"]) == tomorrow
    assert found["server_keys_usd_per_day"]["resets_at"] == found["tokens_per_day"]["resets_at"]


def use_today(person: Owner, db: Database, *, tokens: int, server_micro_usd: int, held_micro_usd: int) -> None:
    """What was held for an answer that went away an hour ago counts no more, and yesterday's use neither."""
    at = datetime.now(UTC)
    holds = {
        "now": [held_micro_usd, (at + timedelta(hours=1)).timestamp()],
        "long ago": [held_micro_usd, (at - timedelta(hours=1)).timestamp()],
    }
    for day, used in ((at.date(), server_micro_usd), (at.date() - timedelta(days=1), 10 * server_micro_usd)):
        db.insert(
            "usage_days", owner_id=person.id, day=day, tokens=tokens, server_micro_usd=used, holds=json.dumps(holds)
        )


def test_a_new_account_has_used_nothing(keeper: Owner) -> None:
    assert {one["used"] for one in quotas(keeper).values()} == {0}


def test_who_lends_no_keys_has_a_limit_of_no_dollars(start: Start) -> None:
    with person_at(start(SERVER_KEYS="off")) as person:
        assert quotas(person)["server_keys_usd_per_day"]["limit"] == 0
