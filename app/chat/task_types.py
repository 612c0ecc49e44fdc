"""Task types besides `general` and `complex`: which of a toolbox's a question clearly belongs to. Pure.

A name that is known in Spanish or English has its own signs; any other is matched by the words of its name and of
its description.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.chat.features import Reading, fold
from app.providers.extract import stems

# A match below it is a doubt, and doubts are not special.
_CLEAR = 1.0
# A sign of its own says as much as two words.
_SIGN = 2.0
# A word of the description is clear where it is a fifth of what a question says, or where there are two.
_DESCRIBED_SHARE = 0.2
_DESCRIPTION_WORD = 0.5
_NAME_PART = re.compile(r"[^\W_]+")
_LEAST_CHARACTERS = 3
_STANDS_FOR_ANYTHING = stems(
    """preguntas pregunta dudas duda consultas consulta temas tema todo cualquier cosa cosas relacionado
    relacionadas relacionados responde responder ayuda ayudar usuario usuarios cliente clientes modelo modelos
    tarea tareas tipo otros otras general sencillo largo largas corto textos texto acerca questions question about anything everything
    related answers answer help user users customer customers model models task tasks type other any all things
    topics topic simple long short texts text used use using"""
)


@dataclass(frozen=True, slots=True)
class _Signs:
    """`strong` alone is clear; a `verb` and a `noun` together are."""

    strong: re.Pattern[str] | None = None
    verb: re.Pattern[str] | None = None
    noun: re.Pattern[str] | None = None


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(pattern.split('|'))})", re.VERBOSE)


_LANGUAGES = r"""(?:ingles|espanol|castellano|catalan|gallego|euskera|frances|aleman|italiano|portugues|chino
    |japones|ruso|arabe|rumano|polaco|latin|griego|english|spanish|french|german|italian|portuguese|chinese|japanese|russian
    |arabic|polish|catalan|dutch|greek|welsh)\b"""

_SIGNS: Mapping[str, _Signs] = {
    "code": _Signs(
        strong=_words(
            r"""python\b(?!\s+bay)|javascript|typescript|java\b|kotlin|golang|rust\b(?=.*\b(?:trait|borrow|iter|crate))
            |c\+\+|c\#|php\b|sql\b|postgres|mysql|sqlite|mongodb|regex|expresion(?:es)?\s+regular|html\b|css\b|json\b
            |node\.?js|django|react\b|numpy|pandas|kubernetes|docker|git\b|segfault|segmentation\s+fault|stack\s?trace
            |traceback|nullpointer|codeblock|debug|depura|compil|refactor|unit\s+test|tests?\s+unitari|pseudoc
            |algoritmo|algorithm|goroutine|mutex|api\s+rest|rest\s+api|rest\s+endpoint|decorador|codigo\s+fuente
            |source\s+code|programa\s+en\s|program\s+in\s|script\s+(?:de|en|that|to|que)\b|bash\b"""
        ),
        verb=_words(r"escrib|write|program\b|programa\b|implement|arregl|fix|corrig|optimi|refactor|peta\b"),
        noun=_words(r"funcion(?:es)?\b|function|codigo\b|code\b|script|bucle|loop\b|bugs?\b|excepcion"),
    ),
    "translation": _Signs(
        strong=_words(
            r"traduc(?!tor)|translat(?!or)|como\s+se\s+dice|como\s+(?:digo|dirias)\b|how\s+(?:do|would|to)\s+(?:you\s+|i\s+|we\s+)?say\b"
            r"|version\s+(?:inglesa|espanola|francesa|alemana|italiana|portuguesa|english|spanish|french|german)"
        ),
        verb=_words(
            r"pasa(?:me|lo|la)?\b|pon(?:me|lo|la|er)?\b|put\b|turn\b|write\b|escrib|version|dime\b|say\b|que\s+significa|mean"
        ),
        noun=_words(rf"(?:en|al|a|del|de|in|into|to)\s+{_LANGUAGES}|version\s+{_LANGUAGES}"),
    ),
    "creative": _Signs(
        verb=_words(
            r"escrib[aeio](?!o\b)\w*|escribir|redact|invent(?:a|e)\w*|imagina|compon(?:me|er|la|lo)?\b|crea(?:me)?\b|hazme|dame"
            r"|cuentame|write\b|compose|invent\b|make\s+up|come\s+up|give\s+me|tell\s+me|create|draft|quiero|necesito"
        ),
        noun=_words(
            r"poema|poesia|verso|soneto|haiku|cuento|relato|novela|microrrelato|cancion|letra\s+(?:para|de)|eslogan"
            r"|lema\b|guion|monologo|fabula|poem|sonnet|story|stories|tale\b|song|lyrics|limerick|slogan|tagline"
            r"|screenplay|novel\b|monologue|fable|jingle"
        ),
    ),
    "math": _Signs(
        strong=_words(
            r"ecuacion|equation|derivad|derivative|integral\b(?=.*(?:\d|sin|cos|x))|factori[zc]|(?:la|que)\s+probabilidad"
            r"|probability\s+(?:of|that)|logaritmo|logarithm|matriz\b|matrices\b|eigen|polinomi|polynomi|trigonom|raiz\s+cuadrada"
            r"|square\s+root|\d+\s*%\s*(?:de|of)\b|\d\s*[-+*/x×÷^]\s*\d+\s*(?:=|\?|$)|numero\s+primo|prime\s+number"
        ),
        verb=_words(r"calcul|resuelv|solve|cuanto\s+es|how\s+much\s+is|what\s+s|simplif|demuestra|prove"),
        noun=_words(
            r"\d+\s*[-+*/x×÷^]\s*\d+|suma\b|triangul|area\b|volumen|volume|porcentaje|percent|limite|fraccion"
        ),
    ),
    "summary": _Signs(
        strong=_words(
            r"resum[eia]|resumen|sintetiza|summar|tl;?dr|key\s+(?:points|takeaways)|puntos\s+clave|ideas\s+principales"
            r"|main\s+points|abstract\s+of|condens[ae]"
        ),
    ),
    "legal": _Signs(
        strong=_words(
            r"abogad|lawyer|solicitor|demandar|denunciar|clausula|clause|non.?compete|sue\b|lawsuit"
            r"|segun\s+la\s+ley|ley\s+de|jurisprudencia|codigo\s+(?:civil|penal)|herencia|testamento\b|despido"
            r"|despedid[oa]|indemnizacion|enforceable|liable|liability|arrendamiento|fianza|tenan(?:t|cy)|gdpr|rgpd|juez"
        ),
    ),
    "support": _Signs(
        strong=_words(
            r"reembolso|refund|no\s+(?:me\s+)?funciona|(?:doesn|isn|won|not)\s+t?\s*work|log\s?in\b|iniciar\s+sesion"
            r"|mi\s+pedido|my\s+order|mi\s+cuenta\b|my\s+account\b|(?:llego|arrived)\s+(?:roto|rota|broken|damaged)"
            r"|(?:mi|my|forgot\w*|reset\w*|olvid\w*|restablec\w*)\s+(?:la\s+|my\s+|mi\s+)?(?:contrasena|password)|devolver|return\s+it\b|garantia\b|warranty|no\s+(?:ha\s+)?llegado"
        ),
    ),
}

_SYNONYMS = {
    "code": "code coding codigo programacion programar programming programmer developer dev software desarrollo",
    "translation": "translation translate translator traduccion traducciones traducir traductor",
    "creative": "creative creativity creativo creativa creatividad redaccion escritura writing storytelling copy",
    "math": "math maths mathematics matematicas mates calculo algebra estadistica",
    "summary": "summary summaries summarization summarisation summarize resumen resumenes resumir sintesis",
    "legal": "legal law leyes derecho juridico abogacia",
    "support": "support soporte atencion incidencias helpdesk postventa",
}
_CANONICAL = {synonym: name for name, synonyms in _SYNONYMS.items() for synonym in synonyms.split()}


@dataclass(frozen=True, slots=True)
class Special:
    """A task type of the toolbox, and the one of the known names that it goes by, or "" for any other."""

    task_type: str
    known_as: str


def special(reading: Reading, types: Mapping[str, str]) -> Special | None:
    """The task type that the question clearly belongs to. `types` are names with their descriptions."""
    asked = stems(reading.request)
    best, most = None, 0.0
    for name, description in types.items():
        known = next((_CANONICAL[word] for word in _words_of(name) if word in _CANONICAL), "")
        match = max(_signs_match(known, reading), _words_match(name, description, asked))
        if match > most:
            best, most = Special(name, known), match
    return best if most >= _CLEAR else None


def _signs_match(known: str, reading: Reading) -> float:
    signs = _SIGNS.get(known)
    if signs is None:
        return 0.0
    if known == "code" and reading.has_code:
        return _SIGN
    if signs.strong and signs.strong.search(reading.request):
        return _SIGN
    both = signs.verb and signs.noun and signs.verb.search(reading.request) and signs.noun.search(reading.request)
    return _SIGN if both else 0.0


def _words_match(name: str, description: str, asked: frozenset[str]) -> float:
    named = _telling(name)
    described = (_telling(description) - named) & asked
    is_clear = len(described) >= _DESCRIBED_SHARE * len(asked)
    return float(len(named & asked)) + len(described) * (1.0 if is_clear else _DESCRIPTION_WORD)


def _telling(text: str) -> frozenset[str]:
    found = stems(" ".join(_words_of(text))) - _STANDS_FOR_ANYTHING
    return frozenset(word for word in found if len(word) >= _LEAST_CHARACTERS)


def _words_of(text: str) -> list[str]:
    return _NAME_PART.findall(fold(text))
