"""Which names and texts may hold personal data or a secret, and so stay out of logs and metrics."""

import re

MASK = "[masked]"
LONGEST_TEXT = 8_000
"""Characters kept of one value; a log line must never carry a payload."""

PERSONAL_KEYS = frozenset(
    {
        *(
            "text",
            "plain_text",
            "body",
            "comment",
            "raw_answer",
            "question",
            "answer",
            "caption",
            "template_text",
        ),
        *("phone", "email", "name", "display_name", "address", "tax_id", "company_id", "contact", "customer"),
        *(
            "value",
            "contact_value",
            "contact_name",
            "customer_name",
            "sender_name",
            "thread_key",
            "q",
            "query_string",
        ),
        *(
            "payload",
            "record_value",
            "parts",
            "attributes",
            "password",
            "secret",
            "token",
            "cookie",
            "authorization",
            "dsn",
        ),
    }
)
PERSONAL_ENDINGS = ("_phone", "_email", "_text", "_password", "_secret", "_token", "_dsn", "_name_full")

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_NOT_A_PHONE = r"(?!\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\d+\.\d+(?![\d ().-]*\d))"
"""A date, an IPv4 address, a fraction."""
_LONG_NUMBER = re.compile(r"(?<![\w.:+-])" + _NOT_A_PHONE + r"\+?\d(?:[ ().-]{0,2}\d){8,16}(?!\w)")
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s@]+@")


def scrub(text: str) -> str:
    """Removes e-mail addresses, numbers as long as phones and the user part of URLs from text that we did not
    write.
    """
    text = _URL_PASSWORD.sub(MASK + "@", text)
    text = _EMAIL.sub(MASK, text)
    return _LONG_NUMBER.sub(MASK, text)[:LONGEST_TEXT]


def is_personal(key: str) -> bool:
    """Whether a field of this name may hold personal data or a secret, and therefore stays out of logs and
    metrics.
    """
    lowered = key.lower()
    return lowered in PERSONAL_KEYS or lowered.endswith(PERSONAL_ENDINGS)
