"""The home's secrets: made once, completed where they are of an older version, never weak."""

import json
import stat
from pathlib import Path

from app.core.config import Settings, require_services
from app.embedded.home import find_secrets, make_secrets
from app.embedded.services import Services
from tests.platform import environment


def test_secrets_are_made_once_and_each_is_another(tmp_path: Path) -> None:
    made, again = make_secrets(tmp_path), make_secrets(tmp_path)

    kept = list(json.loads((tmp_path / "secrets.json").read_text()).values())
    assert made == again == find_secrets(tmp_path)
    assert len(set(kept)) == 4
    assert all(len(secret) == 64 for secret in kept)


def test_a_home_of_before_gets_an_encryption_key_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    old = {"postgresql_password": "p" * 64, "broker_password": "b" * 64, "secret_key": "s" * 64}
    file.write_text(json.dumps(old))
    found = find_secrets(tmp_path)

    made = make_secrets(tmp_path)

    assert found is not None
    assert found.encryption_key == ""
    assert json.loads(file.read_text()) == {**old, "encryption_key": made.encryption_key}
    assert len(made.encryption_key) == 64
    assert make_secrets(tmp_path) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_embedded_services_give_the_server_all_that_it_requires(services: Services) -> None:
    variables = environment(services)
    names = ("database_url", "redis_url", "secret_key", "encryption_key")

    require_services(Settings.model_validate({name: variables[name.upper()] for name in names}))

    assert services.encryption_key != services.secret_key
