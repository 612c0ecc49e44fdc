"""What docker-compose.yml, .env.example, the Dockerfile and nginx's files promise, read as they stand."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from app import serve
from app.api.middleware import _BODY_LIMIT_MB
from app.core.config import Settings
from tests.platform import ROOT
from tests.test_readme import listed

# The second is added for a certificate.
FILES = ("docker-compose.yml", "nginx/tls.yml")
SETTINGS = {field.upper(): field for field in Settings.model_fields}
# Read by compose itself.
OF_COMPOSE = {"COMPOSE_FILE", "COMPOSE_PROJECT_NAME"}
MUST_BE_SET = {"SECRET_KEY", "ENCRYPTION_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
# Settings that no container is given.
NOT_FOR_CONTAINERS = {
    "API_PORT": "inside it is the usual one; HTTP_PORT is nginx's",
    "BYTCHAT_HOME": "of the embedded services; the image sets it",
    "CATALOG_FILE": "a file that the operator mounts, by an override of the compose file",
    "ENVIRONMENT": "a server is always in production",
    "PANEL_PORT": "nginx's published port, and none of the server's",
    "POSTGRES_PORT": "inside it is the usual one",
    "REDIS_PORT": "inside it is the usual one",
    "SCRIPTED_MODELS": "tests only",
}
# Settings that a server has otherwise than `make up`.
OTHERWISE = {
    "DRAIN_S": "a stop lets answers end; at a terminal it is at once",
    "STANDBY_AFTER_S": "an engine does not start again what it killed; `make up` does",
}
WRITABLE = {"db": "its socket lies in a folder of the image's own"}
ENDS_BY_ITSELF = {"migrate"}

_VARIABLE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)(?:(:?[-?])([^}]*))?\}")
_GIVEN = re.compile(r"^([A-Z_][A-Z0-9_]*)=(.*)$")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return loaded


def containers() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


EACH_SERVICE = pytest.mark.parametrize("name", containers())


def uses() -> list[tuple[str, str, str]]:
    """Variables of the compose files: name, operator, and what stands behind it."""
    return [found for path in FILES for found in _VARIABLE.findall(text(path))]


def example() -> dict[str, str]:
    """What .env.example says, by variable."""
    return {match[1]: match[2] for line in text(".env.example").splitlines() if (match := _GIVEN.match(line))}


def test_nobody_but_nginx_publishes_ports() -> None:
    assert [name for name, service in containers().items() if "ports" in service] == ["nginx"]
    assert [name for name, service in containers().items() if "network_mode" in service] == []


def test_the_database_and_the_broker_stand_in_an_inner_network_alone() -> None:
    assert {name: containers()[name]["networks"] for name in ("db", "redis")} == {"db": ["back"], "redis": ["back"]}
    assert compose()["networks"]["back"]["internal"] is True


def test_only_nginx_shares_the_network_whose_word_on_addresses_counts() -> None:
    [subnet] = compose()["networks"]["front"]["ipam"]["config"]

    assert {name for name, service in containers().items() if "front" in service["networks"]} == {"nginx", "web"}
    assert containers()["web"]["environment"]["TRUSTED_PROXIES"] == subnet["subnet"]


def test_every_variable_stands_in_the_example_and_every_one_of_the_example_is_used() -> None:
    used = {name for name, _, _ in uses()}

    assert (listed(used - set(example())), listed(set(example()) - used - OF_COMPOSE)) == ("", "")


def test_every_variable_of_the_example_is_explained_in_the_line_above() -> None:
    lines = text(".env.example").splitlines()
    alone = [
        line for above, line in zip(["", *lines], lines, strict=False) if _GIVEN.match(line) and above[:2] != "# "
    ]

    assert alone == []


def test_a_default_is_the_same_in_the_example_in_compose_and_in_the_settings() -> None:
    defaults = {name: value for name, operator, value in uses() if operator == ":-"}
    of_settings = {name: _default(field) for name, field in SETTINGS.items() if defaults.get(name)}
    differ = {name for name in of_settings if defaults[name] != of_settings[name]}

    assert {(name, value) for name, operator, value in uses() if operator == ":-"} == {*defaults.items()}
    assert {name: value for name, value in defaults.items() if example()[name] != value} == {}
    assert (listed(differ - set(OTHERWISE)), listed(set(OTHERWISE) - differ)) == ("", "")


def _default(field: str) -> str:
    value = Settings.model_fields[field].default
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_no_secret_has_a_default() -> None:
    secrets = {name for name, _, _ in uses() if re.search(r"(_KEY|_KEY_PREVIOUS|_PASSWORD|_URL)$", name)}

    assert {name: example()[name] for name in secrets if example()[name]} == {}
    assert [
        (name, value) for name, operator, value in uses() if operator == ":-" and name in secrets and value
    ] == []


def test_nothing_starts_without_the_secrets_and_the_reason_names_them() -> None:
    reasons = {name: value for name, operator, value in _VARIABLE.findall(text(FILES[0])) if operator == ":?"}

    assert set(reasons) == MUST_BE_SET
    assert {name for name, value in reasons.items() if not all(one in value for one in MUST_BE_SET)} == set()


def test_every_setting_reaches_the_containers_or_has_its_reason_not_to() -> None:
    given = set(containers()["web"]["environment"])
    due = set(SETTINGS) - set(NOT_FOR_CONTAINERS)

    assert (listed(due - given), listed(given - due)) == ("", "")
    assert set(NOT_FOR_CONTAINERS) <= set(SETTINGS)


@pytest.mark.parametrize("name", ["worker", "beat", "migrate"])
def test_all_of_ours_are_given_the_same_settings(name: str) -> None:
    assert containers()[name]["environment"] == containers()["web"]["environment"]


@EACH_SERVICE
def test_a_service_is_bounded_watched_and_has_no_rights_that_it_does_not_need(name: str) -> None:
    service = containers()[name]

    assert service["restart"] == ("no" if name in ENDS_BY_ITSELF else "unless-stopped")
    assert service["mem_limit"]
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["read_only"] is (name not in WRITABLE)
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert name in ENDS_BY_ITSELF or "test" in service.get("healthcheck", {}) or has_own_check(service)


def has_own_check(service: dict[str, Any]) -> bool:
    """Whether its image brings a health check."""
    target = service.get("build", {}).get("target")
    return "\nHEALTHCHECK " in stages().get(target, "")


def stages() -> dict[str, str]:
    """The Dockerfile's, by name."""
    parts = re.split(r"^FROM \S+ AS (\S+)$", text("Dockerfile"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_ours_do_not_run_as_root() -> None:
    assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", stages()["app"], re.MULTILINE)
    assert containers()["nginx"]["user"] == "nginx"


def test_the_api_is_given_time_to_let_its_streams_end() -> None:
    assert 'CMD ["python", "-m", "app.serve"]' in stages()["app"]
    assert "command" not in containers()["web"]
    streams_s = int(example()["DRAIN_S"]) + serve._LAST_WORDS_S
    assert int(containers()["web"]["stop_grace_period"].rstrip("s")) > 1 + max(serve._FINISH_WITHIN_S, streams_s)


def test_nginx_waits_longer_than_the_longest_answer() -> None:
    [patience] = re.findall(r"proxy_read_timeout (\d+)s;", text("nginx/snippets/proxy.conf"))

    assert int(patience) > Settings.model_fields["answer_timeout_s"].default


def test_nginx_takes_as_much_as_the_api() -> None:
    assert f"client_max_body_size {_BODY_LIMIT_MB}m;" in text("nginx/nginx.conf")


def test_nginx_adds_the_headers_of_the_panels_own_server() -> None:
    words = dict(re.findall(r'^map \S+ \$(\w+) \{\s+""\s+"(.*)";$', text("nginx/snippets/maps.conf"), re.MULTILINE))
    added = re.findall(r"^add_header (\S+) \$(\w+) always;$", text("nginx/snippets/headers.conf"), re.MULTILINE)

    assert {header: words[name] for header, name in added if name in words} == security_headers()


def security_headers() -> dict[str, str]:
    """Those of security.ts for a panel whose API is on its own origin."""
    source = text("bytchat-panel/security.ts")
    policy = re.findall(r"^    [\"`]([a-z-]+ [^\"`]*)[\"`],$", source.replace("${api}", ""), re.MULTILINE)
    others = dict(re.findall(r"^    '([A-Za-z-]+)': '(.*)',$", source, re.MULTILINE))
    return {"Content-Security-Policy": "; ".join(policy), **others}


def test_no_part_of_nginx_that_adds_a_header_drops_the_others() -> None:
    files = [*ROOT.glob("nginx/**/*.conf"), *ROOT.glob("nginx/**/*.template")]
    blocks = [block for path in files for block in _locations(path.read_text(encoding="utf-8"))]

    assert [one for one in blocks if "add_header" in one and "include snippets/headers.conf;" not in one] == []
    assert any("add_header" in one for one in blocks)


def _locations(source: str) -> Iterator[str]:
    """Each location with what it holds."""
    return (match[0] for match in re.finditer(r"^location .*?^\}", source, re.MULTILINE | re.DOTALL))


def test_the_images_are_tagged_with_the_projects_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]

    assert example()["BYTCHAT_VERSION"] == version
    assert set(re.findall(r'image\.version="(.*?)"', text("Dockerfile"))) == {version}
