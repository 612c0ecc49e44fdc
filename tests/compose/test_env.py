"""`.env`: what is missing is named before anything starts, and `make env` leaves nothing to be edited."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compose.stack import SECRETS, docker, make_env, read_settings
from tests.platform import ROOT

_PROGRAMS = ("awk", "cat", "chmod", "cp", "find", "grep", "openssl", "rm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a server's checkout would be, as far as `docker compose config` looks."""
    for name in ("Makefile", ".env.example", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def compose(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return docker("compose", "--project-name", "bytchat-test-env", *arguments, cwd=folder)


@pytest.mark.parametrize("command", [("config",), ("up", "--detach", "--build")], ids=["config", "up"])
def test_an_unedited_example_is_refused_and_every_secret_is_named(folder: Path, command: tuple[str, ...]) -> None:
    shutil.copy(folder / ".env.example", folder / ".env")

    refused = compose(folder, *command)

    assert refused.returncode != 0
    assert [name for name in SECRETS if name not in refused.stderr] == []
    assert "make env" in refused.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_one_secret_that_is_empty_is_refused_by_its_name(folder: Path, missing: str) -> None:
    make_env(folder)
    _change(folder / ".env", missing, "")

    refused = compose(folder, "config", "--quiet")

    assert refused.returncode != 0
    assert missing in refused.stderr


def test_after_make_env_nothing_else_needs_to_be_edited(folder: Path) -> None:
    made = make_env(folder)

    taken = compose(folder, "config", "--quiet")

    assert (made.returncode, made.stderr) == (0, "")
    assert (taken.returncode, taken.stderr) == (0, "")
    assert [name for name in SECRETS if name not in made.stdout] == []


def test_no_secret_is_like_another_and_none_is_shown(folder: Path) -> None:
    first = _made_secrets(folder)
    (folder / ".env").unlink()

    second = _made_secrets(folder)

    assert len({*first, *second}) == 2 * len(SECRETS)
    assert all(len(secret) == 64 for secret in first)


def _made_secrets(folder: Path) -> list[str]:
    made = make_env(folder)
    secrets = [read_settings(folder / ".env")[name] for name in SECRETS]
    assert [secret for secret in secrets if secret in made.stdout] == []
    return secrets


def test_make_env_changes_nothing_but_empty_secrets(folder: Path) -> None:
    make_env(folder)

    made = read_settings(folder / ".env")

    example = read_settings(folder / ".env.example")
    assert [name for name in made if made[name] != example[name]] == list(SECRETS)
    assert _comments(folder / ".env") == _comments(folder / ".env.example")


def test_make_env_twice_changes_nothing(folder: Path) -> None:
    make_env(folder)
    first = (folder / ".env").read_bytes()

    again = make_env(folder)

    assert again.returncode == 0
    assert (folder / ".env").read_bytes() == first


def test_make_env_keeps_what_was_set(folder: Path) -> None:
    mine = "SECRET_KEY='de $antes & \\1 con / y #'\nHTTP_PORT=8081\nREDIS_PASSWORD=\n"
    (folder / ".env").write_text(mine)

    make_env(folder)

    kept = read_settings(folder / ".env")
    assert [kept["SECRET_KEY"], kept["HTTP_PORT"]] == ["'de $antes & \\1 con / y #'", "8081"]
    assert [len(kept[name]) for name in SECRETS[1:]] == [64, 64, 64]
    assert "OPENAI_API_KEY" not in kept


def test_only_its_owner_reads_the_file(folder: Path) -> None:
    make_env(folder)
    fresh = (folder / ".env").stat().st_mode & 0o777
    (folder / ".env").chmod(0o644)

    make_env(folder)

    assert (fresh, (folder / ".env").stat().st_mode & 0o777) == (0o600, 0o600)


def test_make_env_needs_neither_python_nor_node(folder: Path) -> None:
    programs = folder / "bin"
    programs.mkdir()
    for name in _PROGRAMS:
        (programs / name).symlink_to(str(shutil.which(name)))

    made = subprocess.run(
        [str(shutil.which("make")), "env"],
        cwd=folder,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (made.returncode, made.stderr) == (0, "")
    assert [len(read_settings(folder / ".env")[name]) for name in SECRETS] == [64] * 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes where nobody may.")
def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.chmod(0o500)

    told = make_env(folder)

    assert told.returncode != 0


def _change(env_file: Path, name: str, value: str) -> None:
    lines = env_file.read_text(encoding="utf-8").splitlines()
    env_file.write_text("\n".join(f"{name}={value}" if line.startswith(f"{name}=") else line for line in lines))


def _comments(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
