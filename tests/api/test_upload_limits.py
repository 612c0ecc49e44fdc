"""Uploads at and over the limit, cut off half-way, and of the worst shapes."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.embedded.services import Services
from tests.api.training import TEXT, assert_problem, documents
from tests.platform import Owner, api_process, free_port, register
from tests.services import wait_until


@pytest.fixture(scope="module")
def small(services: Services, logs: Path) -> Iterator[Owner]:
    """Somebody at an API that takes 10 MB and has no broker: the shared workers must not train such files."""
    settings = {"UPLOAD_LIMIT_MB": "10", "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with api_process(services, logs, **settings) as (url, _):
        owner = register(url)
        yield owner
        owner.http.close()


def test_a_file_at_the_limit_is_taken_and_one_byte_more_is_not_inp_2(small: Owner) -> None:
    bot_id = small.new_bot()["id"]
    limit_bytes = 10 * 1024 * 1024

    over = small.upload(bot_id, b"a" * (limit_bytes + 1))
    at = small.upload(bot_id, b"a" * limit_bytes)

    problem = assert_problem(over, 413, "too_large")
    assert "10 MB" in problem["detail"]
    assert at.status_code == 202
    assert [document["size_bytes"] for document in documents(small, bot_id)] == [limit_bytes]
    assert small.http.delete(f"/bots/{bot_id}").status_code == 204


@pytest.mark.parametrize("length", ["declared", "chunked"])
def test_an_upload_over_the_limit_is_refused_while_it_streams_inp_2(small: Owner, length: str) -> None:
    bot_id = small.new_bot()["id"]
    head = f"POST /bots/{bot_id}/train HTTP/1.1\r\nHost: prueba\r\nAuthorization: Bearer {small.token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\n"
    head += "Content-Length: 99999999\r\n\r\n" if length == "declared" else "Transfer-Encoding: chunked\r\n\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + b"a" * 11 * 1024 * 1024
    sent = part if length == "declared" else b"%x\r\n%b\r\n" % (len(part), part)

    answer = answer_to_unfinished(small, head.encode() + sent)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"too_large"' in answer
    assert documents(small, bot_id) == []


def answer_to_unfinished(owner: Owner, sent: bytes) -> bytes:
    """What the server says to a request whose end never comes."""
    address = urlsplit(str(owner.http.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=20) as client:
        sender = threading.Thread(target=lambda: _send_all(client, sent))
        sender.start()
        said = b""
        while b"too_large" not in said and (piece := client.recv(65536)):
            said += piece
        client.shutdown(socket.SHUT_RDWR)
        sender.join()
    return said


def _send_all(client: socket.socket, data: bytes) -> None:
    try:
        client.sendall(data)
    except OSError:
        return  # The server has heard enough.


def test_a_client_that_leaves_in_the_middle_of_an_upload_leaves_nothing(small: Owner) -> None:
    bot_id = small.new_bot()["id"]
    head = f"POST /bots/{bot_id}/train HTTP/1.1\r\nHost: prueba\r\nAuthorization: Bearer {small.token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 500000\r\n\r\n"
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + b"hola " * 1000
    address = urlsplit(str(small.http.base_url))

    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(head.encode() + part)

    assert documents(small, bot_id) == []
    assert small.upload(bot_id, TEXT).status_code == 202


def test_one_line_of_ten_megabytes_and_a_million_lines_are_taken_inp_3(small: Owner) -> None:
    bot_id = small.new_bot()["id"]
    began = time.monotonic()

    answers = [
        small.upload(bot_id, b"a" * 10_000_000),
        small.upload(bot_id, b"hola\n" * 1_000_000),
        small.upload(bot_id, os.urandom(10_000_000)),
    ]

    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert time.monotonic() - began < 30
    assert small.http.delete(f"/bots/{bot_id}").status_code == 204


def test_who_leaves_in_the_middle_of_an_upload_is_no_failure_of_ours(services: Services, tmp_path: Path) -> None:
    with api_process(services, tmp_path) as (url, running):
        owner = register(url)
        bot_id = owner.new_bot()["id"]
        head = f"POST /bots/{bot_id}/train HTTP/1.1\r\nHost: prueba\r\nAuthorization: Bearer {owner.token}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 999999\r\n\r\n--x\r\n"
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=20) as client:
            client.sendall(head.encode())

        wait_until(lambda: "/train" in running.said(), within_s=20)

        [answered] = [line for line in running.said().splitlines() if "/train" in line]
        assert json.loads(answered)["status"] == 499
        assert "request.failed" not in running.said()
        assert documents(owner, bot_id) == []
