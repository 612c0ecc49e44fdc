"""Every failure that the product can tell, as one tree; `app.api.errors` alone renders it.

A class names its stable `code` and says the same sentence in Spanish and English; the fields of the
sentence are the keyword arguments that it is raised with. The branches (`NotFound`, `Conflict`, …) say its kind.
"""

from typing import Any, ClassVar

_RETRYABLE = frozenset({408, 409, 425, 429})


def _duration(seconds: int) -> str:
    """In the units that people use; the same in both languages."""
    if seconds < 120:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


class BytchatError(Exception):
    """Root of the tree. `str(error)` is the English sentence."""

    code: ClassVar[str] = "internal_error"
    es: ClassVar[str] = "Algo ha fallado en el servidor. Inténtalo de nuevo."
    en: ClassVar[str] = "Something failed on the server. Try again."

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        # What a program may need beside the sentence: ids of what was stored, a quota's name.
        self.members: dict[str, Any] = {}
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """The sentence for people, in `es` or `en`."""
        return (self.en if language == "en" else self.es).format(**self.fields)


class NotFound(BytchatError):
    """It does not exist, or belongs to somebody else: the two are never told apart."""

    code = "not_found"
    es = "No existe."
    en = "It does not exist."


class BotNotFound(NotFound):
    code = "bot_not_found"
    es = "Ese bot no existe."
    en = "That bot does not exist."


class ModelConfigNotFound(NotFound):
    code = "model_config_not_found"
    es = "Ese modelo no está en la caja de herramientas del bot."
    en = "That model is not in the bot's toolbox."


class DocumentNotFound(NotFound):
    code = "document_not_found"
    es = "Ese documento no existe."
    en = "That document does not exist."


class ConversationNotFound(NotFound):
    code = "conversation_not_found"
    es = "Esa conversación no existe."
    en = "That conversation does not exist."


class MessageNotFound(NotFound):
    code = "message_not_found"
    es = "Ese mensaje no existe."
    en = "That message does not exist."


class SessionNotFound(NotFound):
    code = "session_not_found"
    es = "Esa sesión no existe."
    en = "That session does not exist."


class UserNotFound(NotFound):
    code = "user_not_found"
    es = "No hay ninguna cuenta con ese correo."
    en = "There is no account with that e-mail."


class NotAuthenticated(BytchatError):
    code = "not_authenticated"
    es = "Hace falta un token válido. Inicia sesión con POST /token."
    en = "A valid token is needed. Log in with POST /token."


class WrongCredentials(NotAuthenticated):
    code = "wrong_credentials"
    es = "El correo o la contraseña no son correctos."
    en = "The e-mail or the password is wrong."


class Forbidden(BytchatError):
    """It is there, and not for who asks."""

    code = "forbidden"
    es = "No está permitido."
    en = "It is not allowed."


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    es = "El registro está cerrado. Pide una cuenta a quien administra el servidor."
    en = "Registration is closed. Ask the server's operator for an account."


class RegistrationDomain(Forbidden):
    """`domains` are those that may."""

    code = "registration_domain"
    es = "Aquí solo se registran correos de {domains}. Usa uno, o pide una cuenta a quien administra el servidor."
    en = "Only e-mails of {domains} can register here. Use one, or ask the server's operator for an account."


class Conflict(BytchatError):
    code = "conflict"
    es = "La petición choca con lo que ya hay."
    en = "The request conflicts with what is there."


class EmailTaken(Conflict):
    code = "email_taken"
    es = "Ya hay una cuenta con ese correo. Inicia sesión o usa otro."
    en = "There is already an account with that e-mail. Log in or use another."


class ModelConfigExists(Conflict):
    code = "model_config_exists"
    es = "El bot ya tiene ese modelo para ese tipo de tarea."
    en = "The bot already has that model for that task type."


class NoModel(Conflict):
    code = "no_model"
    es = "La caja de herramientas de este bot está vacía. Añade un modelo con POST /bots/{{bot_id}}/models/."
    en = "This bot's toolbox is empty. Add a model with POST /bots/{{bot_id}}/models/."


class ProviderKeyMissing(Conflict):
    code = "provider_key_missing"
    es = "Falta la clave de: {providers}. Guarda una con PUT /providers/{{provider}}/key."
    en = "There is no key for: {providers}. Save one with PUT /providers/{{provider}}/key."


class ProviderKeyInvalid(Conflict):
    code = "provider_key_invalid"
    es = "El proveedor {provider} ha rechazado la clave."
    en = "The provider {provider} refused the key."


class DocumentNotFailed(Conflict):
    code = "document_not_failed"
    es = "Solo se puede reintentar un documento que ha fallado."
    en = "Only a document that failed can be tried again."


class QuotaFull(Conflict):
    """Deleting makes room again; `quota`, `limit` and `used` tell of what, how much and how full."""

    code = "quota_full"
    es = "{full_es} Borra alguno para hacer sitio."
    en = "{full_en} Delete some to make room."

    def __init__(self, *, quota: str, limit: int, used: int, full_es: str, full_en: str) -> None:
        super().__init__(full_es=full_es, full_en=full_en)
        self.members.update(quota=quota, limit=limit, used=used)


class InvalidInput(BytchatError):
    code = "invalid_input"
    es = "La petición no es válida."
    en = "The request is not valid."


class PasswordTooCommon(InvalidInput):
    code = "password_too_common"
    es = "Esa contraseña es de las más usadas. Elige otra."
    en = "That password is among the commonest. Choose another."


class EmailNotValid(InvalidInput):
    code = "email_not_valid"
    es = "Eso no es un correo como nombre@ejemplo.com."
    en = "That is not an e-mail like name@example.com."


class InvalidCursor(InvalidInput):
    code = "invalid_cursor"
    es = "El cursor de la página no es válido."
    en = "The page cursor is not valid."


class FileMissing(InvalidInput):
    code = "file_missing"
    es = "Falta el archivo: envíalo como multipart/form-data en el campo «file»."
    en = "The file is missing: send it as multipart/form-data in the field “file”."


class FileNotText(InvalidInput):
    code = "file_not_text"
    es = "El archivo no es texto ({reason_es}). Guárdalo como texto sin formato (.txt)."
    en = "The file is not text ({reason_en}). Save it as .txt."


class FileEmpty(InvalidInput):
    code = "file_empty"
    es = "El archivo está vacío."
    en = "The file is empty."


class FileNameNotTxt(InvalidInput):
    code = "file_name_not_txt"
    es = "Solo se admiten archivos .txt."
    en = "Only .txt files are accepted."


class ProviderKeyRefused(InvalidInput):
    """The provider said no to a key that was to be stored."""

    code = "provider_key_invalid"
    es = "El proveedor {provider} no acepta esa clave; no se ha guardado."
    en = "The provider {provider} does not accept that key; it was not stored."


class ProviderTakesNoKey(InvalidInput):
    code = "provider_takes_no_key"
    es = "El proveedor {provider} no lleva clave propia: lo configura quien administra el servidor."
    en = "The provider {provider} takes no key of yours: the server's operator configures it."


class TooLarge(BytchatError):
    code = "too_large"
    es = "La petición supera el límite de {limit_mb} MB."
    en = "The request is over the limit of {limit_mb} MB."


class TooManyRequests(BytchatError):
    """`retry_after_s` (whole seconds) is among its fields."""

    code = "too_many_requests"
    es = "Demasiados intentos. Prueba de nuevo dentro de {retry_after_s} segundos."
    en = "Too many attempts. Try again in {retry_after_s} seconds."


class ExportUnderWay(TooManyRequests):
    code = "export_under_way"
    es = (
        "Ya se está preparando o enviando una copia de tus datos. "
        "Prueba de nuevo dentro de {retry_after_s} segundos."
    )
    en = "A copy of your data is being made or sent already. Try again in {retry_after_s} seconds."

    def __init__(self) -> None:
        super().__init__(retry_after_s=10)


class ExportsBusy(TooManyRequests):
    """Of other accounts there are as many as may be at once."""

    code = "exports_busy"
    es = "El servidor está enviando ya muchas copias de datos. Prueba de nuevo dentro de {retry_after_s} segundos."
    en = "The server is sending many copies of data already. Try again in {retry_after_s} seconds."

    def __init__(self) -> None:
        super().__init__(retry_after_s=60)


class QuotaExceeded(TooManyRequests):
    """Which quota, how much of it there is and when there is some again: `quota`, `limit`, `retry_after_s`."""

    code = "quota_exceeded"
    es = "Has llegado al límite de {shown_limit} {what_es}. Vuelve a haber dentro de {wait}."
    en = "You have reached the limit of {shown_limit} {what_en}. There is more in {wait}."

    def __init__(self, **fields: Any) -> None:
        shown_limit = (
            f"{fields['limit']:f}".rstrip("0").rstrip(".") if fields["limit"] % 1 else int(fields["limit"])
        )
        super().__init__(**fields, shown_limit=shown_limit, wait=_duration(fields["retry_after_s"]))
        self.members.update(quota=fields["quota"], limit=fields["limit"], retry_after_s=fields["retry_after_s"])


class Unavailable(BytchatError):
    """A part that we stand on does not answer; it may soon."""

    code = "unavailable"
    es = "El servicio no está disponible ahora mismo. Inténtalo dentro de unos segundos."
    en = "The service is not available right now. Try again in a few seconds."


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    es = "La base de datos no responde. Inténtalo dentro de unos segundos."
    en = "The database does not answer. Try again in a few seconds."


class DatabasePasswordRefused(Unavailable):
    code = "database_password_refused"
    es = "PostgreSQL no acepta la contraseña: POSTGRES_PASSWORD no es la del rol {role} (docs/operations.md)."
    en = "PostgreSQL refuses the password: POSTGRES_PASSWORD is not that of the role {role} (docs/operations.md)."


class DatabaseTooNew(Unavailable):
    code = "database_too_new"
    es = (
        "La base de datos es de un Bytchat más nuevo (está en {revision}). Arranca esa versión, o restaura la "
        "copia de antes de actualizar."
    )
    en = (
        "The database is of a newer Bytchat (it is at {revision}). Start that version, or restore the backup from "
        "before the upgrade."
    )


class ProviderUnavailable(Unavailable):
    """`failures_es` and `failures_en` name each model and why it said nothing."""

    code = "provider_unavailable"
    es = "Ningún modelo ha podido responder: {failures_es}. Inténtalo dentro de unos segundos."
    en = "No model could answer: {failures_en}. Try again in a few seconds."


class Interrupted(Unavailable):
    code = "interrupted"
    es = "El servidor se está reiniciando. Lo que había hasta aquí está guardado."
    en = "The server is restarting. What there was so far is kept."


class LeaseLost(BytchatError):
    """Another worker holds this document now, or it is gone: write nothing."""

    code = "lease_lost"
    es = "Otro proceso lleva ya este documento."
    en = "Another worker holds this document now."


class ConfigurationError(BytchatError):
    """The operator has to change a setting; `problem` says which and how."""

    code = "configuration"
    es = "{problem}"
    en = "{problem}"


class ProviderUnreachable(Unavailable):
    """A key could not be checked."""

    code = "provider_unreachable"
    es = "El proveedor {provider} no responde, así que la clave no se ha comprobado ni guardado."
    en = "The provider {provider} does not answer, so the key was neither checked nor stored."


class ProviderKeyUnreadable(Unavailable):
    """A stored key was sealed with an encryption key that is not configured any more."""

    code = "provider_key_unreadable"
    es = "La clave guardada de {provider} no se puede descifrar. Guárdala de nuevo."
    en = "The stored key of {provider} cannot be decrypted. Save it again."


class ProviderError(BytchatError):
    """A model's vendor failed. `status` is HTTP's where there was one; the vendor's own words stay out.

    `retry_after_s` is how long the vendor asked to be left alone, where it did.
    """

    code = "provider_error"
    es = "El proveedor ha fallado ({cause})."
    en = "The provider failed ({cause})."

    def __init__(self, *, cause: str, status: int | None = None, retry_after_s: float | None = None) -> None:
        self.status = status
        self.retry_after_s = retry_after_s
        super().__init__(cause=cause)

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed later: the only place that decides it."""
        return self.status is None or self.status in _RETRYABLE or self.status >= 500

    @property
    def refuses_key(self) -> bool:
        return self.status in (401, 403)


class ProviderTimedOut(ProviderError):
    """It said nothing, or nothing more, in the time that it had."""

    code = "provider_timed_out"
    es = "El proveedor no ha respondido a tiempo ({cause})."
    en = "The provider did not answer in time ({cause})."

    def __init__(self) -> None:
        super().__init__(cause="it took too long")


class ProviderSaidNothing(ProviderError):
    """It finished without a word: another may answer, and asking it again would cost the same again."""

    code = "provider_said_nothing"
    es = "El proveedor ha terminado sin decir nada ({cause})."
    en = "The provider finished without a word ({cause})."

    def __init__(self) -> None:
        super().__init__(cause="it said nothing")

    @property
    def is_retryable(self) -> bool:
        return False


class ProviderResting(ProviderError):
    """It failed several times in a row and is not asked for a while."""

    code = "provider_resting"
    es = "El proveedor descansa tras fallar varias veces ({cause})."
    en = "The provider rests after failing several times ({cause})."

    def __init__(self, *, retry_after_s: float) -> None:
        super().__init__(cause="it rests after repeated failures", retry_after_s=retry_after_s)


class AnswerCutShort(BytchatError):
    code = "answer_cut_short"
    es = "El modelo ha dejado de responder a mitad. Se ha guardado lo que llevaba."
    en = "The model stopped half-way. What it had said was kept."
