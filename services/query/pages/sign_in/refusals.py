"""What the pages before signing in say when something is refused."""

from collections.abc import Mapping
from datetime import timedelta

from services.presentation.reader import Reader

FIRST_ACCOUNT = "main"
"""The account that the set-up page makes when none was named."""


def refusal(reader: Reader, reason: str, retry_after: timedelta | None) -> str:
    """Why nobody was signed in, and what to do; never whether the person exists."""
    _ = reader.gettext
    if reason == "wait":
        seconds = max(1, int(retry_after.total_seconds())) if retry_after else 60
        return _("Demasiados intentos. Espera {span} y vuelve a probar.").format(
            span=reader.duration(seconds)
        )
    known = {
        "wrong": _("El correo o la contraseña no son correctos."),
        "link_used": _("Este enlace ya se usó o caducó. Pide uno nuevo."),
        "setup_used": _(
            "Este enlace de preparación ya se usó o caducó. Reinicia Bitácora para que imprima uno nuevo."
        ),
    }
    return known.get(reason, _("No se pudo entrar. Vuelve a probar."))


def person_problem(reader: Reader, problems: Mapping[str, str]) -> str:
    """What is wrong with the account somebody tries to make."""
    _ = reader.gettext
    known = {
        ("password", "too_short"): _("La contraseña debe tener al menos 12 caracteres."),
        ("password", "too_long"): _("La contraseña puede tener hasta 128 caracteres."),
        ("password", "too_common"): _("Esa contraseña es demasiado conocida: elige otra."),
        ("email", "invalid"): _("El correo no tiene una forma válida."),
        ("email", "taken"): _("Ya existe una persona con ese correo."),
        ("name", "invalid"): _("Escribe tu nombre."),
        ("account", "invalid"): _(
            "El nombre corto de la empresa solo admite letras minúsculas, números y guiones."
        ),
    }
    return " ".join(known.get(item, _("Revisa los datos.")) for item in problems.items())
