"""What the search box understood, and what was wrong with a filter, in words."""

from services.presentation.reader import Reader
from services.readmodel.filters import BadFilter
from services.readmodel.search import read_contact_query


def contact_box(reader: Reader, text: str) -> str:
    """How a pasted phone or id was read; empty for plain words, which need no explanation."""
    if not text:
        return ""
    _ = reader.gettext
    query = read_contact_query(text)
    if query.conversation_id is not None:
        return _("Leído como id. de conversación")
    if len(query.spellings) > 1:
        return _("Leído como teléfono: también se buscan sus otras formas de escribirlo")
    return _("Leído como teléfono") if query.spellings and query.similar else ""


def filter_problems(reader: Reader, bad: BadFilter) -> tuple[str, ...]:
    """Each thing that keeps a filter from being used, and what to do about it."""
    _ = reader.gettext
    fields = {
        "q": _("la búsqueda"),
        "text": _("el texto en los mensajes"),
        "from": _("el inicio del periodo"),
        "to": _("el final del periodo"),
        "score_min": _("la nota mínima"),
        "score_max": _("la nota máxima"),
        "cursor": _("la página"),
    }
    advice = {
        "too_short": _("Escribe al menos 3 letras seguidas, o 3 cifras de un teléfono."),
        "too_long": _("Es demasiado largo: acórtalo."),
        "empty_range": _("El final debe ser posterior al inicio."),
        "bad_cursor": _("Esa página ya no existe: vuelve a la primera."),
    }
    return tuple(
        _("Revisa {field}. {advice}").format(
            field=fields.get(each.parameter, each.parameter),
            advice=advice.get(each.code, _("El valor no se puede usar.")),
        )
        for each in bad.problems
    )
