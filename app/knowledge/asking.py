"""What a question asks for, by its words: what would answer it, and which of them are mere talk. Pure.

For `app.knowledge.confidence`: a question whose rarer words stand nowhere, or that asks for a price where none is
told, is likely to have no answer here.
"""

import re
from collections.abc import Iterator

from app.providers.extract import folded, stems

# Words of any conversation: that a document lacks them says nothing. Spanish and English, without accents.
_EVERYDAY = """
abierto abre abren abrir abris acaba acabo acceso acepta aceptais acerca admite admitis ahi ahora alguien algun
alguna algunos alla alli alto ambos anade anda andar antes aparece apartado aparte apartir aqui arreglar arreglo
asi aun aunque ayuda ayudar bajo bastante bien buena bueno buscar busco cabe caben cada caja cambiar cambio caro
casa casi caso causa cerca cerrado cerrais cerrar cierra cierran claro cliente clientes cobra cobrais cobran
cobrar coge coger compra comprado comprar compre compro con conmigo conseguir conservais contais contar contra
convence corresponde cosa cosas costar costaria costo cualquier cubre cubris cuenta cuesta cuestan dado dais dar
darme debe deber debo decir decirme deja dejado dejais dejar dejo dentro derecho desde despues dia dias dice dicen
diferencia dime dinero dirme donde dos duda dura duran ejemplo empezar empiezo encima encontrar encuentro entonces
entra entrar entre envia enviais enviar era eran escribir eso espero estado estais estamos estan estar estare
estaria este estos estoy exacto existe explica explicame falta favor fecha fin final forma fuera funciona ganas
gente gracias grande guarda guardais guardar gusta gustaria ha habeis haber habia hablar hace haceis hacen hacer
hago haria hasta hay haya hecha hecho hola hora horas hoy iba igual importa incluido incluye info informacion
interesa ir ire jamas junto justo largo le leer libre llama llamar llega llegado llegar llego lleva llevais llevan
llevar llevo luego lugar manana manda mandais mandar mandarme mas maximo mayor mejor menos mes meter mi mia
mientras minimo mio mirar misma mismo momento mucha muchas mucho muchos muy nada nadie necesita necesitan necesito
ninguna ninguno noche nombre normal nos nosotros nueva nuevo numero nunca ofrece ofreceis ojo otra otras otro
otros paga pagar pagaria pagas pago para parece parte partir pasa pasada pasado pasame pasar pasarme pedir pensado
pequeno perdon perdona perdonad persona personas pide pido plazo poca poco podeis podemos poder podre podria
podriais pone poneis ponen poner ponerme pongo porfa porfavor posible precio precios pregunta preguntar primera
primero problema pronto puedan puede pueden puedes puedo pues queda quedan quedar quedo quereis querer queria
quiere quiero quisiera quita quitar quizas rato razon realmente recibir recoger recomienda recomiendas regla resto
sabe sabeis saber sabes sacado sacar saco saldria sale salido salir sea seguir segun segunda segundo seguro semana
sera seria servicio si siempre siguiente sino sirve sirven sois sola solo solucion solucionar somos soy suele
suficiente supone tal tambien tampoco tanto tarda tardais tardan tarde tarjeta tema tendria teneis tenemos tener
tengan tengo ti tiempo tienda tiene tienen tipo toca tocar toda todas todavia todo todos tomar trabaja trabajar
trae traer trata tuve un usa usado usar uso util va vais vale valen valer valga vamos van varios vaya vea veces
vende vendeis venden vender venir veo ver vez viene vienen vivo voy vuelta vuelve vuestra vuestro vuestros ya
yendo
able about after again all along also always am another any anyone anything around ask away back because been
before being best better bit both bought bring brought but buy buying call came cannot case change check close
cost could day days did does doing done down each either else end enough even ever every everything far few find
first fit for from further get gets getting give given go goes going gone good got great had happen has having
heavy hello help here hey hi him hour hours into isn just keep kind know last late later least left less let like
little long look looking lot made make making many may maybe mean might mine month months more most much must my
name near need needs never new next nice night no normal not nothing now number off okay old once one only open
order other our out over own paid part pay people person place please possible price put question quite rather
really right run said same say says see seem sell send several shall she shop should show shut since some someone
something soon sort still stop such sure take taken takes tell than thank thanks them then thing things think this
those though through time times today together told too took toward try trying turn two under until up upon us use
used uses using usually very wait want wanted wants was way week weeks well went were while whole within without
work works would year years yes yet
"""
EVERYDAY = stems(_EVERYDAY)

_KINDS: tuple[tuple[str, str, str], ...] = (
    # What asks for it, and what answers it; both without accents and in lower case.
    (
        "weight",
        r"\bpes[ao]n?\b|\bweigh",
        r"\d\s*(?:g|gr|kg|kilos?|gramos?|grams?|kilograms?|toneladas?)\b|\b(?:kilos?|gramos|grams)\b",
    ),
    (
        "colour",
        r"\bcolor(?:es)?\b|\bcolou?rs?\b",
        r"\b(?:color|colour|negr[oa]|blanc[oa]|roj[oa]|azul|verde|amarill[oa]|gris|black|white|red|blue|green|grey)",
    ),
    (
        "clock",
        r"\ba (?:que|q|k) hora|\bhorarios?\b|hasta que hora|what time|opening hours"
        r"|\b(?:shut|close|open)s?\b.*\?",
        r"\d{1,2}[:.h]\d{2}|\b\d{1,2} ?(?:am|pm|h)\b|\b(?:abre|cierra|opens?|closes?|closed)\b",
    ),
    (
        "money",
        r"cuanto (?:me )?(?:cuesta|vale|sale|cobr|saldri|costari|pagari|es\b)|\bprecios?\b|\bque vale\b"
        r"|\btarifas?\b|\bcuesta|\bvale (?:un|el|la)\b|how much (?:is|are|does|do|for|would)|\bprices?\b"
        r"|\bfee\b|\bcost",
        r"\d\s*(?:€|\$|euros?|eur\b)|[€$£]\s*\d|gratis|gratuit|\bfree\b",
    ),
    (
        "duration",
        r"cuanto (?:tiempo|tarda|dura|rato)|cuantos (?:dias|meses|anos|minutos)|cuantas (?:horas|semanas)"
        r"|how long|how many (?:days|hours|months|years|weeks|minutes)",
        r"\b(?:minutos?|horas?|dias?|semanas?|mes(?:es)?|anos?|minutes?|hours?|days?|weeks?|months?|years?)\b",
    ),
    (
        "length",
        r"\bmide|\bcuantos (?:km|kilometros|metros|centimetros)|\bautonomia|how (?:far|tall|wide|big)",
        r"\d\s*(?:km|m|cm|mm|kilometros?|metros?|centimetros?|milimetros?|met(?:er|re)s?|kilomet|centimet)\b",
    ),
    (
        "material",
        r"\bmaterial|\btela\b|hech[oa]s? de\b|made (?:of|from)\b",
        r"\b(?:acero|alumini|carbono|lana|lino|titanio|laton|hierro|madera|pino|mimbre|plumas?|fibra|algodon|cuero"
        r"|piel|plastico|ceramica|steel|wool|linen|titanium|brass|iron|wood|leather|plastic|cotton)",
    ),
    ("brand", r"\bmarca\b|\bbrand\b", r"\bmarca|\bbrand"),
    ("age", r"\bque edad|cuantos anos tiene|how old", r"\banos\b|\byears\b"),
    ("address", r"\bcorreo\b|\be-?mail\b|\bdireccion\b|\baddress\b", r"@|\bcalle\b|\bplaza\b|\bpaseo\b|\bstreet\b"),
    ("telephone", r"\btelefono\b|\bphone\b", r"\d{3}[ -]?\d{3}"),
    ("volume", r"\blitros?\b|\blit(?:er|re)s?\b|\bcapacidad\b", r"\d\s*(?:l|litros?|lit(?:er|re)s?|ml)\b"),
    (
        "date",
        r"\ben que (?:ano|mes|epoca|fecha)|\bque dias?\b|\bcuando\b|\bwhen\b|what (?:day|date|year)|\bfechas?\b",
        r"\b(?:19|20)\d{2}\b|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
        r"|diciembre|january|february|march|april|june|july|august|september|october|november|december"
        r"|lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|monday|tuesday|wednesday|thursday|friday"
        r"|saturday|sunday)s?\b|\b(?:dias?|mes(?:es)?|anos?|days?|years?|months?)\b",
    ),
)
_ASKED = tuple((name, re.compile(asks), re.compile(answers)) for name, asks, answers in _KINDS)
_COUNTED = re.compile(r"\b(?:cuant[oa]s|how many) (\w+)")
_FOREIGN_ASK = re.compile(
    r"\b(?:receta|chiste|poema|cancion|traduc\w*|resume\w*|recomiend\w*|recomi\w*|escrib\w*|cuentame|programa\w*"
    r"|capital de|joke|poem|recipe|translate|write me|tell me a|recommend)\b"
)


def kinds_asked(question: str) -> list[re.Pattern[str]]:
    """What an answer to it would look like; nothing where that cannot be told."""
    plain = folded(question)
    kinds = [answers for _, asks, answers in _ASKED if asks.search(plain)]
    counted = _COUNTED.search(plain)
    named = stems(counted[1]) if counted else frozenset()
    return kinds + [re.compile(rf"\b{re.escape(word)}") for word in named]


def asks_for_a_work(question: str) -> bool:
    """A joke, a poem, a translation: nothing that a document would answer."""
    return bool(_FOREIGN_ASK.search(folded(question)))


def telling(words: frozenset[str]) -> Iterator[str]:
    """Those of the stems that say what it is about."""
    return (word for word in words if word not in EVERYDAY and (len(word) > 1 or word.isdecimal()))
