"""A question on its own, and one that only makes sense after the one before it. Pure."""

import re

_WORD = re.compile(r"\w+", re.UNICODE)
_OPENINGS = re.compile(r"^[\s¿¡\"'(]*(y|e|o|pero|and|or|but|what about|how about|then|entonces)\b", re.IGNORECASE)
_POINTERS = frozenset(
    """eso esa ese esos esas esto esta este estos estas ello ellos ellas él ella lo la los las le les allí ahí
    mismo misma también tampoco it its that this those these they them there same too either one""".split()
)
# So few words say little alone: they lean on the question before where they also point back.
_FEW_WORDS = 6


def standalone(question: str, previous: str | None) -> str:
    """What to search for: the question, with the one before it where it leans on it («¿y el domingo?»)."""
    if previous is None or not leans_on_the_previous(question):
        return question
    return f"{previous.strip()} {question.strip()}"


def leans_on_the_previous(question: str) -> bool:
    """Whether it opens like a continuation, or is short and points at something that it does not name."""
    words = [word.casefold() for word in _WORD.findall(question)]
    if _OPENINGS.match(question) and len(words) <= 2 * _FEW_WORDS:
        return True
    return len(words) <= 2 or (len(words) <= _FEW_WORDS and not _POINTERS.isdisjoint(words[:1] + words[-1:]))
