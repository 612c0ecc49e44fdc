"""What runs, as whom, and with which rights: the engine's own view (OPS-5)."""

import json
from typing import Any

import pytest

from tests.compose.stack import LASTING, OURS, SECRETS, Stack, docker
from tests.services import wait_until

# Begins as root, to put the folder in order, and what it starts does not.
DROP_ROOT = ("db", "redis")


def test_every_service_runs_and_is_healthy_and_the_migrations_have_ended(stack: Stack) -> None:
    stack.wait_healthy(*LASTING)

    found = {line["Service"]: line for line in _ps(stack)}

    states = {service: (found[service]["State"], found[service]["Health"]) for service in LASTING}
    assert states == dict.fromkeys(LASTING, ("running", "healthy"))
    assert (found["migrate"]["State"], found["migrate"]["ExitCode"]) == ("exited", 0)


def test_beat_counts_as_well_for_as_long_as_it_sweeps(stack: Stack) -> None:
    probe = ("exec", "-T", "beat", "python", "-m", "app.probe", "beat")
    # Stopped, so that no sweep comes between.
    stack.compose("exec", "-T", "beat", "python", "-c", _SIGNAL_BEAT.format(number="SIGSTOP"))
    stack.compose("exec", "-T", "beat", "python", "-c", _AGE_FILES)

    while_it_stands = stack.attempt(*probe)
    stack.compose("exec", "-T", "beat", "python", "-c", _SIGNAL_BEAT.format(number="SIGCONT"))

    assert while_it_stands.returncode == 1
    wait_until(lambda: stack.attempt(*probe).returncode == 0, within_s=30)


_SIGNAL_BEAT = """
import os, pathlib, signal
for found in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if found.read_bytes().startswith(b"python\\0-m\\0celery"):
        os.kill(int(found.parent.name), signal.{number})
"""
_AGE_FILES = "import os, pathlib; [os.utime(file, (0, 0)) for file in pathlib.Path('/tmp').iterdir()]"


def test_only_nginx_publishes_ports_ops_5(stack: Stack) -> None:
    published = {line["Service"]: _published(line["ID"]) for line in _ps(stack)}

    del published["stub"]
    bind, settings = "127.0.0.1", stack.settings
    assert published.pop("nginx") == {(bind, settings["HTTP_PORT"]), (bind, settings["PANEL_PORT"])}
    assert [service for service, ports in published.items() if ports] == []


def _published(container: str) -> set[tuple[str, str]]:
    found = json.loads(docker("inspect", container, "--format", "{{json .NetworkSettings.Ports}}").stdout)
    bindings = [binding for bound in found.values() for binding in bound or ()]
    return {(binding["HostIp"], binding["HostPort"]) for binding in bindings}


@pytest.mark.parametrize("service", LASTING)
def test_nothing_works_as_root(stack: Stack, service: str) -> None:
    lines = docker("top", stack.container(service)["Id"], "-eo", "pid,uid,args").stdout.splitlines()[1:]
    processes = [line.split(maxsplit=2)[1:] for line in lines]

    as_root = [arguments for uid, arguments in processes if uid == "0"]

    if service in DROP_ROOT:
        as_root = [arguments for arguments in as_root if not arguments.startswith("/sbin/docker-init ")]
    assert as_root == []
    assert processes


@pytest.mark.parametrize("service", LASTING)
def test_no_secret_is_in_the_hosts_process_list(stack: Stack, service: str) -> None:
    listed = docker("top", stack.container(service)["Id"], "-eo", "pid,args").stdout

    assert [name for name in SECRETS if stack.settings[name] in listed] == []


@pytest.mark.parametrize("service", [*OURS, "nginx"])
def test_a_container_has_no_rights_that_it_does_not_need(stack: Stack, service: str) -> None:
    host = stack.container(service)["HostConfig"]

    assert host["ReadonlyRootfs"]
    assert (host["CapDrop"], host["CapAdd"], host["Privileged"]) == (["ALL"], None, False)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


@pytest.mark.parametrize("service", OURS)
def test_the_kernel_agrees(stack: Stack, service: str) -> None:
    status = stack.python(service, "print(open('/proc/1/status').read())")

    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert (int(facts["CapEff"], 16), int(facts["CapBnd"], 16), facts["NoNewPrivs"]) == (0, 0, "1")


@pytest.mark.parametrize("path", ["/srv/bytchat/app/x", "/opt/venv/x", "/etc/x", "/x"])
def test_what_came_with_the_image_cannot_be_changed(stack: Stack, path: str) -> None:
    refused = stack.attempt("exec", "-T", "web", "python", "-c", f"open({path!r}, 'w')")

    assert refused.returncode != 0
    assert "Read-only file system" in refused.stderr


@pytest.mark.parametrize("image", ["bytchat", "bytchat-nginx"])
def test_no_secret_is_in_an_image(stack: Stack, image: str) -> None:
    tag = f"{image}:{stack.settings['BYTCHAT_VERSION']}"

    told = docker("history", "--no-trunc", tag).stdout + docker("inspect", tag).stdout

    assert [name for name in SECRETS if stack.settings[name] in told] == []
    assert image in told


def test_the_image_holds_neither_a_compiler_nor_an_env_file_nor_tests(stack: Stack) -> None:
    found = docker(
        *("run", "--rm", "--network", "none", "--entrypoint", "sh", f"bytchat:{stack.settings['BYTCHAT_VERSION']}"),
        *("-c", "ls -a /srv/bytchat; command -v gcc cc pip uv node || true"),
    )

    assert found.returncode == 0, found.stderr
    names = {name for name in found.stdout.split() if name not in {".", ".."}}
    assert names == {"alembic.ini", "app", "migrations", "samples", "worker"}


def _ps(stack: Stack) -> list[dict[str, Any]]:
    lines = stack.compose("ps", "--all", "--no-trunc", "--format", "json").splitlines()
    return [json.loads(line) for line in lines]
