from babel.messages.catalog import Catalog

from cli.generate.messages import Message, of_python, of_template, render


def test_texts_of_a_module_are_found_wherever_the_call_stands() -> None:
    source = """_ = reader.gettext
known = {"open": _("Abierta")}
line = f"{reader.gettext('Hoy')} {clock}"
amount = reader.ngettext("{n} fila", "{n} filas", count).format(n=count)
other = reader.gettext(label)
"""
    assert set(of_python(source)) == {
        Message("Abierta"),
        Message("Hoy"),
        Message("{n} fila", "{n} filas"),
    }


def test_texts_of_a_template_are_found_in_mark_up_and_in_code() -> None:
    source = """<a title="{{ _('Ruta') }}">{% set names = [("auto", _("Automático"))] %}{{ picker(_("Canal")) }}</a>"""
    assert set(of_template(source)) == {Message("Ruta"), Message("Automático"), Message("Canal")}


def test_translations_notes_and_marks_are_kept_and_dead_messages_go() -> None:
    known = Catalog("pt")
    known.add("Abierta", "Aberta", user_comments=["a conversa"])
    known.add("Duración", "Duração", flags=["fuzzy"])
    known.add("Antes", "Antes")
    text = render("pt", {Message("Abierta"), Message("Duración"), Message("Nueva")}, known)
    assert text.endswith(
        """
# a conversa
msgid "Abierta"
msgstr "Aberta"

#, fuzzy
msgid "Duración"
msgstr "Duração"

msgid "Nueva"
msgstr ""
"""
    )


def test_a_message_that_got_a_plural_is_translated_anew() -> None:
    known = Catalog("en")
    known.add("{n} fila", "{n} row")
    text = render("en", {Message("{n} fila", "{n} filas")}, known)
    assert 'msgid_plural "{n} filas"\nmsgstr[0] ""\nmsgstr[1] ""\n' in text
