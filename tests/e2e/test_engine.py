"""A language model that really runs answers a person's question through the whole path."""

from pathlib import Path

from app.embedded.services import Services
from tests.platform import api_process, register, text_of
from tests.vendors.engine import MODEL_ID, engine_server, needs_engine


@needs_engine
def test_a_real_model_streams_an_answer_from_question_to_ledger(services: Services, tmp_path: Path) -> None:
    with (
        engine_server() as engine,
        api_process(services, tmp_path, SCRIPTED_MODELS="false", LOCAL_BASE_URL=engine) as (url, _),
    ):
        owner = register(url)
        toolbox = [{"task_type": "general", "provider": "local", "model_id": MODEL_ID}]
        bot = owner.new_bot(initial_configs=toolbox, system_prompt="You answer in one short sentence.")

        events = owner.ask(bot["id"], "What is the capital of France?")

        names = [name for name, _ in events]
        started, finished = events[0][1], events[-1][1]
        [_, answer] = owner.http.get(f"/conversations/{started['conversation_id']}").json()["messages"]
        usage = owner.http.get("/usage/").json()
        owner.http.close()
    assert (names[0], names[-1], set(names[1:-1])) == ("started", "finished", {"delta"})
    assert (started["provider"], started["model"]) == ("local", MODEL_ID)
    assert "Paris" in text_of(events)
    assert (finished["finish"], finished["usage"]["estimated"]) == ("stop", False)
    assert answer["text"] == text_of(events)
    assert answer["output_tokens"] == finished["usage"]["output_tokens"] == usage["total"]["output_tokens"] > 0
