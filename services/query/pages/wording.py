"""The words pages use for the values of events. A value we do not know shows as such."""

from collections.abc import Callable

Gettext = Callable[[str], str]

_CHANNELS = {
    "whatsapp": ("WhatsApp", "brand-whatsapp"),
    "webchat": ("Chat web", "world"),
    "instagram": ("Instagram", "brand-instagram"),
    "messenger": ("Messenger", "brand-messenger"),
    "telegram": ("Telegram", "brand-telegram"),
    "facebook": ("Facebook", "brand-facebook"),
    "sms": ("SMS", "device-mobile-message"),
    "rcs": ("RCS", "device-mobile-message"),
    "email": ("Correo", "mail"),
    "voice": ("Voz", "phone"),
    "teams": ("Teams", "users"),
}


def channel(_: Gettext, value: str) -> tuple[str, str]:
    """A channel's name and icon."""
    name, icon = _CHANNELS.get(value, (value, "message"))
    translated = {"webchat": _("Chat web"), "email": _("Correo"), "voice": _("Voz")}
    return translated.get(value, name), icon


def environment(_: Gettext, value: str) -> str:
    """Production or testing."""
    return {"production": _("Producción"), "testing": _("Pruebas")}.get(value, value)


def status(_: Gettext, value: str) -> tuple[str, str]:
    """A conversation's status and its tone."""
    return {"open": (_("Abierta"), "open"), "ended": (_("Finalizada"), "calm")}.get(value, (value, "calm"))


def end_reason(_: Gettext, value: str | None) -> str:
    """Why a conversation ended."""
    known = {
        "customer": _("la cerró el cliente"),
        "assistant": _("la cerró el asistente"),
        "operator": _("la finalizó una persona del equipo"),
        "timeout": _("sin actividad"),
        "system": _("la cerró el sistema"),
        "replaced": _("empezó otra en su lugar"),
        "imported": _("historial importado"),
    }
    return known.get(value or "", value or _("sin motivo indicado"))


def end_reason_choice(_: Gettext, value: str) -> str:
    """The same as a choice in a filter."""
    text = end_reason(_, value)
    return text[:1].upper() + text[1:]


def actor_kind(_: Gettext, value: str | None) -> str:
    """What kind of sender this is, for those without a name."""
    known = {
        "customer": _("Cliente"),
        "bot": _("Asistente"),
        "human": _("Atención humana"),
        "campaign": _("Campaña"),
        "system": _("Sistema"),
    }
    return known.get(value or "", value or _("Desconocido"))


ACTOR_ICONS = {
    "customer": "user",
    "bot": "robot",
    "human": "headset",
    "campaign": "speakerphone",
    "system": "settings",
}


def delivery(_: Gettext, value: str) -> tuple[str, str, str]:
    """A delivery status: its name, icon and tone."""
    known = {
        "queued": (_("En cola"), "clock", "calm"),
        "accepted": (_("Aceptado"), "clock", "calm"),
        "sent": (_("Enviado"), "check", "calm"),
        "delivered": (_("Entregado"), "checks", "calm"),
        "read": (_("Leído"), "checks", "read"),
        "played": (_("Reproducido"), "checks", "read"),
        "rejected": (_("Rechazado"), "alert-triangle", "bad"),
        "failed": (_("No entregado"), "alert-triangle", "bad"),
        "clicked": (_("Pulsado"), "link", "calm"),
        "verified": (_("Verificado"), "circle-check", "calm"),
        "warning": (_("Con aviso"), "alert-triangle", "calm"),
    }
    return known.get(value, (value, "info-circle", "calm"))


def file_kind(_: Gettext, value: str | None) -> tuple[str, str]:
    """What a file is, and its icon."""
    known = {
        "image": (_("Imagen"), "photo"),
        "video": (_("Vídeo"), "video"),
        "audio": (_("Audio"), "music"),
        "voice": (_("Nota de voz"), "microphone"),
        "document": (_("Documento"), "file"),
        "sticker": (_("Sticker"), "sticker"),
    }
    return known.get(value or "", (value or _("Archivo"), "file"))


def unavailable(_: Gettext, value: str | None) -> str:
    """Why we do not hold a file."""
    known = {
        "expired": _("caducó antes de guardarse"),
        "rejected": _("rechazado"),
        "too_large": _("demasiado grande"),
        "malware": _("contiene código dañino"),
        "error": _("no se pudo descargar"),
    }
    return known.get(value or "", _("no disponible"))


def metric(_: Gettext, value: str) -> str:
    """An evaluation's metric."""
    return {"nps": "NPS", "csat": "CSAT", "ces": "CES", "custom": _("Encuesta")}.get(value, value.upper())


def identifier_kind(_: Gettext, value: str) -> str:
    """What an identifier of a contact is."""
    known = {
        "phone": _("Teléfono"),
        "wa_id": "WhatsApp",
        "bsuid": _("WhatsApp (BSUID)"),
        "parent_bsuid": _("WhatsApp (BSUID matriz)"),
        "username": _("Usuario"),
        "email": _("Correo"),
        "external": _("Identificador externo"),
        "source": _("Identificador del canal"),
    }
    return known.get(value, value)
