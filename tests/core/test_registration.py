"""Who may register, as REGISTRATION says: a domain has one spelling, and nothing that looks like it is let in."""

import pytest
from pydantic import EmailStr, TypeAdapter, ValidationError

from app.core.errors import RegistrationClosed, RegistrationDomain
from app.core.registration import Registration, RegistrationMode, read_registration

_EMAIL = TypeAdapter(EmailStr)
OURS = read_registration("domain:example.com,españa.com")


def domains(*names: str) -> Registration:
    return Registration(RegistrationMode.DOMAIN, names)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("open", Registration(RegistrationMode.OPEN)),
        (" CLOSED ", Registration(RegistrationMode.CLOSED)),
        ("domain:example.com", domains("example.com")),
        ("Domain: EXAMPLE.com , example.org,", domains("example.com", "example.org")),
        ("domain:example.com,Example.COM", domains("example.com")),
        ("domain:xn--espaa-rta.com,ESPAÑA.com", domains("españa.com")),
    ],
)
def test_a_setting_is_read_and_written_back_in_one_spelling(value: str, read: Registration) -> None:
    assert read_registration(value) == read
    assert read_registration(str(read)) == read


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "domain",
        "domain:",
        "domain: , ",
        "domains:example.com",
        "example.com",
        "domain:@example.com",
        "domain:ana@example.com",
        "domain:*.example.com",
        "domain:.example.com",
        "domain:example.com.",
        "domain:example",
        "domain:example.com;example.org",
        "domain:example.com,exam ple.org",
        "open,closed",
    ],
)
def test_what_is_no_registration_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"example\.com"):
        read_registration(value)


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.com",
        "Ana.Ruiz+bots@EXAMPLE.com",
        "Ana Ruiz <ana@example.com>",
        "ana@ｅxample.com",
        "ana@example。com",
        "ana@españa.com",
        "ana@xn--espaa-rta.com",
        "ana@espan\u0303a.com",
    ],
)
def test_an_email_of_a_domain_is_let_in_in_any_spelling(email: str) -> None:
    OURS.require(_EMAIL.validate_python(email))


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.org",
        "ana@sub.example.com",
        "ana@notexample.com",
        "ana@example.com.evil.com",
        "ana@example.co",
        "ana%example.com@evil.com",
        "ana=example.com@evil.com",
        "Ana example.com <ana@evil.com>",
        "ana@ехample.com",
        "ana@examp1e.com",
        "ana@espana.com",
    ],
)
def test_an_email_that_only_looks_like_one_of_a_domain_is_not(email: str) -> None:
    with pytest.raises(RegistrationDomain) as caught:
        OURS.require(_EMAIL.validate_python(email))

    assert "example.com, españa.com" in caught.value.sentence("es")


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.com@evil.com",
        '"ana@example.com"@evil.com',
        "ana@example.com.",
        "ana@example.com <ana@evil.com>",
        "ana@evil.com\x00@example.com",
        "ana@evil.com\n@example.com",
        "ana@exam\u200dple.com",
        "ana＠example.com",
        "ana@[127.0.0.1]",
    ],
)
def test_an_email_of_two_meanings_is_none(email: str) -> None:
    with pytest.raises(ValidationError):
        _EMAIL.validate_python(email)


def test_a_closed_registration_lets_in_nobody_and_an_open_one_everybody() -> None:
    read_registration("open").require("ana@evil.com")

    with pytest.raises(RegistrationClosed):
        read_registration("closed").require("ana@example.com")
