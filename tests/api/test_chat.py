"""A question and its answer over HTTP."""

from tests.platform import Owner, Running, text_of


def test_a_trained_bot_answers_with_a_citation(owner: Owner, workers: list[Running]) -> None:
    bot = owner.new_bot()
    document = owner.train(bot["id"], "La tienda abre a las nueve.\n\nEl casco Brisa cuesta 39,90 €.")

    events = owner.ask(bot["id"], "¿Cuánto cuesta el casco Brisa?")

    assert [name for name, _ in events] == ["started", "sources", "delta", "finished"]
    assert "39,90 €. [1]" in text_of(events)
    conversation = owner.http.get(f"/conversations/{events[0][1]['conversation_id']}").json()
    [citation] = conversation["messages"][1]["citations"]
    text = owner.http.get(
        f"/bots/{bot['id']}/documents/{document['id']}/text",
        params={"start": citation["start"], "end": citation["end"]},
    ).text
    assert text == citation["quote"]
