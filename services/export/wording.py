"""The Spanish words of a transcript for what the tables name by code."""

STATUS_WORDS = {
    "queued": "en cola", "accepted": "aceptado", "sent": "enviado", "delivered": "entregado", "read": "leído",
    "played": "reproducido", "failed": "no entregado", "rejected": "rechazado",
}  # fmt: skip
CHANNEL_WORDS = {
    "whatsapp": "WhatsApp", "webchat": "Chat web", "instagram": "Instagram", "messenger": "Messenger",
    "telegram": "Telegram", "sms": "SMS", "email": "Correo",
}  # fmt: skip
REASON_WORDS = {
    "customer": "la finalizó el cliente", "assistant": "la finalizó el asistente", "operator": "la finalizó un operador",
    "timeout": "finalizó por inactividad", "system": "la finalizó el sistema", "replaced": "la reemplazó otra conversación",
    "imported": "importada del historial",
}  # fmt: skip
KIND_WORDS = {
    "image": "Imagen", "video": "Video", "audio": "Audio", "voice": "Nota de voz", "document": "Documento",
    "sticker": "Sticker",
}  # fmt: skip
ACTOR_WORDS = {
    "customer": "Cliente", "bot": "Asistente", "human": "Persona", "campaign": "Campaña", "system": "Sistema",
}  # fmt: skip
"""Whoever has no name."""
ROLE_WORDS = {
    "customer": "cliente", "bot": "asistente", "human": "atención humana", "campaign": "campaña", "system": "sistema",
}  # fmt: skip
"""What stands beside a name."""
