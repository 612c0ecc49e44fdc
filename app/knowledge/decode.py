"""Bytes of an uploaded file become one clean text, or a refusal that says why.

The order: a byte order mark; strict UTF-8; UTF-16 without a mark (by where its zero bytes stand); UTF-8 with
a few broken bytes (those are read as Windows-1252); Windows-1252, ISO-8859-15 or DOS code page 850 when the
result reads like Western European text; then charset-normalizer's guess on a sample.

ISO-8859-15 and Windows-1252 share most bytes. A text is ISO-8859-15 when 0xA4 occurs (there the euro sign, in
Windows-1252 the sign ¤ that nobody writes), no byte is in 0x80–0x9F (unused there, common in Windows-1252),
and nothing speaks against it: 0xA4 between two letters, any of 0xA6 0xA8 0xB4 0xB8 (in Windows-1252 ¦ ¨ ´ ¸),
or 0xBC 0xBD 0xBE without a letter beside it (¼ ½ ¾). All else is Windows-1252.

What stays ambiguous: an ISO-8859-15 text without a euro sign but with œ, š or ž is read as Windows-1252;
a Windows-1252 text with a real ¤ gets €; ISO-8859-1 is read as Windows-1252, which is the same for all
printable characters; a Mac Roman text may pass for Windows-1252; other single-byte encodings (Central
European, Cyrillic, Greek …) and Asian ones without a byte order mark are guessed, and a short text may be
guessed wrong. UTF-8 never is. UTF-16 without a mark is known in Latin script alone.

What does not remain of the text, so that what is searched, quoted and sent to a model is what a reader sees:
- CR, CR LF, VT, FF, NEL and Unicode's line and paragraph separators become `\\n`.
- Control characters (C0 except tab, DEL, C1) are dropped; where they are over 5 % of all the file is refused, and
  a NUL outside UTF-16 and UTF-32 refuses it at once.
- Characters that are never seen are dropped: soft hyphens, the zero-width space, the word joiner and its like
  (U+2060–2064), byte order marks, combining grapheme joiners, tags (U+E0000–E007F, also those of a flag such as
  Scotland's, which stays a black flag), the 240 supplementary variation selectors, annotation marks, and all that
  sets the direction of writing (U+061C, U+200E–F, U+202A–E, U+2066–F), since it can show a text in another order.
- ZWNJ and ZWJ (U+200C, U+200D) stay between two characters of scripts that join or of emoji, as in Persian,
  Hindi or a family; elsewhere they are dropped. A variation selector (U+FE00–FE0F) stays after a character
  that is no ASCII letter or sign (but # * 0–9, which become keys), and one at a time.
All else is kept to the character; nothing is composed, decomposed or corrected.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from app.core.errors import FileEmpty, FileNotText

_SAMPLE_BYTES = 64 * 1024
_MAX_CONTROL_SHARE = 0.05
# Half of the bytes are zero in Latin text as UTF-16, all on one side.
_MIN_ZERO_SHARE = 0.3
_MAX_MISFIT_SHARE = 0.1
_MAX_BROKEN_SHARE = 0.05

# Both UTF-32 marks come first: one of them begins with UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC = (
    (b"%PDF-", "un PDF", "a PDF"),
    (b"PK\x03\x04", "un ZIP o un documento de Office (.docx, .xlsx, .odt)", "a ZIP or an Office document"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "un documento antiguo de Office (.doc)",
        "an old Office document (.doc)",
    ),
    (rb"{\rtf", "un documento RTF", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "una imagen PNG", "a PNG image"),
    (b"\xff\xd8\xff", "una imagen JPEG", "a JPEG image"),
    (b"GIF87a", "una imagen GIF", "a GIF image"),
    (b"GIF89a", "una imagen GIF", "a GIF image"),
    (b"\x7fELF", "un programa ejecutable (ELF)", "an executable (ELF)"),
    (b"\x1f\x8b\x08", "un archivo comprimido (gzip)", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "un archivo comprimido (7z)", "a compressed file (7z)"),
    (b"Rar!\x1a\x07", "un archivo comprimido (RAR)", "a compressed file (RAR)"),
    (b"SQLite format 3\x00", "una base de datos SQLite", "a SQLite database"),
)

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NEWLINES = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
# Hebrew to Mongolian, signs and arrows, all of East Asia and emoji: what stands on both sides of a joiner.
_JOINING = "\u0590-\u1fff\u2190-\u2fff\u3040-\U0010ffff"
_STRAY_SELECTOR = re.compile('(?<![^\x00-"$-)+-/:-\x7f\u200c\u200d\ufe00-\ufe0f])[\ufe00-\ufe0f]')
_STRAY_JOINER = re.compile(f"[\u200c\u200d](?![{_JOINING}])|(?<![{_JOINING}])[\u200c\u200d]")
# So much is looked at in one go, because `re.sub` lists what lies between its matches.
_STRETCH_CHARACTERS = 1_000_000
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")

_HIGH = re.compile("[^\x00-\x7f]")
_CAPITALS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒ"
_SMALL = "àáâãäåæçèéêëìíîïñòóôõöøùúûüœß"
_LETTERS = _SMALL + _CAPITALS
_SIGNS = "¿¡«»“”‘’„‚‹›–—…·•ªº°€£¢¥§©®™´¼½¾±×÷²³µ¬¶†‡\u00a0\u00ad¤"
_INSIDE_WORDS = "’‘·–—´…ªº®™\u00a0\u00ad"
# What Western European writing does not do: three accented letters on end, a sign such as ¢ or ¿ inside a
# word, a capital after a small letter or the other way round, a character outside its usual set.
_MISFIT = re.compile(
    f"[{_LETTERS}]{{3,}}"
    f"|(?<=[a-z])[^\x00-\x7f{_LETTERS}{_INSIDE_WORDS}](?=[A-Za-z{_LETTERS}])"
    "|(?<=[a-z])[¿¡„‚¢£¥¤]"
    f"|(?<=[a-z])[{_CAPITALS}](?=[a-z ])"
    f"|(?<=[A-Z])[{_SMALL}](?=[A-Z])"
    f"|[^\x00-\x7f{_LETTERS}{_SIGNS}]"
)
_AGAINST_LATIN_9 = re.compile(rb"[\x80-\x9f\xa6\xa8\xb4\xb8]|[A-Za-z\xc0-\xff]\xa4[A-Za-z\xc0-\xff]")
_LONE_FRACTION = re.compile(rb"(?<![A-Za-z\xc0-\xff])[\xbc\xbd\xbe](?![A-Za-z\xc0-\xff])")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`encoding` is Python's name of what the file was written in."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """The file's text with `\\n` newlines and no invisible characters. Raises `FileEmpty`, `FileNotText`."""
    if not data:
        raise FileEmpty
    _refuse_known_binary(data)
    raw = _read(data)
    _refuse_control_characters(raw.text)
    text = _clean(raw.text)
    if not text.strip():
        raise FileEmpty
    return Decoded(text=text, encoding=raw.encoding)


def _refuse_known_binary(data: bytes) -> None:
    for magic, name_es, name_en in _MAGIC:
        if data.startswith(magic):
            raise FileNotText(reason_es=f"parece {name_es}", reason_en=f"it looks like {name_en}")


def _refuse_control_characters(text: str) -> None:
    if sum(1 for _ in _CONTROL.finditer(text)) > _MAX_CONTROL_SHARE * len(text):
        raise FileNotText(
            reason_es="contiene demasiados caracteres de control",
            reason_en="it holds too many control characters",
        )


def _clean(text: str) -> str:
    for newline in _NEWLINES:
        text = text.replace(newline, "\n")
    # In this order: what one leaves out may stand between what the next looks at.
    text = _without_unseen(text)
    for stray in (_STRAY_SELECTOR, _STRAY_JOINER):
        text = stray.sub("", text)
    return text


def _without_unseen(text: str) -> str:
    if not _UNSEEN.search(text):
        return text
    places = range(0, len(text), _STRETCH_CHARACTERS)
    return "".join(_UNSEEN.sub("", text[place : place + _STRETCH_CHARACTERS]) for place in places)


def _read(data: bytes) -> Decoded:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding)
    if b"\x00" in data:
        return _utf_16_without_mark(data)
    for reader in (_utf_8, _mostly_utf_8, _western, _guessed):
        if decoded := reader(data):
            return decoded
    raise FileNotText(
        reason_es="no se reconoce su codificación; guárdalo en UTF-8",
        reason_en="its encoding is not recognised; save it as UTF-8",
    )


def _marked(data: bytes, encoding: str) -> Decoded:
    if decoded := _strictly(data, encoding):
        return decoded
    if encoding == "utf-8" and (decoded := _mostly_utf_8(data)):
        return decoded
    name = encoding.upper()
    raise FileNotText(
        reason_es=f"empieza como {name} pero está dañado", reason_en=f"it begins as {name} but is damaged"
    )


def _utf_16_without_mark(data: bytes) -> Decoded:
    zeros_even, zeros_odd = data[0::2].count(0), data[1::2].count(0)
    is_latin = max(zeros_even, zeros_odd) >= _MIN_ZERO_SHARE * len(data)
    if is_latin and min(zeros_even, zeros_odd) <= _MAX_CONTROL_SHARE * len(data):
        encoding = "utf-16-le" if zeros_odd > zeros_even else "utf-16-be"
        if decoded := _strictly(data, encoding):
            return decoded
    raise FileNotText(reason_es="contiene bytes nulos", reason_en="it holds NUL bytes")


def _strictly(data: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(text=data.decode(encoding), encoding=encoding)
    except UnicodeDecodeError:
        return None


def _utf_8(data: bytes) -> Decoded | None:
    return _strictly(data, "utf-8")


def _mostly_utf_8(data: bytes) -> Decoded | None:
    """UTF-8 where a few bytes were cut or pasted in from elsewhere: better than all of it misread."""
    if not _has_few_broken(_escaping(_sample(data), "utf-8")):
        return None
    text = _escaping(data, "utf-8")
    return Decoded(text=_ESCAPED_BYTE.sub(_as_windows_1252, text), encoding="utf-8")


def _has_few_broken(text: str) -> bool:
    broken = len(_ESCAPED_BYTE.findall(text))
    sound = len(_HIGH.findall(text)) - broken
    return broken <= max(1, _MAX_BROKEN_SHARE * sound) and sound >= 2 * broken


def _escaping(data: bytes, encoding: str) -> str:
    """Decoded, with a lone surrogate for each byte that does not fit."""
    return data.decode(encoding, errors="surrogateescape")


def _as_windows_1252(escaped: re.Match[str]) -> str:
    return escaped[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _western(data: bytes) -> Decoded | None:
    sample = _sample(data)
    for encoding in (_windows_1252_or_latin_9(data), "cp850"):
        if _reads_western(_escaping(sample, encoding)):
            # A stray byte that the encoding does not define is dropped with the surrogates, later.
            return Decoded(text=_escaping(data, encoding), encoding=encoding)
    return None


def _windows_1252_or_latin_9(data: bytes) -> str:
    has_euro = b"\xa4" in data
    if has_euro and not _AGAINST_LATIN_9.search(data) and not _LONE_FRACTION.search(data):
        return "iso8859-15"
    return "cp1252"


def _reads_western(text: str) -> bool:
    misfits = sum(len(found) for found in _MISFIT.findall(text))
    return misfits <= _MAX_MISFIT_SHARE * len(_HIGH.findall(text))


def _guessed(data: bytes) -> Decoded | None:
    best = from_bytes(_sample(data)).best()
    if best is None:
        return None
    return _strictly(data, best.encoding)


def _sample(data: bytes) -> bytes:
    """The stretch from the first byte that is not ASCII, cut where no multi-byte character can be cut."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 200) if first else 0
    window = data[start : start + _SAMPLE_BYTES]
    if start + _SAMPLE_BYTES >= len(data):
        return window
    border = max(window.rfind(b"\n"), window.rfind(b" "))
    return window[:border] if border > 0 else window
