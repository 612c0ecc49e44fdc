"""Tells the known flaws of what the locks hold: `python -m tests.supply.audit`.

Ends with 0 where both lists were asked and know none, 1 where one knows a flaw, 2 where none is known but a list
could not be asked. `--osv-url` and `--registry` name other lists than the public ones.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

from tests.supply.advisories import OSV, Answer, NotAsked, ask_panel, ask_python

NOTHING_FOUND, FOUND, NOT_ASKED = range(3)
_ENDS = {
    NOTHING_FOUND: "Ningún fallo conocido · No known flaw",
    FOUND: "Hay fallos conocidos · There are known flaws",
    NOT_ASKED: "Esto no dice que no haya fallos: faltó preguntar · "
    "This does not say that there are no flaws: not all were asked about",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    options = _options(arguments)
    python = _told("Python", lambda: ask_python(osv_url=options.osv_url))
    panel = _told("npm", lambda: ask_panel(registry=options.registry))
    code = verdict([python, panel])
    print(_ENDS[code])
    return code


def verdict(answers: Sequence[Answer | None]) -> int:
    """Of the answers of all lists; None is one that was not asked."""
    if any(answer is not None and answer.flaws for answer in answers):
        return FOUND
    return NOT_ASKED if None in answers else NOTHING_FOUND


def _told(ecosystem: str, ask: Callable[[], Answer]) -> Answer | None:
    try:
        answer = ask()
    except NotAsked as why:
        print(
            f"{ecosystem}: NO SE HA PODIDO PREGUNTAR a ninguna lista · NO LIST COULD BE ASKED\n  {why}", flush=True
        )
        return None
    found = len(answer.flaws)
    print(f"{ecosystem}: {answer.asked} paquetes · packages, {found} fallos conocidos · known flaws", flush=True)
    for flaw in answer.flaws:
        mended = f" → {flaw.fixed_in}" if flaw.fixed_in else ""
        print(f"  {flaw.package} {flaw.version}: {flaw.name}{mended}")
    return answer


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.supply.audit", description=__doc__)
    parser.add_argument("--osv-url", default=OSV)
    parser.add_argument("--registry", default="", help="npm's registry, where it is not the configured one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
