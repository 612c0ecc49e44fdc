"""The documentation's session, word for word, on a server without any key."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.embedded.services import Services
from tests.platform import Running, api_process, parse_events, text_of
from tests.services import wait_until

CREDENTIALS = {"email": "nuevo.usuario@ejemplo.com", "password": "una-clave-segura"}
NEW_BOT = {
    "name": "Mi Nuevo Asistente",
    "description": "Un bot para pruebas.",
    "initial_configs": [{"task_type": "general", "provider": "google", "model_id": "gemini-1.5-flash-latest"}],
}
PIRATE = {"system_prompt": "Ahora eres un robot pirata que habla como tal."}
NEW_MODEL = {"provider": "openai", "model_id": "gpt-4o", "task_type": "complex"}
QUESTION = {"query": "¿Cuál es tu propósito?"}
ABOUT = "Mi propósito es responder preguntas sobre la tienda de bicicletas.\n\nAbrimos a las nueve.\n"


@pytest.fixture
def http(services: Services, logs: Path) -> Iterator[httpx2.Client]:
    with (
        api_process(services, logs, SCRIPTED_MODELS="false") as (url, _),
        httpx2.Client(base_url=url, timeout=30, trust_env=False) as http,
    ):
        yield http


def test_the_documented_session_works_without_any_key(http: httpx2.Client, workers: list[Running]) -> None:
    user = http.post("/users/", json=CREDENTIALS)
    assert user.status_code == 200
    assert user.json()["email"] == CREDENTIALS["email"]
    assert user.json().keys() == {"id", "email", "created_at"}

    token = http.post("/token", data={"username": CREDENTIALS["email"], "password": CREDENTIALS["password"]})
    assert token.status_code == 200
    assert token.json().keys() == {"access_token", "token_type"}
    assert token.json()["token_type"] == "bearer"
    http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    created = http.post("/bots/", json=NEW_BOT)
    assert created.status_code == 200
    bot = created.json()
    assert [bot["name"], bot["description"]] == [NEW_BOT["name"], NEW_BOT["description"]]
    assert [{key: config[key] for key in NEW_MODEL} for config in bot["configs"]] == NEW_BOT["initial_configs"]

    assert http.get("/bots/").json() == [bot]

    changed = http.put(f"/bots/{bot['id']}", json=PIRATE)
    assert changed.status_code == 200
    assert changed.json() == {**bot, **PIRATE, "updated_at": changed.json()["updated_at"]}

    added = http.post(f"/bots/{bot['id']}/models/", json=NEW_MODEL)
    assert added.status_code == 200
    assert {key: added.json()[key] for key in NEW_MODEL} == NEW_MODEL

    early = http.post(f"/chat/{bot['id']}", json=QUESTION)
    assert (early.status_code, early.json()["code"]) == (409, "provider_key_missing")
    assert "google/gemini-1.5-flash-latest" in early.json()["detail"]
    assert http.get(f"/bots/{bot['id']}/conversations/").json() == []

    trained = http.post(f"/bots/{bot['id']}/train", files={"file": ("tienda.txt", ABOUT.encode(), "text/plain")})
    assert trained.status_code == 202
    document = f"/bots/{bot['id']}/documents/{trained.json()['id']}"
    wait_until(lambda: http.get(document).json()["status"] == "ready", within_s=60)

    answer = http.post(f"/chat/{bot['id']}", json=QUESTION)
    assert answer.status_code == 200
    assert answer.text.startswith("Mi propósito es responder preguntas sobre la tienda de bicicletas. [1]")
    assert answer.headers["x-model"].startswith("local/extractive (Sin clave para google/gemini-1.5-flash-latest")

    events = parse_events(
        http.post(f"/chat/{bot['id']}", json=QUESTION, headers={"Accept": "text/event-stream"}).text
    )
    started = events[0][1]
    assert (started["provider"], started["model"]) == ("local", "extractive")
    assert "Sin clave para google/gemini-1.5-flash-latest, openai/gpt-4o" in started["reason"]
    assert "no es un modelo de lenguaje" in started["reason"]
    assert text_of(events) == answer.text
    assert events[-1][0] == "finished"

    welcome = http.get("/")
    assert "Bienvenido a Bytchat" in welcome.json()["message"]
    assert welcome.json()["version"] == "1.4.0"
