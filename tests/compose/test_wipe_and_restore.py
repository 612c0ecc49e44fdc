"""A backup, everything thrown away, and everything there again (OPS-3)."""

import subprocess
from pathlib import Path

from tests.compose.stack import Stack, docker_environment
from tests.platform import PASSWORD, Owner, log_in, text_of

_TEXT = "El faro de Salmera se visita los jueves.\n"
_ROWS = """
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %I AS t', name, name)
FROM (SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename) AS tables (name) \\gexec
"""


def test_a_backup_brings_back_rows_logins_keys_and_answers_ops_3(
    stack: Stack, owner: Owner, tmp_path: Path
) -> None:
    bot = owner.new_bot(initial_configs=[{"task_type": "general", "provider": "openai", "model_id": "say=Hola"}])
    owner.train(bot["id"], _TEXT)
    assert text_of(owner.ask(bot["id"], "¿Cuándo se visita el faro?")) == "Hola"
    rows, dump = _rows(stack), tmp_path / "bytchat.dump"

    _run(stack, "exec", "-T", "web", "bytchat", "backup", "-", writes=dump)
    stack.compose("down", "--volumes")
    stack.compose("up", "--detach", "--wait", within_s=600)
    forgotten = owner.http.get("/bots/").status_code
    stack.compose("stop", "web", "worker", "beat")
    _run(stack, "run", "--rm", "-T", "--no-deps", "migrate", "bytchat", "restore", "-", reads=dump)
    restored = _rows(stack)
    stack.compose("up", "--detach", "--wait", within_s=600)

    assert forgotten == 401
    assert restored == rows
    assert "documents" in rows
    assert [kept["id"] for kept in owner.http.get("/bots/").json()] == [bot["id"]]
    assert log_in(owner.http, owner.email, PASSWORD)
    assert text_of(owner.ask(bot["id"], "¿Y los viernes?")) == "Hola"


def _rows(stack: Stack) -> str:
    """Each table's name, how many rows it has, and what they come to."""
    psql = ("psql", "--username", "postgres", "--dbname", "bytchat", "--no-psqlrc", "--quiet", "--tuples-only")
    return stack.compose("exec", "-T", "db", *psql, stdin=_ROWS)


def _run(stack: Stack, *arguments: str, reads: Path = Path("/dev/null"), writes: Path = Path("/dev/null")) -> None:
    with reads.open("rb") as given, writes.open("wb") as out:
        done = subprocess.run(
            ["docker", *stack.words(*arguments)],
            env=docker_environment(),
            stdin=given,
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
