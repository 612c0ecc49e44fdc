"""What an owner may keep: bots, documents and their bytes, and the models of each bot."""

from dataclasses import dataclass

from app.core.config import Settings
from app.core.errors import QuotaFull

MODELS_PER_BOT = 32

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stock:
    """What an owner keeps. The bytes are those of the files that came in."""

    bots: int
    documents: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class StockLimits:
    """0 is no limit. What was there before a limit stays; nothing comes to it."""

    bots: int
    documents: int
    stored_bytes: int

    @classmethod
    def of(cls, settings: Settings) -> "StockLimits":
        return cls(
            bots=settings.bots_per_owner,
            documents=settings.documents_per_owner,
            stored_bytes=settings.storage_mb_per_owner * _MEGABYTE,
        )

    def require_bot(self, stock: Stock) -> None:
        """That there is room for one more. Raises `QuotaFull`."""
        if self.bots and stock.bots >= self.bots:
            raise bots_full(self.bots, used=stock.bots)

    def require_document(self, stock: Stock, *, size_bytes: int) -> None:
        """That there is room for one more of that size. Raises `QuotaFull`."""
        if self.documents and stock.documents >= self.documents:
            raise documents_full(self.documents, used=stock.documents)
        if self.stored_bytes and stock.stored_bytes + size_bytes > self.stored_bytes:
            raise storage_full(self.stored_bytes, used=stock.stored_bytes)


def bots_full(limit: int, *, used: int) -> QuotaFull:
    return _full("bots", limit, used, what_es="bots", what_en="bots")


def documents_full(limit: int, *, used: int) -> QuotaFull:
    return _full("documents", limit, used, what_es="documentos", what_en="documents")


def models_full(*, used: int) -> QuotaFull:
    """Of one bot."""
    what_es, what_en = "modelos en la caja de herramientas de un bot", "models in a bot's toolbox"
    return _full("models", MODELS_PER_BOT, used, what_es=what_es, what_en=what_en)


def storage_full(limit: int, *, used: int) -> QuotaFull:
    """In bytes; the sentence tells megabytes."""
    used_mb, limit_mb = _megabytes(used), _megabytes(limit)
    used_es, limit_es = used_mb.replace(".", ","), limit_mb.replace(".", ",")
    return QuotaFull(
        quota="stored_bytes",
        limit=limit,
        used=used,
        full_es=f"Tus documentos ocupan {used_es} MB de los {limit_es} MB que puedes guardar, y este no cabe.",
        full_en=f"Your documents take {used_mb} MB of the {limit_mb} MB that you may store; this one does not fit.",
    )


def _full(quota: str, limit: int, used: int, *, what_es: str, what_en: str) -> QuotaFull:
    return QuotaFull(
        quota=quota,
        limit=limit,
        used=used,
        full_es=f"Has llegado al límite de {limit} {what_es}: hay {used}.",
        full_en=f"You have reached the limit of {limit} {what_en}: there are {used}.",
    )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / _MEGABYTE:.1f}".removesuffix(".0")
