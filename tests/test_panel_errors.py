"""The panel has a sentence for every failure that the API can tell, in each of its languages."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import BytchatError
from tests.platform import ROOT

LOCALES = ROOT / "bytchat-panel" / "src" / "locales"
LANGUAGES = ("es", "en")

# Codes whose sentence needs what only the server knows: the panel shows its `detail`.
IN_THE_SERVERS_WORDS = {
    "file_not_text": "what was found in the file",
    "provider_key_invalid": "whose key it is, and whose it is to change",
    "provider_unavailable": "who said nothing, and why",
    "quota_exceeded": "which quota, its limit and when it is whole again",
    "quota_full": "which quota, its limit and how full it is",
    "registration_domain": "the operator's domains",
    "too_large": "the operator's limit",
}
# Failures of the operator's terminal and of the worker, which no request meets.
NEVER_OVER_HTTP = {
    "already_running": "the start",
    "answer_broken": "the demo",
    "backup_failed": "the backup",
    "backup_file_exists": "the backup",
    "backup_programs_missing": "the backup",
    "backup_too_new": "the restore",
    "backup_unreadable": "the restore",
    "configuration": "the start",
    "database_in_use": "the restore",
    "database_password_refused": "the migrations",
    "database_too_new": "the migrations",
    "database_not_empty": "the restore",
    "email_not_valid": "the operator's commands",
    "folder_unreachable": "the start",
    "lease_lost": "the worker",
    "nothing_runs": "the operator's commands",
    "port_taken": "the start",
    "request_refused": "the demo",
    "restore_failed": "the restore",
    "service_not_ready": "the start",
    "training_failed": "the demo",
}
# Sentences of the panel for what is no problem of the API.
THE_PANELS_OWN = {
    "bad_gateway": "an answer that is no problem document",
    "network": "nothing answered",
    "validation_fields": "`validation`, where the fields are known",
}
# What a sentence may hold: a time to wait, names of fields, members of a problem.
_MAY_HOLD = {"wait", "fields", "limit", "retry_after_s"}


def sentences(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((LOCALES / language / "errors.json").read_text(encoding="utf-8"))
    return found


def codes() -> set[str]:
    """Of the whole tree: every module is loaded, so that every class is there."""
    for path in sorted(ROOT.glob("app/**/*.py")):
        if path.stem != "__init__":
            importlib.import_module(_module(path))
    return {error.code for error in _below(BytchatError)}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _below(kind: type[BytchatError]) -> Iterator[type[BytchatError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_the_api_can_tell_has_a_sentence_in_the_panel(language: str) -> None:
    expected = codes() - set(NEVER_OVER_HTTP) - set(IN_THE_SERVERS_WORDS) | set(THE_PANELS_OWN)

    missing, unknown = expected - set(sentences(language)), set(sentences(language)) - expected
    assert (missing, unknown) == (set(), set())


def test_the_reviewed_lists_name_no_code_that_is_gone() -> None:
    assert {*NEVER_OVER_HTTP, *IN_THE_SERVERS_WORDS} <= codes()
    assert not set(NEVER_OVER_HTTP) & set(IN_THE_SERVERS_WORDS)


def test_the_panel_itself_lists_the_codes_that_it_leaves_to_the_server() -> None:
    source = (LOCALES.parent / "components" / "ui" / "problemText.ts").read_text(encoding="utf-8")

    assert ", ".join(sorted(IN_THE_SERVERS_WORDS)) in source


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_the_panel_ends_as_one_and_holds_only_what_is_known(language: str) -> None:
    for code, sentence in sentences(language).items():
        assert sentence.endswith("."), code
        assert _held(sentence) <= _MAY_HOLD, code


def test_the_panels_languages_hold_the_same() -> None:
    es, en = map(sentences, LANGUAGES)

    assert {code: _held(es[code]) for code in es} == {code: _held(en[code]) for code in en}


def _held(sentence: str) -> set[str]:
    return set(re.findall(r"{{\s*(\w+)", sentence))
