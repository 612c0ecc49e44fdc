"""What a document could say to end its passage or to speak as somebody else, made unreadable as such. Pure."""

import re

from app.providers.extract import JOINER

# Nobody sees these, so that a word with them in it is still read as the word.
_UNSEEN = (
    "\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef"
)
_GAP = f"[{_UNSEEN}]*+"
_PASSAGE = f"{_GAP}(?:[/／]{_GAP})?{_GAP.join('passage')}"
# The marks of who speaks in the templates of language models: some servers heed them within a text, too.
_TURN = r"[|｜][^|｜<>\n]{1,40}[|｜]>|/?(?:start_of_turn|end_of_turn|s|bos|eos)>|</?SYS>>"
_BRACKETED_TURN = r"/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
_TAG = re.compile(f"[<＜﹤](?={_PASSAGE}|{_TURN})", re.IGNORECASE)
_BRACKET = re.compile(rf"\[(?={_BRACKETED_TURN})")


def without_delimiters(text: str) -> str:
    """The text, in which no passage begins or ends and nobody's turn does."""
    return _BRACKET.sub(f"[{JOINER}", _TAG.sub("&lt;", text))
