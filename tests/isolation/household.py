"""An owner whom nobody may reach, and what it has."""

from dataclasses import dataclass

from jose import jwt

from tests.platform import Owner
from tests.routes import Ids


@dataclass(frozen=True, slots=True)
class Household:
    """An owner, what it has, and its sound token's claims."""

    owner: Owner
    ids: Ids
    secret_key: str

    def claims(self, **changes: object) -> dict[str, object]:
        claims = {**jwt.get_unverified_claims(self.owner.token), **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, **changes: object) -> str:
        return str(jwt.encode(self.claims(**changes), self.secret_key, algorithm="HS256"))

    def is_shown_in(self, text: str) -> bool:
        """Whether an answer holds anything of it: its id, its e-mail, or the id of what it has."""
        names = [self.owner.id, self.owner.email, *self.ids.all]
        return any(str(name) in text for name in names)
