"""Search: exact BM25, words found as people type them, the fusion of both arms, and one bot's text alone."""

import asyncio
import math
import random
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.core.database import Sessions, make_engine, make_sessions, transaction
from app.embedded.services import Services
from app.knowledge.passages import Passage
from app.knowledge.search import WordHit, match_words
from app.providers.base import Purpose, Vector
from tests.knowledge.library import HashEmbedder, Shelf, new_shelf, second_shelf

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]

HANDBOOK = """Horario

La tienda de Valdearce abre de lunes a viernes de 10:00 a 20:30, y los sábados de 10:00 a 14:00. Cierra los
domingos y los festivos. En agosto solo abre por las mañanas, y el taller no coge encargos nuevos.

Devoluciones

El plazo de devolución es de treinta días desde la compra. Las devoluciones por correo las paga el cliente, salvo
que el artículo llegara roto. Ninguna devolución se admite sin el tique.

Cascos

El casco Brisa (SKU-20.301) cuesta 39,90 €. El casco Cierzo (SKU-20.302) cuesta 54,90 €. El casco de niño Racha
(SKU-20.310) cuesta 24,90 €. Todos llevan la etiqueta REF/A-17 por dentro, salvo el Racha, que lleva REF/A-71.

Avisos del taller

El aviso ERR-4711 dice que la batería está fría. El aviso ERR-4712 dice que el motor no encuentra la batería. El
aviso ERR-4117 dice que la pantalla está desconectada; se apaga y se enciende la bicicleta.

Alquiler

El alquiler de una bicicleta eléctrica cuesta 28 € al día o 150 € a la semana, con casco y candado. El canal de
O'Donnell está a diez minutos; la ruta C:\\mapas\\canal sale en la pantalla del ordenador de a bordo."""


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def module_sessions(runner: asyncio.Runner, services: Services) -> Iterator[Sessions]:
    engine = make_engine(services.database_url, pool_size=20)
    yield make_sessions(engine)
    runner.run(engine.dispose())


@pytest.fixture(scope="module")
def handbook(runner: asyncio.Runner, module_sessions: Sessions) -> Shelf:
    """A bot that knows the handbook above, with vectors that mean nothing."""
    shelf = runner.run(new_shelf(module_sessions))
    runner.run(shelf.train(HANDBOOK, HashEmbedder()))
    return shelf


@pytest.fixture
def empty(runner: asyncio.Runner, module_sessions: Sessions) -> Shelf:
    return runner.run(new_shelf(module_sessions))


# Each form of a question's words, and which word it is of.
_FORMS = text(
    """
    SELECT lexeme, min(place) AS word
    FROM (SELECT bytchat_spelt(CAST(:config AS regconfig), :query) AS spelt) AS said
    CROSS JOIN LATERAL (SELECT * FROM unnest(to_tsvector(CAST(:config AS regconfig), spelt))
                        UNION ALL SELECT * FROM unnest(to_tsvector(CAST(:config AS regconfig), unaccent(spelt))))
                       AS form(lexeme, places, weights)
    CROSS JOIN LATERAL unnest(places) AS place GROUP BY lexeme
    """
)


async def reference_bm25(shelf: Shelf, query: str, *, k1: float = 1.2, b: float = 0.75) -> dict[Any, float]:
    """BM25 as its paper writes it, in plain Python, a word by the better of its forms; by (document, position)."""
    async with transaction(shelf.sessions) as session:
        chunks = (
            await session.execute(
                text(
                    "SELECT chunks.document_id, chunks.position, documents.config::text, "
                    "  ARRAY(SELECT word.lexeme FROM unnest(bytchat_lexemes(documents.config, "
                    "    concat_ws(E'\\n', nullif(chunks.heading, ''), chunks.text))) AS word, "
                    "  unnest(word.positions)) AS words "
                    "FROM chunks JOIN documents ON documents.id = chunks.document_id WHERE chunks.bot_id = :bot_id"
                ),
                {"bot_id": shelf.bot_id},
            )
        ).all()
        asked = {
            config: (await session.execute(_FORMS, {"config": config, "query": query})).all()
            for config in {chunk.config for chunk in chunks}
        }
    mean_length = sum(len(chunk.words) for chunk in chunks) / len(chunks)
    scores: dict[Any, float] = {}
    for chunk in chunks:
        counts = Counter(chunk.words)
        by_word: dict[int, float] = {}
        for term, word in asked[chunk.config]:
            df = sum(other.config == chunk.config and term in other.words for other in chunks)
            idf = math.log(1 + (len(chunks) - df + 0.5) / (df + 0.5))
            norm = k1 * (1 - b + b * len(chunk.words) / mean_length)
            points = idf * counts[term] * (k1 + 1) / (counts[term] + norm) if counts[term] else 0
            by_word[word] = max(points, by_word.get(word, 0))
        if score := sum(by_word.values()):
            scores[chunk.document_id, chunk.position] = score
    return scores


async def words_of(shelf: Shelf, query: str) -> dict[Any, float]:
    """What search says of each chunk's words, by (document, position)."""
    async with transaction(shelf.sessions) as session:
        hits = await match_words(session, bot_id=shelf.bot_id, owner_id=shelf.owner_id, query=query)
    return {(hit.document_id, hit.position): hit.words for hit in hits}


@pytest.mark.parametrize(
    "query",
    [
        "devolución",
        "¿Cuánto cuesta el casco Brisa?",
        "bicicleta bicicleta batería",
        "ERR-4711 pantalla apagada fría",
        "alquiler eléctrica semana casco tienda agosto",
    ],
)
def test_scores_are_exactly_bm25(runner: asyncio.Runner, handbook: Shelf, query: str) -> None:
    found = runner.run(words_of(handbook, query))

    assert found == pytest.approx(runner.run(reference_bm25(handbook, query)))
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_scores_are_exactly_bm25_over_a_bots_languages_and_documents(runner: asyncio.Runner, empty: Shelf) -> None:
    spanish = "\n\n".join(
        f"La factura número {n} vence el día {n} de mayo. Se paga en caja. " * 5 for n in range(9)
    )
    english = "\n\n".join(f"The invoice number {n} is due on May {n}. It is paid by card. " * 5 for n in range(9))
    for body in (spanish, english, HANDBOOK):
        runner.run(empty.train(body))

    for query in ("factura 7 vence", "invoice due card", "factura invoice mayo May 3 tienda"):
        found = runner.run(words_of(empty, query))
        expected = runner.run(reference_bm25(empty, query))
        assert found == pytest.approx(expected)
        assert len(found) > 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SKU-20.301", "casco Brisa"),
        ("sku-20.310", "casco de niño Racha"),
        ("¿Qué es el SKU-20.302?", "casco Cierzo"),
        ("REF/A-17", "REF/A-17"),
        ("ref/a-71", "REF/A-71"),
        ("ERR-4711", "batería está fría"),
        ("¿Qué significa ERR-4117?", "pantalla está desconectada"),
    ],
)
def test_a_code_is_found_as_it_is_typed(
    runner: asyncio.Runner, module_sessions: Sessions, query: str, said: str
) -> None:
    shelf = runner.run(new_shelf(module_sessions))
    sentences = HANDBOOK.replace("\n\n", ". ").replace("\n", " ").split(". ")
    # Each sentence is a chunk of its own, so that the nearest codes compete.
    runner.run(shelf.train((" " * 600).join(sentences)))

    [best, *_] = runner.run(shelf.search(query))

    assert said in best.text


@pytest.mark.parametrize("written", ["devolución", "devoluciones", "devolucion", "Devolución", "DEVOLUCIONES"])
@pytest.mark.parametrize("asked", ["devolución", "devoluciones", "devolucion", "DEVOLUCIÓN"])
def test_accents_plurals_and_capitals_do_not_hide_a_word(
    runner: asyncio.Runner, module_sessions: Sessions, written: str, asked: str
) -> None:
    shelf = runner.run(new_shelf(module_sessions))
    runner.run(shelf.train(f"El cliente pide la {written} de la compra en la tienda de la calle Mayor."))

    assert len(runner.run(shelf.search(asked))) == 1


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("39,90 €", "39.90"),
        ("39,90 €", "39,90€"),
        ("€39.90", "39,90"),
        ("£46.00", "£46"),
        ("£46.00", "46"),
        ("549,00 €", "549€"),
        ("1.249,00 €", "1249"),
        ("1249.00", "1.249,00"),
        ("20.301", "20301"),
    ],
)
def test_a_price_is_found_however_it_is_typed(
    runner: asyncio.Runner, empty: Shelf, written: str, asked: str
) -> None:
    runner.run(empty.train(f"El casco Brisa cuesta {written} en la tienda de la plaza."))

    assert len(runner.run(empty.search(asked))) == 1


@pytest.mark.parametrize("asked", ["SKU-20.301", "sku20301", "¿Cuánto cuesta el REF/A-17?", "el 20301"])
def test_what_a_code_alone_scores_is_told(runner: asyncio.Runner, empty: Shelf, asked: str) -> None:
    runner.run(empty.train("El casco Brisa (SKU-20.301) cuesta lo que dice la etiqueta REF/A-17."))

    async def hits() -> list[WordHit]:
        async with transaction(empty.sessions) as session:
            return await match_words(session, bot_id=empty.bot_id, owner_id=empty.owner_id, query=asked)

    [hit] = runner.run(hits())
    assert 0 < hit.codes <= hit.words


def test_a_question_needs_only_one_of_its_words(runner: asyncio.Runner, handbook: Shelf) -> None:
    passages = runner.run(handbook.search("¿Podría alguien indicarme cuándo cierra el establecimiento?"))

    assert "Cierra los" in passages[0].text
    assert 0 < passages[0].coverage < 1


def test_coverage_is_whole_where_every_word_is_found(runner: asyncio.Runner, handbook: Shelf) -> None:
    [best, *_] = runner.run(handbook.search("plazo de devolución"))

    assert best.coverage == pytest.approx(1)


@pytest.mark.parametrize("query", ["de la que el y a los", "¿?", "...", "", " ", "'", "\\", "👋", "|&!:*()<->"])
def test_a_query_without_words_finds_nothing(runner: asyncio.Runner, handbook: Shelf, query: str) -> None:
    assert runner.run(handbook.search(query)) == []


@pytest.mark.parametrize("query", ["de la que", "zzz"])
def test_a_query_without_known_words_still_finds_by_meaning(
    runner: asyncio.Runner, handbook: Shelf, query: str
) -> None:
    vector = runner.run(vector_of(query))

    passages = runner.run(handbook.search(query, vector=vector))

    assert passages
    assert {one.words for one in passages} == {0}


@pytest.mark.parametrize(
    "query", ["O'Donnell", "O''Donnell' | x", "C:\\mapas\\canal", "canal:*", "!canal & (canal"]
)
def test_what_search_engines_read_as_signs_is_only_text(
    runner: asyncio.Runner, handbook: Shelf, query: str
) -> None:
    [best, *_] = runner.run(handbook.search(query))

    assert "O'Donnell" in best.text


signs = st.text("'\"|&!\\:*()<->% \t\naáñAZ09.,/-_$;\u00a0👋", max_size=60)
storable = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200)


@settings(max_examples=120, deadline=None)
@given(query=signs | storable, with_vector=st.booleans())
def test_no_query_breaks_the_search(runner: asyncio.Runner, handbook: Shelf, query: str, with_vector: bool) -> None:
    vector = runner.run(vector_of(query)) if with_vector else None

    passages = runner.run(handbook.search(query, vector=vector))

    assert all(HANDBOOK[one.start : one.end] == one.text for one in passages)
    assert [one.score for one in passages] == sorted((one.score for one in passages), reverse=True)


def test_the_longest_query_is_searched(runner: asyncio.Runner, handbook: Shelf) -> None:
    words = " ".join(f"palabra{n}" for n in range(1_500))

    [best, *_] = runner.run(handbook.search(f"{words} devolución"[-16_000:]))

    assert "devolución" in best.text


def test_two_languages_in_one_bot_are_each_read_in_their_own(runner: asyncio.Runner, empty: Shelf) -> None:
    runner.run(
        empty.train("Las devoluciones se piden en la caja de la tienda durante los treinta días siguientes.")
    )
    runner.run(empty.train("The returning customers are welcomed with discounts on all of the running shoes."))

    [spanish] = runner.run(empty.search("devolución"))
    [english] = runner.run(empty.search("discounted shoe for a returned customer"))

    assert spanish.text.startswith("Las devoluciones")
    assert english.text.startswith("The returning")


def test_the_nearest_vector_is_found_and_its_cosine_told(runner: asyncio.Runner, handbook: Shelf) -> None:
    async def chunk_and_vector() -> tuple[str, Vector]:
        [document_id] = {one.document_id for one in await handbook.search("casco")}
        chunk = (await handbook.chunks(document_id))[-1]
        return chunk.text, await vector_of(f"{chunk.heading}\n{chunk.text}".strip())

    chunk_text, vector = runner.run(chunk_and_vector())

    [best, *_] = runner.run(handbook.search("zzz", vector=vector))

    assert chunk_text in best.text
    assert best.similarity == pytest.approx(1, abs=0.01)


def test_a_chunk_that_has_no_vector_yet_is_found_by_its_words(runner: asyncio.Runner, empty: Shelf) -> None:
    runner.run(empty.train(HANDBOOK, HashEmbedder()))
    runner.run(empty.train("El faro de Salmera se visita los jueves."))

    passages = runner.run(empty.search("faro", vector=runner.run(vector_of("faro"))))

    [found] = [one for one in passages if "faro" in one.text]
    assert found.similarity is None
    assert found.words > 0


def test_no_more_passages_than_asked_for(runner: asyncio.Runner, empty: Shelf) -> None:
    for number in range(5):
        runner.run(empty.train(f"El aviso {number} habla del casco y de la devolución."))

    assert len(runner.run(empty.search("casco devolución aviso", limit=2))) == 2


def test_what_is_deleted_is_found_no_more_iso_7(runner: asyncio.Runner, empty: Shelf) -> None:
    document_id = runner.run(empty.train(HANDBOOK))
    assert runner.run(empty.search("casco"))

    runner.run(empty.remove(document_id))

    assert runner.run(empty.search("casco")) == []


def test_a_search_of_one_bot_never_returns_anothers_chunk_iso_4(
    runner: asyncio.Runner, module_sessions: Sessions
) -> None:
    async def libraries() -> list[Shelf]:
        mine = await new_shelf(module_sessions)
        return [mine, await second_shelf(module_sessions, mine.owner_id), await new_shelf(module_sessions)]

    shelves = runner.run(libraries())
    documents = {shelf.bot_id: runner.run(shelf.train(HANDBOOK, HashEmbedder())) for shelf in shelves}
    queries = adversarial_queries(random.Random(20), [shelf.bot_id for shelf in shelves])

    async def all_at_once() -> list[tuple[Shelf, list[Passage]]]:
        room = asyncio.Semaphore(50)

        async def one(place: int, query: str) -> tuple[Shelf, list[Passage]]:
            shelf = shelves[place % 3]
            async with room:
                vector = await vector_of(query) if place % 2 else None
                return shelf, await shelf.search(query, vector=vector)

        return await asyncio.gather(*(one(place, query) for place, query in enumerate(queries)))

    answers = runner.run(all_at_once())

    foreign = [one for shelf, found in answers for one in found if one.document_id != documents[shelf.bot_id]]
    assert foreign == []
    assert sum(bool(found) for _, found in answers) > 500


def test_a_bot_searched_as_another_owners_gives_nothing_iso_4(
    runner: asyncio.Runner, module_sessions: Sessions, handbook: Shelf
) -> None:
    stranger = runner.run(new_shelf(module_sessions))
    crossed = Shelf(module_sessions, stranger.owner_id, handbook.bot_id)

    assert runner.run(crossed.search("casco", vector=runner.run(vector_of("casco")))) == []


def adversarial_queries(seeded: random.Random, bot_ids: list[uuid.UUID]) -> list[str]:
    """1,000: sentences of the text, whole and torn, SQL, the ids of the other bots."""
    words = HANDBOOK.split()
    attacks = [
        "' OR bot_id <> '",
        "casco') OR true --",
        "casco; SELECT * FROM chunks",
        "%' UNION SELECT text FROM chunks --",
        *(f"casco bot_id = '{bot_id}'" for bot_id in bot_ids),
    ]
    torn = [" ".join(seeded.sample(words, seeded.randint(1, 12))) for _ in range(1_000 - len(attacks))]
    return [*attacks, *torn]


async def vector_of(query: str) -> Vector:
    [vector] = await HashEmbedder().embed([query], purpose=Purpose.QUERY)
    return vector
