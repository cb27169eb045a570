"""The icons and tones pages give to the values of events; the words stand in `services/presentation/words.py`."""

CHANNEL_ICONS = {
    "whatsapp": "brand-whatsapp",
    "webchat": "world",
    "instagram": "brand-instagram",
    "messenger": "brand-messenger",
    "telegram": "brand-telegram",
    "facebook": "brand-facebook",
    "sms": "device-mobile-message",
    "rcs": "device-mobile-message",
    "email": "mail",
    "voice": "phone",
    "teams": "users",
}
OTHER_CHANNEL = "message"

ACTOR_ICONS = {
    "customer": "user",
    "bot": "robot",
    "human": "headset",
    "campaign": "speakerphone",
    "system": "settings",
}

STATUS_TONES = {"open": "open", "ended": "calm"}

DELIVERY_LOOKS = {
    "queued": ("clock", "calm"),
    "accepted": ("clock", "calm"),
    "sent": ("check", "calm"),
    "delivered": ("checks", "calm"),
    "read": ("checks", "read"),
    "played": ("checks", "read"),
    "rejected": ("alert-triangle", "bad"),
    "failed": ("alert-triangle", "bad"),
    "clicked": ("link", "calm"),
    "verified": ("circle-check", "calm"),
    "warning": ("alert-triangle", "calm"),
}
"""Icon and tone of a delivery status."""
OTHER_DELIVERY = ("info-circle", "calm")

FILE_ICONS = {
    "image": "photo",
    "video": "video",
    "audio": "music",
    "voice": "microphone",
    "document": "file",
    "sticker": "sticker",
}
OTHER_FILE = "file"
