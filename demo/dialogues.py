"""What is said in the demo: short dialogues in Spanish and Portuguese, as data.

A turn is `customer`, `bot`, `choices` (a question with buttons), `tap` (the customer takes a button), `picture`,
`document`, `voice`, `place`, `hand_over` (to the second assistant), `to_human` and `human` (an attendant writes).
Curly names are filled in by the story.
"""

from dataclasses import dataclass

from demo.cast import Language


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a dialogue; `options` are the buttons of a `choices` turn."""

    kind: str
    text: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue and the language it is in."""

    language: Language
    turns: tuple[Turn, ...]


def _dialogue(language: Language, *turns: tuple[str, str] | tuple[str, str, tuple[str, ...]]) -> Dialogue:
    return Dialogue(language, tuple(Turn(*turn) for turn in turns))


DIALOGUES: tuple[Dialogue, ...] = (
    _dialogue(
        "es",
        ("customer", "Hola, ¿dónde está mi pedido {order}?"),
        ("bot", "¡Hola, {name}! Soy {bot} 👋 Ya lo reviso."),
        ("hand_over", "envíos"),
        ("bot", "El pedido {order} salió del depósito y llega el {day}, entre las 9 y las 13 h."),
        ("customer", "¿Puede ser por la tarde? A la mañana no hay nadie"),
        ("choices", "¿Qué franja te queda mejor?", ("13 a 16 h", "16 a 19 h", "Otro día")),
        ("tap", "16 a 19 h"),
        ("bot", "Listo: *{day} de 16 a 19 h*. Te avisamos cuando esté en camino."),
        ("customer", "Gracias!! 🙌"),
    ),
    _dialogue(
        "es",
        ("customer", "Buenas, me llegó la caja rota"),
        ("bot", "Lo siento mucho, {name}. ¿Me mandas una foto de la caja y otra del producto?"),
        ("picture", "Así llegó"),
        ("picture", "Y esto es lo de adentro"),
        ("bot", "Gracias. Necesito también la factura, por favor."),
        ("document", "factura-{order}.pdf"),
        ("to_human", "producto dañado"),
        ("human", "Hola {name}, soy {human}. Ya vi las fotos: te enviamos uno nuevo sin costo."),
        ("customer", "Perfecto, ¿cuánto demora?"),
        ("human", "Sale hoy. Número de seguimiento: ABC-{order}. Cualquier cosa me escribes."),
        ("customer", "Mil gracias, {human}"),
    ),
    _dialogue(
        "es",
        ("customer", "Quiero cambiar la dirección de facturación"),
        ("choices", "Claro. ¿Qué necesitas?", ("Cambiar dirección", "Ver facturas", "Hablar con alguien")),
        ("tap", "Cambiar dirección"),
        ("bot", "Mándame la ubicación o escribe la dirección nueva."),
        ("place", "Nueva oficina"),
        ("bot", "Actualicé tu dirección. ¿Te ayudo con algo más?"),
        ("customer", "No, eso era todo"),
    ),
    _dialogue(
        "es",
        ("customer", "no puedo entrar a la app, dice error 502"),
        ("bot", "Vamos a verlo. ¿Qué teléfono usas y qué versión de la app?"),
        ("customer", "Es un Android, la versión 4.1.0"),
        ("bot", "Prueba esto:\n1. Cierra la app\n2. Borra la caché\n3. Vuelve a entrar"),
        ("customer", "Sigue igual 😕"),
        ("voice", ""),
        ("to_human", "no resuelto por el asistente"),
        (
            "human",
            "Hola, veo tu usuario bloqueado por intentos fallidos. Ya lo desbloqueé, ¿pruebas de nuevo?",
        ),
        ("customer", "¡Ahora sí!"),
    ),
    _dialogue(
        "es",
        ("customer", "Cuánto debo este mes?"),
        ("bot", "{name}, tu saldo es de $ {amount} y vence el {day}."),
        ("customer", "Lo quiero pagar en cuotas"),
        ("choices", "Puedes elegir:", ("2 cuotas", "3 cuotas", "6 cuotas")),
        ("tap", "3 cuotas"),
        ("bot", "Hecho. El enlace de pago es https://pagos.example.com/p/{order} y vale 24 horas."),
    ),
    _dialogue(
        "es",
        ("customer", "quiero dar de baja el servicio"),
        ("bot", "Lamento leer eso. ¿Me cuentas el motivo?"),
        ("customer", "muy caro y la atención tarda una eternidad"),
        ("to_human", "retención"),
        ("human", "Te ofrezco dos meses con 40 % de descuento. ¿Te interesa?"),
        ("customer", "no, gracias. Quiero la baja"),
        ("human", "Entiendo. La baja queda registrada con el número {order}."),
    ),
    _dialogue(
        "pt",
        ("customer", "Oi, queria trocar um tênis que ficou pequeno"),
        ("bot", "Oi, {name}! Aqui é {bot} 😊 Qual é o número do pedido?"),
        ("customer", "{order}"),
        ("hand_over", "troca"),
        ("bot", "Encontrei. Qual numeração você precisa?"),
        ("choices", "Temos estas em estoque:", ("38", "39", "40")),
        ("tap", "39"),
        ("bot", "Pronto! A coleta será na {day}. Deixe o produto na caixa original."),
        ("customer", "Obrigada, vocês são ótimos 💛"),
    ),
    _dialogue(
        "pt",
        ("customer", "A ligação caiu e ninguém me respondeu sobre o cartão"),
        ("bot", "Sinto muito, {name}. Pode me contar o que aconteceu?"),
        ("customer", "Fui cobrado duas vezes, segue o comprovante"),
        ("document", "comprovante-{order}.pdf"),
        ("to_human", "cobrança duplicada"),
        ("human", "Olá, aqui é {human}. Confirmei a cobrança duplicada de R$ {amount}."),
        ("human", "O estorno aparece em até 5 dias úteis."),
        ("customer", "Tá bom, vou aguardar"),
    ),
    _dialogue(
        "pt",
        ("customer", "Vocês têm essa peça em azul?"),
        ("picture", "Essa aqui"),
        ("bot", "Temos sim! Azul-marinho e azul-claro, do P ao GG."),
        ("customer", "Quero a azul-claro, tamanho M"),
        ("bot", "Reservei para você até {day}: https://loja.example.com/r/{order}"),
        ("customer", "Perfeito, já paguei"),
    ),
    _dialogue(
        "pt",
        ("customer", "bom dia, que horas abre a loja de Pinheiros?"),
        ("bot", "Bom dia! De segunda a sábado, das 10h às 20h. Aos domingos, das 12h às 18h."),
        ("customer", "valeu"),
    ),
)

HSM_TEXT = {
    "es": ("recordatorio_pago", "Hola {name}, tu cuota de $ {amount} vence el {day}. Responde a este mensaje si necesitas ayuda."),
    "pt": ("pedido_a_caminho", "Olá, {name}! Seu pedido {order} saiu para entrega e chega em {day}. Alguma dúvida?"),
}  # fmt: skip
NPS_QUESTION = {
    "es": "Del 0 al 10, ¿qué tan probable es que nos recomiendes a un amigo?",
    "pt": "De 0 a 10, quanto você nos recomendaria a um amigo?",
}
CSAT_QUESTION = {
    "es": "¿Cómo calificas la atención de hoy? (1 muy mala, 5 excelente)",
    "pt": "Como você avalia o atendimento de hoje? (1 péssimo, 5 excelente)",
}
COMMENTS = {
    "es": ("Muy amables y rápidos", "Tardaron demasiado en responder", "Todo bien, gracias", "El bot no entendía nada",
           "Lo resolvieron en un minuto 👏", "Tuve que repetir mis datos tres veces"),
    "pt": ("Atendimento nota dez", "Demorou, mas resolveu", "Não resolveram meu problema", "Um amor de atendimento 💛"),
}  # fmt: skip
DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes"),
    "pt": ("segunda", "terça", "quarta", "quinta", "sexta"),
}
LABELS: dict[Language, tuple[str, ...]] = {
    "es": ("envío", "reclamo", "facturación", "consulta"),
    "pt": ("entrega", "reclamação", "cobrança", "dúvida"),
}
NOTES: dict[Language, tuple[tuple[str, str], ...]] = {
    "es": (
        ("seguimiento", "Llamar el viernes para confirmar que llegó"),
        ("cliente", "Prefiere que le escriban de tarde"),
    ),
    "pt": (("retorno", "Ligar na sexta para confirmar a entrega"), ("cliente", "Prefere contato à tarde")),
}
