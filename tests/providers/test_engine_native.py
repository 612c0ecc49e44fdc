"""The embedder's fast engine says what the wheel says, and stands aside wherever it could not."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app.providers.base import Purpose
from app.providers.local import E5Embedder
from app.providers.native.build import build, find_compiler, main
from app.providers.native.engine import (
    AGREEMENT,
    FLAVOURS,
    MANIFEST,
    Engine,
    Flavour,
    Manifest,
    Vectors,
    Wheel,
    find_engine,
    find_wheel,
    folder_name,
    processor_flags,
    proven,
    read_manifest,
)
from tests.platform import ROOT

RUNNABLE = [flavour for flavour in FLAVOURS if flavour.processor <= processor_flags()]
pytestmark = pytest.mark.skipif(
    find_wheel() is None or find_compiler() is None or not RUNNABLE,
    reason="there is no wheel, no C compiler or no AVX2",
)

SAYINGS = [
    "",
    "¿",
    "hola",
    "ERR-4711: 39,90 €, SKU-20.301, ana@example.com",
    "日本語のテキスト 🙂 naïve façade",
    "x" * 700,
    "línea\nde\tvarias   partes " * 5,
]


def xquad(language: str) -> tuple[list[str], list[str]]:
    """The paragraphs and the questions, in order."""
    read = json.loads((ROOT / "tests" / "data" / "xquad" / f"{language}.json").read_text(encoding="utf-8"))
    paragraphs = [paragraph for article in read["data"] for paragraph in article["paragraphs"]]
    return (
        [paragraph["context"] for paragraph in paragraphs],
        [asked["question"] for paragraph in paragraphs for asked in paragraph["qas"]],
    )


def mixed() -> dict[Purpose, list[str]]:
    """More than 200 texts, short and long, one of them longer than the model reads at once."""
    passages, questions = [], []
    for language in ("es", "en"):
        paragraphs, asked = xquad(language)
        passages += [text[:100] for text in paragraphs[:44]] + paragraphs[45:47]
        questions += asked[:54]
    long = " ".join(xquad("es")[0][50:54])
    return {Purpose.PASSAGE: [*passages, long, *SAYINGS], Purpose.QUERY: [*questions, *SAYINGS]}


def embed(embedder: E5Embedder, texts: Sequence[str], purpose: Purpose) -> Vectors:
    return np.array(asyncio.run(embedder.embed(texts, purpose=purpose)), dtype=np.float32)


def cosines(ours: Vectors, theirs: Vectors) -> Vectors:
    """Of vectors that must both be of length 1."""
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    return np.asarray(np.einsum("ij,ij->i", ours, theirs), dtype=np.float32)


@pytest.fixture(scope="module")
def wheel() -> Wheel:
    found = find_wheel()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, wheel: Wheel) -> Path:
    """Where every flavour was built."""
    made = tmp_path_factory.mktemp("engines")
    assert build(made, wheel)
    return made


@pytest.fixture(scope="module")
def engine(home: Path) -> Engine:
    found = find_engine(home)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def by_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[Purpose, Vectors]:
    """What an embedder gives that finds no engine."""
    embedder = E5Embedder(threads=1, engines=tmp_path_factory.mktemp("nothing"))
    return {purpose: embed(embedder, texts, purpose) for purpose, texts in mixed().items()}


@pytest.fixture
def copied(home: Path, tmp_path: Path, wheel: Wheel) -> Path:
    """A home of its own, and the folder in it that may be harmed."""
    shutil.copytree(home, tmp_path / "home")
    return tmp_path / "home" / folder_name(wheel)


@pytest.mark.parametrize("flavour", RUNNABLE, ids=lambda flavour: flavour.name)
def test_every_flavour_agrees_with_the_wheel(
    flavour: Flavour, home: Path, wheel: Wheel, by_the_wheel: dict[Purpose, Vectors]
) -> None:
    folder = home / folder_name(wheel)
    manifest = read_manifest(folder)
    assert manifest is not None
    engine = proven(flavour, folder, manifest, wheel)
    assert engine is not None

    for purpose, texts in mixed().items():
        ours = engine.encode(texts, purpose is Purpose.QUERY)

        assert cosines(ours, by_the_wheel[purpose]).min() >= AGREEMENT


def test_more_than_200_texts_are_compared() -> None:
    assert sum(map(len, mixed().values())) > 200


def test_a_text_has_the_same_vector_alone_and_among_others(engine: Engine) -> None:
    texts = mixed()[Purpose.PASSAGE]

    together = engine.encode(texts)

    assert np.allclose(together, [engine.encode([text])[0] for text in texts], atol=1e-5)


def test_threads_share_one_engine(engine: Engine) -> None:
    batches = [mixed()[Purpose.QUERY][first::8] for first in range(8)]
    alone = [engine.encode(batch, True) for batch in batches]

    with ThreadPoolExecutor(max_workers=8) as pool:
        at_once = list(pool.map(lambda batch: engine.encode(batch, True), batches * 4))

    assert all(np.array_equal(made, alone[place % 8]) for place, made in enumerate(at_once))


@pytest.mark.parametrize("threads", [1, 3])
def test_vectors_come_in_the_order_of_their_texts(threads: int, home: Path, engine: Engine) -> None:
    texts = ["", "uno " * 40, "dos", "tres " * 90, "cuatro\x00cinco"]

    made = embed(E5Embedder(threads=threads, engines=home), texts, Purpose.PASSAGE)

    assert np.allclose(made, engine.encode([text.replace("\x00", " ") for text in texts]), atol=1e-5)


def test_nothing_to_embed_gives_nothing(home: Path, engine: Engine) -> None:
    assert engine.encode([]).shape == (0, 384)
    assert asyncio.run(E5Embedder(threads=2, engines=home).embed([], purpose=Purpose.PASSAGE)) == []


def test_without_a_build_there_is_no_engine(tmp_path: Path) -> None:
    assert find_engine(tmp_path) is None


def test_a_processor_without_avx2_gets_no_engine(home: Path) -> None:
    assert find_engine(home, flags=frozenset({"sse2", "avx"})) is None


def test_a_processor_gets_the_fastest_flavour_that_it_can_run(home: Path) -> None:
    for flavour in RUNNABLE:
        found = find_engine(home, flags=flavour.processor)

        assert found is not None
        assert found.name == flavour.name


def test_a_flavour_that_was_cut_short_is_passed_over(copied: Path) -> None:
    for flavour in FLAVOURS:
        library = copied / f"{flavour.name}.so"
        library.write_bytes(library.read_bytes()[:5000])

    assert find_engine(copied.parent) is None


def test_a_flavour_that_is_gone_is_passed_over(copied: Path) -> None:
    first, *rest = RUNNABLE
    (copied / f"{first.name}.so").unlink()

    found = find_engine(copied.parent)

    assert (found.name if found else None) == (rest[0].name if rest else None)


def test_an_engine_that_disagrees_is_not_used(copied: Path) -> None:
    manifest = read_manifest(copied)
    assert manifest is not None
    turned = [msgspec.structs.replace(proof, vector=proof.vector[::-1]) for proof in manifest.proofs]

    (copied / MANIFEST).write_bytes(msgspec.json.encode(Manifest(files=manifest.files, proofs=turned)))

    assert find_engine(copied.parent) is None


@pytest.mark.parametrize("written", [b"", b"{", b"{}", b'{"files": {}, "proofs": []}'])
def test_a_manifest_that_says_nothing_gives_no_engine(copied: Path, written: bytes) -> None:
    (copied / MANIFEST).write_bytes(written)

    assert find_engine(copied.parent) is None


@pytest.mark.parametrize("compiler", ["no-such-compiler", "false", "true"])
def test_a_compiler_that_fails_leaves_the_wheels_engine(
    compiler: str, tmp_path: Path, wheel: Wheel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", compiler)

    assert main([str(tmp_path)]) == 0

    assert "its own engine" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert len(embed(E5Embedder(threads=1, engines=tmp_path), ["hola"], Purpose.QUERY)[0]) == 384


def test_a_folder_that_cannot_be_written_leaves_the_wheels_engine(tmp_path: Path, wheel: Wheel) -> None:
    (tmp_path / "file").write_text("")

    assert not build(tmp_path / "file", wheel)


def test_what_an_older_source_was_built_to_goes(tmp_path: Path, wheel: Wheel) -> None:
    (tmp_path / "e5-0123456789abcdef").mkdir()

    assert build(tmp_path, wheel, RUNNABLE[-1:])

    assert [folder.name for folder in tmp_path.iterdir()] == [folder_name(wheel)]
