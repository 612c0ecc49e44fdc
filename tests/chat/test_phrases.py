"""Phrases are found in words, whatever their length."""

from app.chat.phrases import Phrases

PHRASES = Phrases([("por que", "why"), ("plan*", "plan"), ("plan", "noun"), ("que", "what")])


def test_words_beginnings_and_phrases_are_counted() -> None:
    found = PHRASES.find("por que un plan y otro planeta".split())

    assert found == {"why": 1, "what": 1, "plan": 2, "noun": 1}


def test_a_phrase_that_the_words_cut_short_is_not_found() -> None:
    assert PHRASES.find(["por"]) == {}
