"""Which encryption keys sealed the stored provider keys, and whether they are configured."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from app.core.config import Settings
from app.core.encryption import Keyring
from app.embedded.home import find_secrets, home_folder
from app.operations.language import say

CURRENT, PREVIOUS = "ENCRYPTION_KEY", "ENCRYPTION_KEY_PREVIOUS"


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """How many provider keys each encryption key sealed, by its id; `places` is where those that we have stand."""

    sealed: Mapping[str, int]
    places: Mapping[str, str]

    @property
    def readable(self) -> int:
        return sum(count for key_id, count in self.sealed.items() if key_id in self.places)

    @property
    def unreadable(self) -> dict[str, int]:
        return {key_id: count for key_id, count in self.sealed.items() if key_id not in self.places}


def count_stored(connection: psycopg.Connection, settings: Settings) -> StoredKeys:
    """None in a database of before there were any."""
    [[is_there]] = connection.execute("SELECT to_regclass('public.provider_keys') IS NOT NULL")
    query = "SELECT key_id, count(*) FROM public.provider_keys GROUP BY key_id ORDER BY key_id"
    sealed: dict[str, int] = dict(connection.execute(query).fetchall()) if is_there else {}
    return StoredKeys(sealed, _places(settings))


def what_to_keep(stored: StoredKeys) -> list[str]:
    """What a backup's maker must keep beside it."""
    sentences = []
    for key_id, count in stored.sealed.items():
        place = stored.places.get(key_id) or say("no está configurada", "not configured")
        sentences.append(
            say(
                f"{count} claves de proveedores, selladas con la clave de cifrado {key_id} ({place}).",
                f"{count} provider keys, sealed with the encryption key {key_id} ({place}).",
            )
        )
    if sentences:
        sentences.append(
            say(
                "La clave de cifrado no va en la copia. Guárdala en otro sitio: sin ella no se abren.",
                "The encryption key is not in the backup. Keep it elsewhere: without it they do not open.",
            )
        )
    return sentences


def what_opens(stored: StoredKeys) -> list[str]:
    """How many provider keys open with what is configured, and what to do about the others."""
    if not stored.sealed:
        return []
    sentences = [
        say(
            f"{stored.readable} claves de proveedores se abren con la clave de cifrado configurada.",
            f"{stored.readable} provider keys open with the encryption key that is configured.",
        )
    ]
    for key_id, count in stored.unreadable.items():
        sentences.append(
            say(
                f"{count} no se abren: las selló la clave {key_id}. Ponla en {PREVIOUS} y ejecuta "
                "`bytchat keys rotate`; si se ha perdido, sus dueños deben guardarlas de nuevo.",
                f"{count} do not open: the key {key_id} sealed them. Set it as {PREVIOUS} and run "
                "`bytchat keys rotate`; if it is lost, their owners must save them again.",
            )
        )
    return sentences


def _places(settings: Settings) -> dict[str, str]:
    """The id of each encryption key that we have, and where it stands."""
    home = home_folder(settings)
    kept = find_secrets(home)
    current = settings.encryption_key.get_secret_value()
    secrets = {
        PREVIOUS: settings.encryption_key_previous.get_secret_value(),
        CURRENT if current else str(home / "secrets.json"): current or (kept.encryption_key if kept else ""),
    }
    return {Keyring(secret).current_id: place for place, secret in secrets.items() if secret}
