"""Events come out whole, however the bytes were cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ProviderError
from app.providers.sse import SseSplitter

# A byte order mark, comments, other fields, several lines, an empty event, no space, every end of a line, emojis.
BODY = (
    "\ufeffdata: uno\n\n: sigue ahí\n\nevent: delta\r\ndata: dos é🌊\r\nid: 7\r\n\r\ndata:tres\rdata\r"
    "data:  cuatro\r\rretry: 10\n\ndata:\n\ndata: [DONE]\n\n"
).encode()
EVENTS = [b"uno", "dos é🌊".encode(), b"tres\n\n cuatro", b"", b"[DONE]"]


def events_of(pieces: list[bytes]) -> list[bytes]:
    splitter = SseSplitter()
    return [event for piece in pieces for event in splitter.feed(piece)] + splitter.finish()


def cut(body: bytes, edges: list[int]) -> list[bytes]:
    inner = sorted(edge for edge in edges if edge <= len(body))
    return [body[start:end] for start, end in zip([0, *inner], [*inner, len(body)], strict=True)]


@given(st.lists(st.integers(min_value=0, max_value=len(BODY))))
def test_the_cuts_of_the_network_change_nothing(edges: list[int]) -> None:
    assert events_of(cut(BODY, edges)) == EVENTS


def test_single_bytes_are_enough() -> None:
    assert events_of([bytes([byte]) for byte in BODY]) == EVENTS


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@given(st.lists(st.sampled_from([b"a", b"data", b"\xc3\xb1", b": x", b"{}"]), min_size=1), st.data())
def test_every_end_of_a_line_says_the_same(newline: bytes, said: list[bytes], data: st.DataObject) -> None:
    body = b"".join(b"data: " + one + newline + newline for one in said)
    edges = data.draw(st.lists(st.integers(min_value=0, max_value=len(body))))

    assert events_of(cut(body, edges)) == said


def test_an_event_without_its_empty_line_counts_at_the_end() -> None:
    splitter = SseSplitter()

    fed = splitter.feed(b"data: [DONE]")

    assert fed == []
    assert splitter.finish() == [b"[DONE]"]


def test_a_body_without_data_has_no_events() -> None:
    assert events_of([b"event: ping\n\n", b": nada\n\n", b"\n\n"]) == []


@pytest.mark.parametrize("piece", [b"x" * 65_536, b"data: y\n" * 8_192], ids=["a line", "an event"])
def test_what_never_ends_is_given_up(piece: bytes) -> None:
    with pytest.raises(ProviderError):
        events_of([piece] * 1_000)
