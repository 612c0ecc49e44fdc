"""`bytchat up`: the platform in one terminal, until Ctrl-C."""

import asyncio
import os
import sys

from app.core.config import Settings
from app.operations.panel import PanelState, why_missing
from app.operations.providers import describe
from app.operations.signals import until_signalled
from app.operations.stack import Stack, running_stack

_COLOURS = {"api": 32, "words": 36, "vectors": 35, "beat": 34, "postgresql": 33, "broker": 33, "panel": 95}
# The broker's advice on a kernel setting that only snapshots of a large memory need.
_IGNORED = "Memory overcommit must be enabled"
_WIDTH = max(len(name) for name in _COLOURS)


def up(settings: Settings) -> None:
    """Run everything until SIGINT, SIGTERM or SIGHUP; then stop it in order and return."""
    asyncio.run(until_signalled(_serve(settings)))


async def _serve(settings: Settings) -> None:
    async with running_stack(settings, port=settings.api_port, emit=emit_line, with_panel=True) as stack:
        print(_welcome(stack, settings), flush=True)
        await asyncio.Event().wait()


def emit_line(name: str, line: str) -> None:
    """Write one line of a process, with its name in front."""
    if _IGNORED in line:
        return
    label = f"{name:<{_WIDTH}} |"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        label = f"\x1b[{_COLOURS.get(name, 37)}m{label}\x1b[0m"
    try:
        print(label, line, flush=True)
    except OSError:
        # The terminal is gone; stopping in order matters more than what is said.
        return


def _welcome(stack: Stack, settings: Settings) -> str:
    return f"""
  Bytchat está en marcha. Ctrl-C lo para.      Bytchat is running. Ctrl-C stops it.

    Panel  {_panel(stack)}
    API    {stack.api_url}
    Docs   {stack.api_url}/docs
    Datos  {stack.home}

    Proveedores: {describe(settings)}

{_next_step(stack, settings)}
"""


def _panel(stack: Stack) -> str:
    """Where it is, or why it is not there; the rest works without it."""
    if stack.panel in (None, PanelState.READY):
        return stack.panel_url
    es, en = why_missing(stack.panel)
    return f"no está: {es} Todo lo demás funciona.\n           missing: {en} All else works."


def _next_step(stack: Stack, settings: Settings) -> str:
    """What a newcomer does now: in the panel where it is there, else in another terminal."""
    if stack.panel in (None, PanelState.READY):
        return f"""  Siguiente paso: abre {stack.panel_url} y crea tu cuenta.
  Next step: open {stack.panel_url} and create your account.
"""
    demo = "make demo" if settings.api_port == 8000 else f"API_PORT={settings.api_port} make demo"
    return f"""  Siguiente paso, en otra terminal · Next step, in another terminal:

    {demo}

    curl -X POST {stack.api_url}/users/ -H 'Content-Type: application/json' \\
      -d '{{"email": "nuevo.usuario@ejemplo.com", "password": "una-clave-segura"}}'
"""
