"""Whatever three owners do in whatever order, each sees exactly what it should (ISO-6)."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from app.embedded.services import Services
from tests.api.vendors import SERVER_KEYS
from tests.isolation.machine import ACTS, Tenants
from tests.platform import Running, api_process
from tests.rows import Database
from tests.vendors.server import Vendor, vendor_server

STEPS = 220
# The first asks who one is and nothing else; a longer search: ISOLATION_RUNS=50.
RUNS = int(os.environ.get("ISOLATION_RUNS", "2"))


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with vendor_server("openai") as vendor:
        yield vendor


@pytest.fixture(scope="module")
def vendor_api(services: Services, logs: Path, vendor: Vendor) -> Iterator[str]:
    """An API whose models are a vendor that shows us each prompt."""
    talking = {
        "SCRIPTED_MODELS": "false",
        "OPENAI_BASE_URL": vendor.url,
        "OPENAI_API_KEY": SERVER_KEYS["openai"],
        "SERVER_KEYS_USD_PER_OWNER_DAY": "100000",
    }
    with api_process(services, logs, **talking) as (url, _):
        yield url


def test_each_owner_sees_exactly_its_own(
    vendor_api: str, vendor: Vendor, workers: list[Running], db: Database
) -> None:
    """ISO-6: no run is chance but where RUNS is set, so that a failure comes again."""
    steps: Counter[str] = Counter()

    class Here(Tenants):
        def __init__(self) -> None:
            super().__init__(vendor_api, vendor, db, steps)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            derandomize="ISOLATION_RUNS" not in os.environ,
            database=None,
            deadline=None,
            # A failing run of real processes is not made shorter: it is printed as it was.
            phases=[Phase.generate],
            verbosity=Verbosity.normal,
            suppress_health_check=list(HealthCheck),
        ),
    )

    print(f"{steps.total()} operations: {dict(steps)}")
    assert steps.total() - steps["ask_who_i_am"] >= 200
    assert set(steps) == set(ACTS)
