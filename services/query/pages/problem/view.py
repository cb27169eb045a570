"""What a person reads when something is refused or breaks, and where to go from there."""

from dataclasses import dataclass

from services.presentation.reader import Reader


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A page that says what happened, what to do, and the number to quote."""

    title: str
    advice: str
    link_url: str
    link_label: str
    request_id: str


def problem_view(reader: Reader, code: str, request_id: str, *, path: str) -> ProblemView:
    """The words for a problem's code."""
    _ = reader.gettext
    known = {
        "not_found": (_("Esto no existe"), _("El enlace puede estar cortado, o ser de otra empresa.")),
        "not_stored": (
            _("Este archivo no está guardado"),
            _("El proveedor aún no lo entregó, o ya caducó. Vuelve a intentarlo en un momento."),
        ),
        "not_allowed": (
            _("No se pudo comprobar el formulario"),
            _(
                "Vuelve atrás, carga la página de nuevo y repite la acción. Si tu perfil no lo permite, pide ayuda."
            ),
        ),
        "not_authenticated": (_("Tu sesión terminó"), _("Vuelve a entrar y repite la acción.")),
        "already_ended": (
            _("La conversación ya estaba finalizada"),
            _("No hace falta hacer nada: el próximo mensaje del cliente abrirá una nueva."),
        ),
        "gone": (
            _("El archivo ya se borró"),
            _("Vuelve a exportarlo desde la lista o desde la conversación."),
        ),
        "not_ready": (_("El archivo aún no está listo"), _("Espera un momento y vuelve a intentarlo.")),
        "not_cancellable": (_("La exportación ya había terminado"), _("No queda nada que cancelar.")),
        "too_many_searches": (
            _("Demasiadas búsquedas a la vez"),
            _("Espera a que termine la anterior y vuelve a intentarlo."),
        ),
        "search_timeout": (
            _("La búsqueda tardó demasiado"),
            _("Acota el periodo, añade un filtro o escribe más letras, y vuelve a buscar."),
        ),
        "unavailable": (
            _("Una parte de Bitácora no responde"),
            _("No se perdió nada. Vuelve a intentarlo en unos segundos."),
        ),
    }
    title, advice = known.get(
        code,
        (_("Algo salió mal"), _("Vuelve a intentarlo. Si se repite, pide ayuda con este identificador.")),
    )
    link_url, link_label = _way_out(reader, code, path)
    return ProblemView(title, advice, link_url, link_label, request_id)


def _way_out(reader: Reader, code: str, path: str) -> tuple[str, str]:
    _ = reader.gettext
    if code == "not_authenticated":
        return "/sign-in", _("Entrar")
    if code == "already_ended":
        return path.removesuffix("/end"), _("Ver la conversación")
    if code in {"gone", "not_ready", "not_cancellable"}:
        return "/exports", _("Ver las exportaciones")
    return "/", _("Ir a las conversaciones")
