"""One case sent to the running API, and what is wrong with the answer."""

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from schemathesis import Response, checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse

from tests.addresses import new_address
from tests.fuzz.cases import Case
from tests.fuzz.estate import Estate, is_every_second, is_sound, route_of
from tests.fuzz.known import REFUSED, SHADOWED
from tests.routes import ROUTES, Kind, Route

_UPLOAD = ("POST", "/bots/{bot_id}/train")
_STREAMS = (("POST", "/chat/{bot_id}"), ("POST", "/messages/{message_id}/retry"))
_TIMEOUT_S = 20
# Failed logins of one address are counted: each has so many before there is another.
_CASES_AN_ADDRESS = 30
_SHOWN_CHARACTERS = 600
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "ignored_auth",
    "unsupported_method",
    "allow_header_conformance",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`curl` repeats it, with a token of one's own in `$TOKEN`."""

    route: Route
    kind: str
    what: str
    curl: str
    answer: str

    def __str__(self) -> str:
        return f"{' '.join(self.route)}: {self.what}\n  {self.curl}\n  → {self.answer}"


class Attempts:
    """Sends cases for an estate and counts the answers by route and status."""

    def __init__(self, api: str, estate: Estate) -> None:
        self.api, self._estate = api, estate
        self._session, self.sent = _session(), 0
        self.answers: Counter[tuple[Route, int]] = Counter()
        self.findings: list[Finding] = []

    def close(self) -> None:
        self._session.close()

    def never_well(self) -> list[Route]:
        """The routes that were tried and never answered 2xx: whatever is wrong with them hides behind a refusal."""
        well = {route for route, status in self.answers if 200 <= status < 300}
        return [route for route in dict.fromkeys(route for route, _ in self.answers) if route not in well]

    def send(self, case: Case) -> None:
        self._move_on()
        self._estate.aim(case)
        options = self._options(case)
        try:
            answer = case.call(session=self._session, **options)
        except requests.RequestException as error:
            self._add(case, type(error).__name__, str(error), "no whole answer")
            self._session.close()
            self._session = _session()
            return
        self.answers[route_of(case), answer.status_code] += 1
        for failure in self._failures(case, answer, options):
            if not _is_known(case, answer, failure):
                what = f"{failure.title}: {failure.message}".replace("\n", " ")
                self._add(
                    case,
                    f"{failure.title} {answer.status_code}",
                    what,
                    f"{answer.status_code} {answer.content[:_SHOWN_CHARACTERS]!r}",
                )
        self._estate.follow(case, answer.status_code)

    def _options(self, case: Case) -> dict[str, Any]:
        options: dict[str, Any] = {"base_url": self.api, "timeout": _TIMEOUT_S, "headers": {}}
        if ROUTES.get(route_of(case)) is not Kind.PUBLIC:
            options["headers"] = {"Authorization": f"Bearer {self._estate.owner.token}"}
        if route_of(case) in _STREAMS and is_every_second(case):
            case.headers["Accept"] = "text/event-stream"
        if route_of(case) == _UPLOAD and is_sound(case) and is_every_second(case):
            # The document has no word for a file's name and what must be in it.
            options["files"] = {"file": ("notas.txt", f"Notas: {case.body!r}", "text/plain")}
        return options

    def _failures(self, case: Case, answer: Response, options: dict[str, Any]) -> Iterator[Failure]:
        try:
            case.validate_response(
                answer,
                checks=[getattr(checks, name) for name in _CHECKS],
                headers=options["headers"],
                transport_kwargs={**options, "session": self._session},
            )
        except FailureGroup as group:
            yield from (failure for failure in group.exceptions if isinstance(failure, Failure))

    def _add(self, case: Case, kind: str, what: str, answer: str) -> None:
        self.findings.append(Finding(route_of(case), kind, what, self._curl(case), answer))

    def _curl(self, case: Case) -> str:
        """With the address at which `make up` serves."""
        line = case.as_curl_command(base_url="http://127.0.0.1:8000")
        if ROUTES.get(route_of(case)) is not Kind.PUBLIC:
            line += ' -H "Authorization: Bearer $TOKEN"'
        return line if len(line) < 4 * _SHOWN_CHARACTERS else f"{line[: 4 * _SHOWN_CHARACTERS]} {shlex.quote('…')}"

    def _move_on(self) -> None:
        self.sent += 1
        if self.sent % _CASES_AN_ADDRESS == 0:
            self._session.close()
            self._session = _session()


class _From(HTTPAdapter):
    """Calls from an address of its own."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", _From(new_address()))
    return session


def _is_known(case: Case, answer: Response, failure: Failure) -> bool:
    """Whether the reviewed lists have a word for all that was refused here."""
    route = route_of(case)
    if isinstance(failure, UnsupportedMethodResponse):
        return (case.method, route[1]) in SHADOWED
    return isinstance(failure, RejectedPositiveData) and _reasons(answer) <= REFUSED.get(route, {}).keys()


def _reasons(answer: Response) -> set[str]:
    """The problem's code, or each field with what is wrong there."""
    problem = answer.json()
    fields = [f"{'.'.join(map(str, one['location']))} {one['type']}" for one in problem.get("errors") or []]
    return set(fields) or {problem["code"]}
