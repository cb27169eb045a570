"""The fields of a conversation: a new filter or column begins with a row here."""

from pathlib import Path

from bitacora_schemas.codes import Environment, Status

from services.chassis.sql import load_statements
from services.readmodel.fields.field import (
    Closed,
    ClosedWords,
    Column,
    ContactSearch,
    Facet,
    Field,
    Flag,
    Has,
    Id,
    Link,
    ListHolds,
    MessageSearch,
    Named,
    Number,
    OneOf,
    Scored,
    Search,
    Text,
    Time,
    Within,
)
from services.readmodel.fields.field import marked as _
from services.readmodel.fields.questions import Fields

SQL = load_statements(Path(__file__).with_suffix(".sql"))

FIELDS = Fields((
    Field(
        name="q", kind=Search(), sql="ct.search", label=_("Cliente"), index="contact_search", ask=ContactSearch(),
        about="Customer's name, e-mail, phone, company id or other identifier; or a conversation's id.",
    ),
    Field(
        name="text", kind=Search(), sql="c.conv_key", label=_("Texto en los mensajes"), chip=_("Texto"),
        index="conversation_document_words", ask=MessageSearch(), about="Words in its messages, all of them.",
    ),
    Field(
        name="started_at", kind=Time(), sql="c.started_at", label=_("Inicio"), index="conversation_pkey",
        ask=Within("started", "key", sorts=True), column=Column(12, "started_at", _("Inicio ({zone})")),
    ),
    Field(
        name="last_activity_at", kind=Time(), sql="c.last_activity_at", label=_("Última actividad"), optional=True,
        index="conversation_activity_order", ask=Within("activity", "activity", sorts=True),
        column=Column(14, "last_activity_at", _("Última actividad ({zone})")),
    ),
    Field(
        name="ended_at", kind=Time(), sql="c.ended_at", label=_("Final"), optional=True,
        ask=Within("ended", "column"), column=Column(13, "ended_at", _("Fin ({zone})")),
    ),
    Field(
        name="chatbot", kind=Text(), sql="c.chatbot_id", label=_("Chatbot"), unasked=_("Todos"), optional=True,
        index="conversation_chatbot", ask=OneOf("chatbots"), about="Chatbot ids.",
        facet=Facet("chatbots", "c.chatbot_name"),
        column=Column(6, "chatbot", _("Chatbot"), "coalesce(c.chatbot_name, c.chatbot_id)"),
    ),
    Field(
        name="chatbot_version", kind=Text(), sql="c.chatbot_version", label=_("Versión del chatbot"), chip=_("Versión"),
        unasked=_("Todas"), optional=True, index="conversation_chatbot_version", ask=OneOf("chatbot_versions"),
        about="Versions that the chatbot had.", facet=Facet("chatbot_versions"),
        column=Column(29, "chatbot_version", _("Versión del chatbot")),
    ),
    Field(
        name="channel", kind=Text(words="channel"), sql="c.channel", label=_("Canal"), unasked=_("Todos"),
        ask=OneOf("channels", commas=True), about="Channels, such as whatsapp.",
        facet=Facet("channels"), column=Column(5, "channel", _("Canal")),
    ),
    Field(
        name="environment", sql="c.environment", label=_("Entorno"), unasked=_("Producción y pruebas"),
        kind=Closed(Environment, "environment"), index="conversation_testing",
        ask=ClosedWords("environment", several=False), about="Production or testing; both without it.",
        facet=Facet("environments"), column=Column(4, "environment", _("Entorno")),
    ),
    Field(
        name="status", sql="c.status", label=_("Estado"), unasked=_("Abiertas y finalizadas"),
        kind=Closed(Status, "status"), index="conversation_open",
        ask=ClosedWords("statuses", several=True), about="Open or ended; both without it.",
        facet=Facet("statuses"), column=Column(3, "status", _("Estado")),
    ),
    Field(
        name="assistant", kind=Text(), sql="c.assistants", label=_("Asistente"), unasked=_("Todos"),
        ask=ListHolds("assistants"), about="Ids of assistants that spoke.", facet=Facet("assistants"),
        column=Column(7, "assistants", _("Asistentes"), SQL["assistants_by_name"]),
    ),
    Field(
        name="label", kind=Text(), sql="c.labels", label=_("Etiqueta"), unasked=_("Todas"), optional=True,
        index="conversation_labels", ask=ListHolds("labels"), about="Keys of labels that were put on it.",
        facet=Facet("labels"),
    ),
    Field(
        name="end_reason", kind=Text(words="end_reason"), sql="c.end_reason", label=_("Motivo del final"),
        chip=_("Final"), unasked=_("Todos"), optional=True, ask=OneOf("end_reasons", commas=True),
        about="Why it ended.", facet=Facet("end_reasons"), column=Column(27, "end_reason", _("Motivo de fin")),
    ),
    Field(
        name="nps", kind=Number(), sql="c.nps", label="NPS", optional=True, index="conversation_nps",
        ask=Scored("nps"), column=Column(21, "nps", "NPS"),
    ),
    Field(
        name="csat", kind=Number(), sql="c.csat", label="CSAT", optional=True, index="conversation_csat",
        ask=Scored("csat"), column=Column(22, "csat", "CSAT"),
    ),
    Field(name="has_comment", kind=Flag(), sql="c.has_comment", label=_("Comentario"), ask=Has("comment")),
    Field(
        name="has_score", kind=Flag(), sql="(c.nps IS NOT NULL OR c.csat IS NOT NULL)", label=_("Nota"),
        ask=Has("score"),
    ),
    Field(
        name="transferred", kind=Flag(), sql="c.transferred", label=_("Transferencia"),
        ask=Has("transfer", ("transferred", "transfers")), column=Column(24, "transferred", _("Transferida")),
    ),
    Field(
        name="started_by_template", kind=Flag(), sql="c.started_by_template", label=_("Inicio por HSM"),
        ask=Has("template", ("started_by_template",)), column=Column(25, "started_by_template", _("Iniciada por HSM")),
    ),
    Field(
        name="has_files", kind=Flag(), sql="c.has_files", label=_("Archivos del cliente"),
        ask=Has("files", ("file",)), column=Column(26, "has_files", _("Con archivos")),
    ),
    Field(name="id", kind=Id(), sql="c.conversation_id", column=Column(1, "id", _("Conversación"))),
    Field(name="url", kind=Link("/conversations/"), sql="c.conversation_id", column=Column(2, "url", _("Enlace"))),
    Field(name="customer_name", kind=Text(), sql="ct.name", column=Column(8, "customer_name", _("Cliente"))),
    Field(
        name="customer_email", kind=Text(mask="public.mask_email"), sql="ct.email",
        column=Column(9, "customer_email", _("Correo")),
    ),
    Field(
        name="customer_phone", kind=Text(mask="public.mask_phone"), sql="ct.phone",
        column=Column(10, "customer_phone", _("Teléfono")),
    ),
    Field(name="company_id", kind=Text(), sql="ct.company_id", column=Column(11, "company_id", _("Id. de empresa"))),
    Field(
        name="duration_seconds", kind=Number(), sql=SQL["duration_seconds"],
        column=Column(15, "duration_seconds", _("Duración (s)")),
    ),
    Field(
        name="interactions", kind=Number(), sql="c.interactions",
        column=Column(16, "interactions_total", _("Interacciones")),
    ),
    Field(
        name="customer_count", kind=Number(), sql="c.customer_count",
        column=Column(17, "interactions_customer", _("Del cliente")),
    ),
    Field(
        name="assistant_count", kind=Number(), sql="c.assistant_count",
        column=Column(18, "interactions_assistant", _("De asistentes")),
    ),
    Field(
        name="human_count", kind=Number(), sql="c.human_count",
        column=Column(19, "interactions_human", _("De personas")),
    ),
    Field(name="template_count", kind=Number(), sql="c.template_count", column=Column(20, "interactions_template", "HSM")),
    Field(name="comment", kind=Text(), sql=SQL["comments"], column=Column(23, "comment", _("Comentario"))),
    Field(
        name="ended_by", kind=Named("c.end_by_kind", "actor_kind"), sql="coalesce(c.end_by_name, c.end_by_id)",
        column=Column(28, "ended_by", _("Finalizada por")),
    ),
))  # fmt: skip
