"""What it costs to read 10 MB of text, of every shape that was ever thought of.

Run: `.venv/bin/python -m tests.bench.text_shapes`.

For each shape a process of its own decodes, tells the language and chunks 5 MB and then, another, 10 MB: CPU
seconds, how many times as long the double takes, and the process's peak memory. Writes docs/benchmarks/text.md.
Exits non-zero where the double takes over 3 times as long, memory reaches 400 MB, or prose takes over 1.5 s.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.core.errors import FileNotText
from app.knowledge.chunk import chunk
from app.knowledge.decode import decode
from app.knowledge.language import language_of

_ROOT = Path(__file__).resolve().parents[2]
_REPORT = _ROOT / "docs" / "benchmarks" / "text.md"
_SIZE_BYTES = 10_000_000
_MOST_TIMES, _MOST_MB, _MOST_PROSE_S = 3.0, 400, 1.5
# Below this the clock and the interpreter's start weigh more than the text.
_LEAST_S = 0.2
_HEADER = """# Reading text

Program: `tests/bench/text_shapes.py`, on {machine}. 10 MB of each shape, decoded, its language told and cut into
chunks in a process of its own: CPU seconds, how many times the CPU that 5 MB take (2 is linear), peak memory of
the process, everything included (138 MB are reached when the tables of languages are loaded, before any text).

| shape | decode, s | language and chunks, s | to 5 MB | peak, MB | chunks |
|---|---|---|---|---|---|
"""


def _repeated(text: str, encoding: str = "utf-8") -> Callable[[int], bytes]:
    piece = text.encode(encoding)
    return lambda size: piece * (size // len(piece))


def _handbook(size: int) -> bytes:
    return _repeated((_ROOT / "samples" / "tienda.es.txt").read_text(encoding="utf-8"))(size)


def _one_line(size: int) -> bytes:
    words = random.Random(1).choices(["hola", "adiós", "señor.", "cañón"], k=size // 6)
    return " ".join(words).encode()[:size]


SHAPES: dict[str, Callable[[int], bytes]] = {
    "prose (the sample handbook)": _handbook,
    "short paragraphs in Windows-1252": _repeated("El niño comió piñas. Costaban 5 €.\r\n\r\n", "cp1252"),
    "short paragraphs in UTF-16": _repeated("El niño comió piñas. Costaban 5 €.\n\n", "utf-16-le"),
    "one line of words": _one_line,
    "one letter": _repeated("a"),
    "one bracket": _repeated("["),
    "one accented letter": _repeated("á"),
    "combining marks": _repeated("\u0301"),
    "emoji": _repeated("👩\u200d👧🏽"),
    "Chinese": _repeated("本店每周一至周六上午九点开门。"),
    "base64 without line ends": _repeated("QWJyaW1vcyBkZSBsdW5lcyBhIHPDoWJhZG8u"),
    "short lines": _repeated("Hola 1\n"),
    "blank lines": lambda size: b"x" + b"\n" * (size - 2) + b"y",
    "lines of one space": lambda size: b"x" + b" \n" * (size // 2 - 1) + b"y",
    "spaces": lambda size: b"x" + b" " * (size - 2) + b"y",
    "paragraphs of one letter, CR LF": _repeated("a\r\n\r\n"),
    "headings": _repeated("# Un título\n\n"),
    "numbered headings": _repeated("3.2 Garantía\n\nDos años.\n\n"),
    "list items": _repeated("- artículo\n"),
    "lines that lead in": _repeated("Horario:\n\n"),
    "table rows": _repeated("a|b|c\n"),
    "full stops": _repeated(". "),
    "joiners without anything to join": _repeated("ж\u200d"),
    "zero-width spaces": _repeated("ж\u200b"),
    "tags": lambda size: b"x" + "\U000e0041".encode() * (size // 4),
    "random bytes": lambda size: random.Random(1).randbytes(size).replace(b"\x00", b"x"),
}


def main() -> int:
    failed, lines = [], []
    for shape in SHAPES:
        half, whole = _measured(shape, _SIZE_BYTES // 2), _measured(shape, _SIZE_BYTES)
        taken = whole["decode_s"] + whole["chunk_s"]
        times = taken / max(_LEAST_S, half["decode_s"] + half["chunk_s"])
        is_slow = shape.startswith("prose") and taken > _MOST_PROSE_S
        if times > _MOST_TIMES or whole["peak_mb"] >= _MOST_MB or is_slow:
            failed.append(shape)
        chunks = "refused" if whole["chunks"] < 0 else f"{whole['chunks']:,.0f}"
        numbers = f"{whole['decode_s']:.2f} | {whole['chunk_s']:.2f} | {times:.1f} × | {whole['peak_mb']:.0f}"
        lines.append(f"| {shape} | {numbers} | {chunks} |")
        print(lines[-1], flush=True)
    machine = f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"
    _REPORT.write_text(_HEADER.format(machine=machine) + "\n".join(lines) + "\n", encoding="utf-8")
    print("Failed:" if failed else "All kept.", *failed)
    return int(bool(failed))


def _measured(shape: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.text_shapes", shape, str(size)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, check=True, timeout=300)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _measure(shape: str, size: int) -> dict[str, float]:
    language_of("La tienda abre a las nueve.")  # Its tables are loaded once a process.
    data = SHAPES[shape](size)
    began = time.process_time()
    try:
        text = decode(data).text
    except FileNotText:
        return {"decode_s": time.process_time() - began, "chunk_s": 0, "peak_mb": _peak_mb(), "chunks": -1}
    decoded = time.process_time()
    language_of(text)
    chunks = len(chunk(text))
    chunked = time.process_time()
    return {"decode_s": decoded - began, "chunk_s": chunked - decoded, "peak_mb": _peak_mb(), "chunks": chunks}


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
    else:
        sys.exit(main())
