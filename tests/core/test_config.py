"""Settings come from the environment, and a server with a weak secret does not start (AUT-8)."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import make_url

from app.core.config import Settings, get_settings, require_services
from app.core.errors import ConfigurationError
from app.embedded.services import Services
from tests.platform import ROOT, environment

STRONG = "9f86d081884c7d65" * 4
DATABASE_URL, REDIS_URL = "postgresql://u:p@db/bytchat", "redis://:p@redis:6379/0"


def settings(**fields: str) -> Settings:
    known = {
        "secret_key": STRONG,
        "encryption_key": STRONG,
        "database_url": DATABASE_URL,
        "redis_url": REDIS_URL,
        **fields,
    }
    return Settings(_env_file=None, **known)  # type: ignore[arg-type]


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """No variable and no `.env` of the person who runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


@pytest.mark.parametrize("environment", ["production", "test", "development"])
def test_a_strong_secret_starts_anywhere(environment: str) -> None:
    require_services(settings(environment=environment))


WEAK = {
    "": "is not set",
    "tiny-7k": "is shorter than 32 characters",
    STRONG[:31]: "is shorter than 32 characters",
    "a" * 64: "is a sample",
    "abcabcabc" * 8: "is a sample",
    "change-me-please-0123456789abcdef": "is a sample",
    "cambia-esta-clave-0123456789abcdef": "is a sample",
    "CHANGEME0123456789abcdefghijklmnop": "is a sample",
    "my-secret-key-0123456789abcdefghij": "is a sample",
    "example-0123456789abcdefghijklmnop": "is a sample",
}


@pytest.mark.parametrize("variable", ["SECRET_KEY", "ENCRYPTION_KEY"])
@pytest.mark.parametrize("environment", ["production", "test"])
@pytest.mark.parametrize("secret", WEAK)
def test_a_missing_short_or_sample_secret_is_refused_by_name(secret: str, environment: str, variable: str) -> None:
    """AUT-8."""
    with pytest.raises(ConfigurationError) as caught:
        require_services(settings(environment=environment, **{variable.lower(): secret}))

    assert f"{variable} {WEAK[secret]}" in str(caught.value)
    assert "openssl rand -hex 32" in str(caught.value)
    assert not secret or secret not in str(caught.value)


@pytest.mark.parametrize("variable", ["SECRET_KEY", "ENCRYPTION_KEY"])
def test_a_weak_secret_will_do_in_development_but_none_will_not(variable: str) -> None:
    """AUT-8."""
    require_services(settings(environment="development", **{variable.lower(): "tiny-7k"}))

    with pytest.raises(ConfigurationError, match=f"^{variable}"):
        require_services(settings(environment="development", **{variable.lower(): ""}))


def test_production_is_what_it_is_unless_said_otherwise(clean: pytest.MonkeyPatch) -> None:
    """AUT-8: forgetting ENVIRONMENT loosens nothing."""
    assert get_settings().environment == "production"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_a_service_that_is_not_set_is_named(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        require_services(settings(**{variable.lower(): ""}))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DATABASE_URL", "mysql://u:canary@h/d"), ("DATABASE_URL", "canary"), ("REDIS_URL", "http://canary")],
)
def test_an_address_of_the_wrong_kind_is_named_and_not_shown(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable) as raised:
        require_services(settings(**{variable.lower(): value}))

    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", "canary"),
        ("API_PORT", "canary"),
        ("API_PORT", "70000"),
        ("LOG_LEVEL", "canary"),
        ("DATABASE_POOL_SIZE", "0"),
        ("UPLOAD_LIMIT_MB", "-1"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("PANEL_PORT", "0"),
        ("CORS_ORIGINS", "canary"),
        ("REGISTRATION", "canary"),
        ("REGISTRATION", "domain:canary"),
        ("REGISTRATIONS_PER_HOUR", "-1"),
    ],
)
def test_a_value_that_does_not_fit_names_its_variable_and_not_the_value(
    variable: str, value: str, clean: pytest.MonkeyPatch
) -> None:
    clean.setenv(variable, value)

    with pytest.raises(ConfigurationError) as caught:
        get_settings()

    assert variable in str(caught.value)
    assert "canary" not in str(caught.value)


def test_settings_are_read_from_the_folders_env_file_and_the_environment_wins(
    clean: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("API_PORT=8111\nAPI_HOST=0.0.0.0\nOTHER=1\n")
    clean.setenv("API_PORT", "8222")

    assert (get_settings().api_port, get_settings().api_host) == (8222, "0.0.0.0")  # noqa: S104


def test_an_empty_variable_is_one_that_is_not_set(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("API_PORT", "")

    assert get_settings().api_port == 8000


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    """SEC-1."""
    keys = ("encryption_key_previous", "openai_api_key", "google_api_key", "local_api_key")
    shown = repr(settings(database_url="postgresql://u:canary@db/x", **dict.fromkeys(keys, "canary")))

    assert STRONG not in shown
    assert "canary" not in shown
    assert isinstance(settings().secret_key, SecretStr)


@pytest.mark.parametrize(
    ("variable", "secret"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "tiny-7k"),
        ("SECRET_KEY", "change-me-please-0123456789abcdef"),
        ("ENCRYPTION_KEY", ""),
    ],
)
def test_the_server_does_not_start_on_a_weak_secret(
    variable: str, secret: str, services: Services, tmp_path: Path
) -> None:
    """AUT-8: as the platform starts it."""
    env = environment(services, ENVIRONMENT="production", PYTHONPATH=str(ROOT), **{variable: secret})
    command = [sys.executable, "-m", "uvicorn", "app.main:make_app", "--factory", "--port", "0"]

    ended = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    assert variable in ended.stderr
    assert "Application startup complete" not in ended.stderr
    assert not secret or secret not in ended.stderr


@pytest.mark.parametrize("name", ["openai_base_url", "google_base_url", "local_base_url"])
@pytest.mark.parametrize(
    "address", ["notaurl", "ftp://host/v1", "http://", "http://host:99999/v1", "http://ana:clave@host/v1"]
)
def test_an_address_that_cannot_be_called_is_refused_at_the_start(name: str, address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**{name: address})

    [problem] = caught.value.errors(include_input=False)
    assert problem["loc"] == (name,)
    assert "clave" not in problem["msg"]


@pytest.mark.parametrize("address", ["https://api.openai.com/v1", "http://127.0.0.1:11434/v1", "http://[::1]:8080"])
def test_an_address_of_ones_own_is_taken(address: str) -> None:
    assert settings(local_base_url=address).local_base_url == address


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", []),
        (" , ", []),
        ("http://localhost:5173", ["http://localhost:5173"]),
        (
            "https://Panel.Ejemplo.com, http://127.0.0.1:5173,",
            ["https://panel.ejemplo.com", "http://127.0.0.1:5173"],
        ),
        ("https://panel.ejemplo.com:443,http://[::1]:80", ["https://panel.ejemplo.com", "http://[::1]"]),
        ("http://panel.ejemplo.com:443", ["http://panel.ejemplo.com:443"]),
    ],
)
def test_origins_are_read_as_a_browser_sends_them(value: str, origins: list[str]) -> None:
    assert settings(cors_origins=value).allowed_origins == origins


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.ejemplo.com",
        "panel.ejemplo.com",
        "ftp://panel.ejemplo.com",
        "https://panel.ejemplo.com/",
        "https://panel.ejemplo.com/panel",
        "https://panel.ejemplo.com?x",
        "https://ana:clave@panel.ejemplo.com",
        "https://panel.ejemplo.com:0",
        "https://panel.ejemplo.com:70000",
        "https://panel.ejemplo.com:",
        "https://",
        "https://a b",
        "http://localhost:5173 http://localhost:5174",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(cors_origins=f"http://localhost:5173,{origin}")

    [problem] = caught.value.errors(include_input=False)
    assert problem["loc"] == ("cors_origins",)
    assert "https://panel.example.com" in problem["msg"]
    assert "clave" not in problem["msg"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("", "open"), ("Closed", "closed"), ("domain:Ejemplo.com, ejemplo.org", "domain:ejemplo.com,ejemplo.org")],
)
def test_who_may_register_is_read_in_one_spelling(value: str, shown: str, clean: pytest.MonkeyPatch) -> None:
    clean.setenv("REGISTRATION", value)

    assert get_settings().registration == str(get_settings().who_may_register) == shown


def test_addresses_are_made_of_their_parts_whatever_the_passwords_hold() -> None:
    made = Settings(
        _env_file=None,
        postgres_host="db",
        postgres_password=SecretStr("p@ss/w:rd%40#"),
        redis_host="redis",
        redis_password=SecretStr("a/b@c"),
    )

    database, broker = make_url(made.database_url.get_secret_value()), urlsplit(made.redis_url.get_secret_value())

    assert (database.username, database.password, database.host, database.port, database.database) == (
        "bytchat",
        "p@ss/w:rd%40#",
        "db",
        5432,
        "bytchat",
    )
    assert (broker.hostname, unquote(broker.password or ""), broker.port) == ("redis", "a/b@c", 6379)


def test_an_address_that_is_set_goes_before_its_parts() -> None:
    made = Settings(
        _env_file=None,
        database_url=SecretStr("postgresql://a:b@elsewhere/c"),
        postgres_host="db",
        redis_host="redis",
    )

    assert made.database_url.get_secret_value() == "postgresql://a:b@elsewhere/c"
