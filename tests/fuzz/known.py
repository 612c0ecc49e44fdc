"""What the product refuses though the document admits it: reviewed, and only what JSON Schema has no word for.

By route: the code of the problem, or the place in it and pydantic's word for what is wrong there; and why.
"""

from collections.abc import Mapping

from tests.routes import Route

_CURSOR = {"invalid_cursor": "A cursor is opaque, and only one that we gave is one."}
_NAME = {"body.name value_error": "A name must hold something that can be seen, by Unicode's categories."}
_REFUSAL = {"body.refusal value_error": "White space alone is an empty one; what cannot be seen is neither."}
_NEW_PASSWORD = {"password_too_common": "A list of the commonest: too long to be told."}
_LOCAL = {"provider_takes_no_key": "`local` is a provider everywhere else; the answer says who configures it."}

REFUSED: Mapping[Route, Mapping[str, str]] = {
    ("POST", "/users/"): {**_NEW_PASSWORD, "body.email value_error": "Of what is spelt so, some is no address."},
    ("PATCH", "/users/me"): _NEW_PASSWORD,
    ("POST", "/bots/"): {**_NAME, **_REFUSAL},
    ("GET", "/bots/"): _CURSOR,
    ("PUT", "/bots/{bot_id}"): {**_NAME, **_REFUSAL},
    ("PUT", "/providers/{provider}/key"): {
        **_LOCAL,
        "provider_key_invalid": "Whether it is a key, the provider says.",
    },
    ("DELETE", "/providers/{provider}/key"): _LOCAL,
    ("GET", "/usage/"): {"query value_error": "`from` is not after `to`, and not too long before it."},
    ("POST", "/bots/{bot_id}/train"): {
        "file_name_not_txt": "A file's name is in no schema.",
        "file_not_text": "Nor is what makes bytes a text.",
        "file_empty": "Nor how many there must be.",
    },
    ("GET", "/documents/"): _CURSOR,
    ("GET", "/bots/{bot_id}/conversations/"): _CURSOR,
}

# Answered 422 and not 405: the last word of the path is taken for the id of the route that has this method.
SHADOWED: Mapping[Route, str] = {
    ("DELETE", "/bots/{bot_id}/documents/events"): "DELETE /bots/{bot_id}/documents/{document_id}",
}
