"""Every answer to an owner is looked through for what is another's."""

import re
from typing import Any

import httpx2

from tests.isolation.accounts import Account

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Watch:
    """Sends requests in an owner's name, and knows whose every id is that has come back."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx2.Client(base_url=base_url, timeout=60, trust_env=False)
        self._owner_of: dict[str, Account] = {}
        self._marks: set[str] = set()

    def close(self) -> None:
        self._http.close()

    def meet(self, account: Account) -> None:
        self._marks.add(account.mark)
        self.note(account, account.id)

    def note(self, account: Account, *ids: str) -> None:
        """They are this account's, for ever."""
        self._owner_of.update(dict.fromkeys(ids, account))

    def ids_of(self, account: Account) -> list[str]:
        return [identity for identity, owner in self._owner_of.items() if owner is account]

    def send(
        self, account: Account, method: str, url: str, *, status: int = 200, **content: Any
    ) -> httpx2.Response:
        """The answer, which must have that status and hold nothing of anybody else's."""
        answer = self.try_to(account, method, url, **content)
        assert answer.status_code == status, (method, url, answer.status_code, answer.text)
        return answer

    def try_to(
        self, account: Account, method: str, url: str, *, token: str | None = None, **content: Any
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token or account.tokens[-1]}", **content.pop("headers", {})}
        answer = self._http.request(method, url, headers=headers, **content)
        self.look_through(account, f"{answer.text} {answer.headers}")
        return answer

    def anyone(self, method: str, url: str, **content: Any) -> httpx2.Response:
        """Without a token."""
        return self._http.request(method, url, **content)

    def look_through(self, account: Account, text: str) -> None:
        """Neither a word nor an id of another, nor one of a life before this."""
        strange = [mark for mark in self._marks - {account.mark} if mark in text]
        strange += [one for one in _UUID.findall(text) if self._owner_of.get(one, account) is not account]
        assert strange == [], text
