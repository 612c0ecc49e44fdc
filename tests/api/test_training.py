"""Documents over HTTP: what is taken, what is refused and leaves nothing, and what can be followed."""

import codecs
import threading
import uuid
from typing import Any

import httpx2
import psycopg
import pytest

from app.embedded.services import Services
from tests.api.training import TEXT, assert_problem, documents
from tests.platform import Owner, Running
from tests.services import wait_until


def mark_failed(services: Services, document_id: str) -> None:
    """As the worker leaves a document that it gave up."""
    with psycopg.connect(services.database_url) as connection:
        connection.execute(
            "UPDATE documents SET status = 'failed', error = 'too_many_attempts', attempts = 6, "
            "lease_token = NULL, lease_until = NULL WHERE id = %s",
            (document_id,),
        )


def test_an_upload_is_answered_202_with_the_document(owner: Owner, bot_id: str) -> None:
    answer = owner.upload(bot_id, TEXT, "Manual de la tienda.txt")

    assert answer.status_code == 202
    document = answer.json()
    assert document.keys() == {
        "id", "filename", "size_bytes", "characters", "encoding", "language", "status", "searchable",
        "chunks", "chunks_embedded", "error", "created_at", "ready_at",
    }  # fmt: skip
    assert uuid.UUID(document["id"]).version == 7
    assert (document["filename"], document["size_bytes"]) == ("Manual de la tienda.txt", len(TEXT.encode()))
    assert (document["characters"], document["encoding"]) == (len(TEXT), "utf-8")
    assert (document["status"], document["searchable"], document["error"]) == ("queued", False, None)
    assert (document["chunks"], document["chunks_embedded"], document["ready_at"]) == (0, 0, None)


def test_a_trained_document_tells_its_language_and_its_chunks(
    owner: Owner, bot_id: str, workers: list[Running]
) -> None:
    document = owner.train(bot_id, TEXT)

    assert (document["status"], document["searchable"], document["language"]) == ("ready", True, "es")
    assert document["chunks"] == document["chunks_embedded"] == 1
    assert document["ready_at"] >= document["created_at"]


def test_the_same_bytes_again_are_answered_200_with_the_document_that_is_there(owner: Owner, bot_id: str) -> None:
    first = owner.upload(bot_id, TEXT, "uno.txt")

    second = owner.upload(bot_id, TEXT, "dos.txt")

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["filename"] == "uno.txt"
    assert len(documents(owner, bot_id)) == 1


def test_the_same_bytes_uploaded_ten_times_at_once_are_one_document(owner: Owner, bot_id: str) -> None:
    answers: list[httpx2.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(owner.upload(bot_id, TEXT))) for _ in range(10)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_two_bots_may_hold_the_same_bytes(owner: Owner) -> None:
    answers = [owner.upload(owner.new_bot()["id"], TEXT) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] != answers[1].json()["id"]


def test_the_same_bytes_again_restart_a_document_that_failed(owner: Owner, bot_id: str, services: Services) -> None:
    document_id = owner.upload(bot_id, TEXT).json()["id"]
    mark_failed(services, document_id)

    answer = owner.upload(bot_id, TEXT)

    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["error"]) == (document_id, None)
    assert answer.json()["status"] == "queued"


@pytest.mark.parametrize(
    ("filename", "data", "status", "code"),
    [
        ("vacío.txt", b"", 422, "file_empty"),
        ("blanco.txt", b" \r\n\t \n", 422, "file_empty"),
        ("marca.txt", codecs.BOM_UTF8, 422, "file_empty"),
        ("foto.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 422, "file_not_text"),
        ("manual.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 422, "file_not_text"),
        ("azar.txt", bytes(range(256)) * 8, 422, "file_not_text"),
        ("nulos.txt", b"hola\x00mundo", 422, "file_not_text"),
        ("manual.pdf", b"hola", 422, "file_name_not_txt"),
        ("manual.txt.exe", b"hola", 422, "file_name_not_txt"),
        ("manual", b"hola", 422, "file_name_not_txt"),
        ("txt", b"hola", 422, "file_name_not_txt"),
    ],
)
def test_what_is_no_text_file_is_refused_with_its_reason_and_leaves_nothing(
    owner: Owner, bot_id: str, filename: str, data: bytes, status: int, code: str
) -> None:
    answer = owner.upload(bot_id, data, filename)

    assert_problem(answer, status, code)
    assert documents(owner, bot_id) == []


@pytest.mark.parametrize(
    "body",
    [
        {"files": {"archivo": ("notas.txt", b"hola", "text/plain")}},
        {"files": {"file": ("notas.txt", b"hola"), "other": ("otra.txt", b"hola")}},
        {"data": {"file": "hola"}},
        {"data": {"file": "hola"}, "files": {"other": ("notas.txt", b"hola")}},
        {"json": {"file": "hola"}},
        {"content": b"hola", "headers": {"Content-Type": "text/plain"}},
        {"content": b"hola", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"hola", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {},
    ],
)
def test_a_body_without_the_field_file_is_refused_and_leaves_nothing(
    owner: Owner, bot_id: str, body: dict[str, Any]
) -> None:
    answer = owner.http.post(f"/bots/{bot_id}/train", **body)

    assert_problem(answer, 422, "file_missing")
    assert documents(owner, bot_id) == []


@pytest.mark.parametrize(
    ("charset", "status"), [("undefined", 422), ("none-such", 202), ("zlib", 202), ("idna", 202), ("x" * 3000, 202)]
)
def test_a_name_in_a_charset_of_any_kind_is_taken_or_refused_and_never_fails(
    owner: Owner, bot_id: str, charset: str, status: int
) -> None:
    """INP-4."""
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a..txt"\r\n\r\nhola\r\n--x--\r\n'
    content_type = f"multipart/form-data; charset={charset}; boundary=x"

    answer = owner.http.post(f"/bots/{bot_id}/train", content=part, headers={"Content-Type": content_type})

    assert answer.status_code == status
    assert len(documents(owner, bot_id)) == (status == 202)


def test_a_refusal_speaks_the_clients_language(owner: Owner, bot_id: str) -> None:
    def refusal(language: str) -> str:
        files = {"file": ("nota.txt", b"", "text/plain")}
        answer = owner.http.post(f"/bots/{bot_id}/train", files=files, headers={"Accept-Language": language})
        return str(answer.json()["detail"])

    assert (refusal("es-ES"), refusal("en-GB")) == ("El archivo está vacío.", "The file is empty.")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ana\\notas.txt", "notas.txt"),
        ("/var/lib/notas.txt", "notas.txt"),
        ("mi «manual» 50% — ñandú 日本 👋.txt", "mi «manual» 50% — ñandú 日本 👋.txt"),
        ("$(rm -rf ~);`id`.txt", "$(rm -rf ~);`id`.txt"),
        ("<script>alert(1)<.txt", "<script>alert(1)<.txt"),
        ("salto\u2028y\u202edireccion.txt", "saltoydireccion.txt"),
        ("MANUAL.TXT", "MANUAL.TXT"),
        ("ñ" * 300 + ".txt", "ñ" * 200 + ".txt"),
    ],
)
def test_a_file_name_is_kept_for_people_and_never_as_a_path_inp_4(
    owner: Owner, bot_id: str, sent: str, stored: str
) -> None:
    answer = owner.upload(bot_id, TEXT, sent)

    assert answer.status_code == 202, answer.text
    assert answer.json()["filename"] == stored


@pytest.mark.parametrize(
    "raw",
    [b'dos \\"comillas\\".txt', b"nulo\x00dentro.txt", b"tab\tdentro.txt", "año.txt".encode("latin-1")],
    ids=["quotes", "nul", "tab", "latin-1"],
)
def test_a_file_name_in_any_bytes_is_taken_or_refused_and_never_fails_inp_4(
    owner: Owner, bot_id: str, raw: bytes
) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + raw + b'"\r\n\r\nhola\r\n--x--\r\n'

    answer = owner.http.post(
        f"/bots/{bot_id}/train", content=part, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code in (202, 422), answer.text
    if answer.status_code == 202:
        assert "\x00" not in answer.json()["filename"]
        assert answer.json()["filename"].endswith(".txt")


def test_a_quotation_mark_in_a_file_name_is_read_as_browsers_write_it(owner: Owner, bot_id: str) -> None:
    head = b'Content-Disposition: form-data; name="file"; filename="el %22manual%22.txt"'

    answer = owner.http.post(
        f"/bots/{bot_id}/train",
        content=b"--x\r\n" + head + b"\r\n\r\nhola\r\n--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert answer.json()["filename"] == 'el "manual".txt'


def test_one_text_in_four_encodings_is_stored_as_one_text_inp_3(owner: Owner, bot_id: str) -> None:
    files = {
        "utf-8": TEXT.encode(),
        "utf-8 with mark": codecs.BOM_UTF8 + TEXT.encode(),
        "utf-16-le": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        "cp1252": TEXT.replace("\n", "\r\n").encode("cp1252"),
    }

    uploaded = {name: owner.upload(bot_id, data) for name, data in files.items()}

    assert {answer.status_code for answer in uploaded.values()} == {202}
    for name, answer in uploaded.items():
        assert answer.json()["encoding"] == name.removesuffix(" with mark")
        assert text_of(owner, bot_id, answer.json()["id"]) == TEXT


def text_of(owner: Owner, bot_id: str, document_id: str, **cut: int) -> str:
    answer = owner.http.get(f"/bots/{bot_id}/documents/{document_id}/text", params=cut)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


def test_the_text_is_cut_by_characters_not_by_bytes(owner: Owner, bot_id: str) -> None:
    body = "a👋🏽e\u0301𝔘ñ."
    document_id = owner.upload(bot_id, body).json()["id"]

    for start in range(len(body) + 2):
        for end in range(len(body) + 2):
            assert text_of(owner, bot_id, document_id, start=start, end=end) == body[start:end]
    assert text_of(owner, bot_id, document_id, start=4) == body[4:]
    assert text_of(owner, bot_id, document_id, end=2**31 - 2) == body


@pytest.mark.parametrize("cut", [{"start": -1}, {"end": -1}, {"start": 2**31}, {"start": "x"}])
def test_a_cut_that_cannot_be_is_refused(owner: Owner, bot_id: str, cut: dict[str, Any]) -> None:
    document_id = owner.upload(bot_id, TEXT).json()["id"]

    answer = owner.http.get(f"/bots/{bot_id}/documents/{document_id}/text", params=cut)

    assert_problem(answer, 422, "validation")


def test_documents_are_listed_newest_first_as_they_are_read_one_by_one(owner: Owner, bot_id: str) -> None:
    uploaded = [owner.upload(bot_id, f"{TEXT}{n}").json()["id"] for n in range(3)]

    listed = documents(owner, bot_id)

    assert [document["id"] for document in listed] == uploaded[::-1]
    assert listed[0].keys() == owner.document(bot_id, uploaded[2]).keys()


def test_a_deleted_document_is_gone_with_its_text_and_its_passages(
    owner: Owner, bot_id: str, workers: list[Running], services: Services
) -> None:
    document_id = owner.train(bot_id, TEXT)["id"]

    answer = owner.http.delete(f"/bots/{bot_id}/documents/{document_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert documents(owner, bot_id) == []
    again = owner.http.delete(f"/bots/{bot_id}/documents/{document_id}")
    assert_problem(again, 404, "document_not_found")
    with psycopg.connect(services.database_url) as connection:
        left = connection.execute("SELECT count(*) FROM chunks WHERE document_id = %s", (document_id,)).fetchone()
    assert left == (0,)


def test_what_was_deleted_can_be_uploaded_again(owner: Owner, bot_id: str) -> None:
    document_id = owner.upload(bot_id, TEXT).json()["id"]
    owner.http.delete(f"/bots/{bot_id}/documents/{document_id}")

    answer = owner.upload(bot_id, TEXT)

    assert answer.status_code == 202
    assert answer.json()["id"] != document_id


def test_a_failed_document_is_tried_again_and_trained(
    owner: Owner, bot_id: str, services: Services, workers: list[Running]
) -> None:
    document_id = owner.train(bot_id, TEXT)["id"]
    mark_failed(services, document_id)

    answer = owner.http.post(f"/bots/{bot_id}/documents/{document_id}/retry")

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["error"]) == ("queued", None)
    wait_until(lambda: owner.document(bot_id, document_id)["status"] == "ready", within_s=30)


def test_a_document_that_has_not_failed_is_not_tried_again(owner: Owner, bot_id: str) -> None:
    document_id = owner.upload(bot_id, TEXT).json()["id"]

    answer = owner.http.post(f"/bots/{bot_id}/documents/{document_id}/retry")

    assert_problem(answer, 409, "document_not_failed")


ROUTES: list[tuple[str, str]] = [
    ("POST", "/train"),
    ("GET", "/documents/"),
    ("GET", "/documents/events"),
    ("GET", "/documents/{document}"),
    ("GET", "/documents/{document}/text"),
    ("POST", "/documents/{document}/retry"),
    ("DELETE", "/documents/{document}"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_anothers_bot_and_one_that_does_not_exist_answer_the_same_404(
    owner: Owner, stranger: Owner, bot_id: str, method: str, path: str
) -> None:
    document_id = owner.upload(bot_id, TEXT).json()["id"]
    files = {"file": ("notas.txt", b"ajeno", "text/plain")} if method == "POST" else None

    def ask(bot: object) -> httpx2.Response:
        return stranger.http.request(method, f"/bots/{bot}{path.format(document=document_id)}", files=files)

    foreign, missing = ask(bot_id), ask(uuid.uuid4())

    assert foreign.status_code == 404
    assert foreign.json() == missing.json()
    assert [document["id"] for document in documents(owner, bot_id)] == [document_id]


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "{document}" in route[1]])
def test_a_document_of_another_bot_is_not_found_under_mine(
    owner: Owner, bot_id: str, method: str, path: str
) -> None:
    elsewhere = owner.upload(owner.new_bot()["id"], TEXT).json()["id"]

    foreign = owner.http.request(method, f"/bots/{bot_id}{path.format(document=elsewhere)}")
    missing = owner.http.request(method, f"/bots/{bot_id}{path.format(document=uuid.uuid4())}")

    assert_problem(foreign, 404, "document_not_found")
    assert foreign.json() == missing.json()
