"""Which names and texts may hold personal data or a secret, and so stay out of logs and metrics."""

import re

MASK = "[masked]"
LONGEST_TEXT = 8_000
"""Characters kept of one value; a log line must never carry a payload."""

_WORDS = {"text", "plain_text", "body", "comment", "raw_answer", "question", "answer", "caption", "parts"}
_RECORDS = {"payload", "record_value", "attributes", "template_text", "q", "query_string"}
_PERSON = {"name", "display_name", "phone", "email", "address", "tax_id", "birth_date", "company_id"}
_PEOPLE = {"contact", "customer", "value", "identifier", "contact_value", "contact_name", "sender_name"}
_SECRETS = {"password", "secret", "token", "cookie", "authorization", "dsn"}
PERSONAL_KEYS = frozenset(_WORDS | _RECORDS | _PERSON | _PEOPLE | _SECRETS)
PERSONAL_ENDINGS = (
    "_phone",
    "_email",
    "_text",
    "_password",
    "_secret",
    "_token",
    "_dsn",
    "_phones",
    "_emails",
)

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_NOT_A_PHONE = r"(?!\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\d+\.\d+(?![\d ().-]*\d))"
"""A date, an IPv4 address, a fraction."""
_LONG_NUMBER = re.compile(r"(?<![\w.:+-])" + _NOT_A_PHONE + r"\+?\d(?:[ ().-]{0,2}\d){8,16}(?!\w)")
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s@]+@")


def scrub(text: str) -> str:
    """Removes e-mail addresses, numbers as long as phones and the user part of URLs from a foreign text."""
    text = _URL_PASSWORD.sub(MASK + "@", text)
    text = _EMAIL.sub(MASK, text)
    return _LONG_NUMBER.sub(MASK, text)[:LONGEST_TEXT]


def is_personal(key: str) -> bool:
    """Whether a field of this name may hold personal data or a secret."""
    lowered = key.lower()
    return lowered in PERSONAL_KEYS or lowered.endswith(PERSONAL_ENDINGS)
