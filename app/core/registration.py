"""Who may register: everybody, nobody, or who has an e-mail of certain domains."""

from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from app.core.errors import RegistrationClosed, RegistrationDomain

_DOMAIN = "domain:"


class RegistrationMode(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Registration:
    """`domains` are those that may, as e-mails hold them once they are validated; empty in the other modes."""

    mode: RegistrationMode
    domains: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _DOMAIN + ",".join(self.domains) if self.domains else self.mode

    def require(self, email: str) -> None:
        """Raises `RegistrationClosed` or `RegistrationDomain`. The e-mail is a validated one."""
        if self.mode is RegistrationMode.CLOSED:
            raise RegistrationClosed
        if self.domains and email.rpartition("@")[2] not in self.domains:
            raise RegistrationDomain(domains=", ".join(self.domains))


def read_registration(value: str) -> Registration:
    """From `open`, `closed` or `domain:example.com,example.org`. Raises `ValueError` for anything else."""
    said = value.strip().lower()
    if said in (RegistrationMode.OPEN, RegistrationMode.CLOSED):
        return Registration(RegistrationMode(said))
    names = [name.strip() for name in said.removeprefix(_DOMAIN).split(",") if name.strip()]
    if not said.startswith(_DOMAIN) or not names:
        raise ValueError("takes open, closed or domain:example.com,example.org")
    return Registration(RegistrationMode.DOMAIN, tuple(dict.fromkeys(map(_domain, names))))


def _domain(name: str) -> str:
    # By the same hand as the e-mails that are compared with it, so that one domain has one spelling.
    try:
        return validate_email(f"a@{name}", check_deliverability=False).domain
    except EmailNotValidError as error:
        raise ValueError("takes domains like example.com behind domain:, separated by commas") from error
