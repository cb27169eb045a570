"""The words for the values of events, one for each, wherever people read it. A value we do not know shows as such."""

from collections.abc import Mapping

from services.presentation.languages import mark
from services.presentation.reader import Reader

CHANNELS = {
    "whatsapp": "WhatsApp",
    "webchat": mark("Chat web"),
    "instagram": "Instagram",
    "messenger": "Messenger",
    "telegram": "Telegram",
    "facebook": "Facebook",
    "sms": "SMS",
    "rcs": "RCS",
    "email": mark("Correo"),
    "voice": mark("Voz"),
    "teams": "Teams",
}
ENVIRONMENTS = {"production": mark("Producción"), "testing": mark("Pruebas")}
STATUSES = {"open": mark("Abierta"), "ended": mark("Finalizada")}
END_REASONS = {
    "customer": mark("la cerró el cliente"),
    "assistant": mark("la cerró el asistente"),
    "operator": mark("la finalizó una persona del equipo"),
    "timeout": mark("sin actividad"),
    "system": mark("la cerró el sistema"),
    "replaced": mark("empezó otra en su lugar"),
    "imported": mark("historial importado"),
}
ACTOR_KINDS = {
    "customer": mark("Cliente"),
    "bot": mark("Asistente"),
    "human": mark("Atención humana"),
    "campaign": mark("Campaña"),
    "system": mark("Sistema"),
}
ROLES = {"operator": mark("Operación"), "admin": mark("Administración")}
DELIVERY = {
    "queued": mark("En cola"),
    "accepted": mark("Aceptado"),
    "sent": mark("Enviado"),
    "delivered": mark("Entregado"),
    "read": mark("Leído"),
    "played": mark("Reproducido"),
    "rejected": mark("Rechazado"),
    "failed": mark("No entregado"),
    "clicked": mark("Pulsado"),
    "verified": mark("Verificado"),
    "warning": mark("Con aviso"),
}
FILE_KINDS = {
    "image": mark("Imagen"),
    "video": mark("Vídeo"),
    "audio": mark("Audio"),
    "voice": mark("Nota de voz"),
    "document": mark("Documento"),
    "sticker": mark("Sticker"),
}
UNAVAILABLE = {
    "expired": mark("caducó antes de guardarse"),
    "rejected": mark("rechazado"),
    "too_large": mark("demasiado grande"),
    "malware": mark("contiene código dañino"),
    "error": mark("no se pudo descargar"),
}
METRICS = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "custom": mark("Encuesta")}
ANNOTATION_KINDS = {
    "label": mark("Etiqueta"),
    "note": mark("Apunte"),
    "topic": mark("Tema"),
    "score": mark("Puntuación"),
}
IDENTIFIER_KINDS = {
    "phone": mark("Teléfono"),
    "wa_id": "WhatsApp",
    "bsuid": mark("WhatsApp (BSUID)"),
    "parent_bsuid": mark("WhatsApp (BSUID matriz)"),
    "username": mark("Usuario"),
    "email": mark("Correo"),
    "external": mark("Identificador externo"),
    "source": mark("Identificador del canal"),
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "channel": CHANNELS,
    "environment": ENVIRONMENTS,
    "status": STATUSES,
    "end_reason": END_REASONS,
    "actor_kind": ACTOR_KINDS,
}
"""The tables that fields of a conversation name (`services/readmodel/fields/`): for cells of a spreadsheet."""


def channel(reader: Reader, value: str) -> str:
    """A channel's name."""
    return _known(reader, CHANNELS, value) or value


def environment(reader: Reader, value: str) -> str:
    """Production or testing."""
    return _known(reader, ENVIRONMENTS, value) or value


def status(reader: Reader, value: str) -> str:
    """A conversation's status."""
    return _known(reader, STATUSES, value) or value


def end_reason(reader: Reader, value: str | None) -> str:
    """Why a conversation ended, as it goes on within a sentence."""
    return _known(reader, END_REASONS, value) or value or reader.gettext("sin motivo indicado")


def end_reason_choice(reader: Reader, value: str) -> str:
    """The same as a choice in a filter."""
    return sentence(end_reason(reader, value))


def actor_kind(reader: Reader, value: str | None) -> str:
    """What kind of sender this is: beside a name, or instead of one."""
    return _known(reader, ACTOR_KINDS, value) or value or reader.gettext("Desconocido")


def role(reader: Reader, value: str) -> str:
    """A role of people who use the pages."""
    return _known(reader, ROLES, value) or value


def delivery(reader: Reader, value: str) -> str:
    """A delivery status."""
    return _known(reader, DELIVERY, value) or value


def file_kind(reader: Reader, value: str | None) -> str:
    """What a file is."""
    return _known(reader, FILE_KINDS, value) or value or reader.gettext("Archivo")


def file_state(reader: Reader, state: str, reason: str | None = None) -> str:
    """What keeps a file from being opened; empty when nothing does."""
    if state == "unavailable":
        return _known(reader, UNAVAILABLE, reason) or reader.gettext("no disponible")
    return reader.gettext("aún no está guardado") if state == "pending" else ""


def metric(reader: Reader, value: str) -> str:
    """An evaluation's metric."""
    return _known(reader, METRICS, value) or value.upper()


def annotation_kind(reader: Reader, value: str) -> str:
    """What an annotation is."""
    return _known(reader, ANNOTATION_KINDS, value) or value


def identifier_kind(reader: Reader, value: str) -> str:
    """What an identifier of a contact is."""
    return _known(reader, IDENTIFIER_KINDS, value) or value


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def _known(reader: Reader, words: Mapping[str, str], value: str | None) -> str:
    found = words.get(value or "")
    return reader.gettext(found) if found else ""


def field_value(reader: Reader, field: str, value: str) -> str:
    """The value of a field of a conversation, as a condition on it says; a field without words shows its values."""
    said = {"channel": channel, "environment": environment, "status": status, "end_reason": end_reason_choice}
    return said[field](reader, value) if value and field in said else value


def field_choice(reader: Reader, field: str, value: str) -> str:
    """The same as a choice, which is about many conversations."""
    many = {("status", "open"): mark("Abiertas"), ("status", "ended"): mark("Finalizadas")}
    text = many.get((field, value))
    return field_value(reader, field, value) if text is None else reader.gettext(text)
