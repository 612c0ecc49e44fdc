"""Whose things the cases are aimed at: an owner with one of each, renewed when a case has used them up."""

import uuid
from datetime import UTC, datetime
from typing import Any

from app.api.pages import encode_cursor
from tests.fuzz.cases import Case
from tests.platform import PASSWORD, register
from tests.routes import Route, belongings
from tests.rows import Database

# What such a request adds stands beside the belongings and changes none of them.
_LEAVES_ALL_AS_IT_IS: frozenset[Route] = frozenset(
    {
        ("POST", "/token"),
        ("POST", "/users/"),
        ("POST", "/bots/"),
        ("POST", "/bots/{bot_id}/search"),
        ("POST", "/chat/{bot_id}"),
        ("POST", "/messages/{message_id}/retry"),
    }
)
_ENDS_LOGINS: frozenset[Route] = frozenset(
    {("POST", "/token/revoke"), ("PATCH", "/users/me"), ("DELETE", "/users/me")}
)
# An owner who may have any number of everything.
NO_QUOTAS = {"BOTS_PER_OWNER": "0", "DOCUMENTS_PER_OWNER": "0", "STORAGE_MB_PER_OWNER": "0"}
# Of four ids three are made one that there is.
_LEFT_ALONE = 4


class Estate:
    """`aim` puts what the owner really has where a case names something."""

    def __init__(self, api: str, db: Database) -> None:
        self._api, self._db = api, db
        self.owner = register(api)
        self._ids = belongings(self.owner, db)

    def close(self) -> None:
        self.owner.http.close()

    def aim(self, case: Case) -> None:
        """Ids that are well formed and, in every second sound case, the values that a client has from us."""
        for name, value in case.path_parameters.items():
            case.path_parameters[name] = self._aimed(name, value)
        if isinstance(case.body, dict) and "conversation_id" in case.body:
            case.body["conversation_id"] = self._aimed("conversation_id", case.body["conversation_id"])
        if is_sound(case) and is_every_second(case):
            self._fill_in(case)

    def _fill_in(self, case: Case) -> None:
        route = route_of(case)
        if "cursor" in case.query:
            moment = [datetime.now(UTC).isoformat()] if route[1].endswith("/conversations/") else []
            case.query["cursor"] = encode_cursor(*moment, str(self._ids.bot_id))
        if isinstance(case.body, dict) and route == ("PATCH", "/users/me"):
            case.body["password"] = PASSWORD
        if isinstance(case.body, dict) and route == ("POST", "/token"):
            case.body.update(username=self.owner.email, password=PASSWORD)

    def follow(self, case: Case, status: int) -> None:
        """After the answer: what may be spent is renewed."""
        route = route_of(case)
        if status in (401, 429) or (status < 300 and route in _ENDS_LOGINS):
            self.close()
            self.owner = register(self._api)
            self._ids = belongings(self.owner, self._db)
        elif status < 300 and case.method != "GET" and route not in _LEAVES_ALL_AS_IT_IS:
            self._ids = belongings(self.owner, self._db)

    def _aimed(self, name: str, value: Any) -> Any:
        try:
            drawn = uuid.UUID(value)
        except (ValueError, TypeError, AttributeError):
            return value
        return str(getattr(self._ids, name)) if drawn.int % _LEFT_ALONE else value


def route_of(case: Case) -> Route:
    """The operation that the case is of, whatever method it is sent with."""
    return case.operation.method.upper(), case.operation.path


def is_sound(case: Case) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def is_every_second(case: Case) -> bool:
    """By what the case holds, so that it is the same ones each time."""
    return len(repr((case.query, case.body))) % 2 == 0
