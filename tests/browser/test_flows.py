"""What people come for, done in a real browser: get in, search, filter, read, fetch files, end a conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import EMAIL, PASSWORD, Site


@pytest.fixture(params=[True, False], ids=["with-script", "without-script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Every flow works with JavaScript and without."""
    return bool(request.param)


def names(page: Page) -> list[str]:
    return page.locator(".who-name").all_inner_texts()


def test_a_person_signs_in_with_a_password_and_out_again(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/exports", signed_in=False, java_script_enabled=script)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.get_by_label("Correo electrónico").fill(EMAIL)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("heading", name="Exportaciones", exact=True)).to_be_visible()
    page.locator(".bar .menu summary").click()
    page.get_by_role("button", name="Salir").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_wrong_password_is_refused_in_words_that_name_nobody(visit: Visit) -> None:
    page = visit("/sign-in", signed_in=False, allow="401")
    page.get_by_label("Correo electrónico").fill("nobody@example.com")
    page.get_by_label("Contraseña").fill("no es esta, seguro")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_contain_text("El correo o la contraseña no son correctos.")
    expect(page.get_by_label("Correo electrónico")).to_have_value("nobody@example.com")


def test_a_link_works_once(visit: Visit, site: Site) -> None:
    link = site.link()
    page = visit(link, signed_in=False, allow="410")
    page.get_by_role("button", name="Entrar").click()
    expect(page.locator(".count")).to_contain_text("conversaciones")
    page.goto(link)
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_contain_text("ya se usó")


@pytest.mark.parametrize("term", ["lucia mendez", "LUCIA.MENDEZ@example.com", "(11) 90000-1234", "C-20931"])
def test_one_box_finds_by_name_mail_phone_and_company_id(visit: Visit, term: str, script: bool) -> None:  # noqa: FBT001
    page = visit("/", java_script_enabled=script)
    page.get_by_role("searchbox", name=re.compile("Buscar por nombre")).fill(term)
    page.get_by_role("button", name="Buscar", exact=True).click()
    expect(page.locator(".chip")).to_contain_text(term)
    assert names(page) == ["Lucía Méndez"]
    assert "?s=" in page.url
    assert not re.search("lucia|90000|20931", page.url, re.IGNORECASE)


def test_a_pasted_conversation_id_opens_it(visit: Visit, site: Site) -> None:
    page = visit("/")
    page.get_by_role("searchbox", name=re.compile("Buscar por nombre")).fill(str(site.rich))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/conversations/{site.rich}$"))


def test_filters_add_up_as_chips_and_each_can_be_taken_away(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/", java_script_enabled=script)
    everything = page.locator(".count").inner_text()
    page.get_by_label("Estado").first.select_option("ended")
    page.get_by_label("Canal").select_option("whatsapp")
    page.locator(".more > summary").click()
    page.get_by_label("Transferencia").check()
    page.get_by_role("button", name="Aplicar filtros").click()
    expect(page.locator(".chip")).to_have_count(3)
    assert set(page.locator(".rows .state").all_inner_texts()) == {"Finalizada"}
    assert "status=ended" in page.url
    while page.locator(".chip").count():
        page.locator(".chip").first.click()
        page.wait_for_load_state()
    expect(page.locator(".count")).to_have_text(everything)


def test_a_period_takes_dates_and_times(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_label("Desde")).to_be_hidden()
    page.locator("[name=period]").select_option("custom")
    page.get_by_label("Desde").fill("2020-01-01")
    page.locator("[name=from_time]").fill("09:30")
    page.get_by_label("Hasta").fill("2020-01-02")
    page.get_by_role("button", name="Aplicar", exact=True).click()
    expect(page.locator(".chip")).to_contain_text("de 1 ene 2020, 09:30 a 3 ene 2020, 00:00")
    expect(page.get_by_label("Hasta")).to_have_value("2020-01-02")
    page.get_by_role("link", name="Buscar en todo el tiempo").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_a_bar_of_the_histogram_picks_its_period(visit: Visit) -> None:
    page = visit("/")
    bar = page.locator(".histogram a:not([tabindex])").last
    said = bar.get_attribute("aria-label") or ""
    bar.locator(".bar-fill").click()
    page.wait_for_url(re.compile("from="))
    expect(page.locator(".count")).to_have_text(said.split(": ")[1])


def test_pages_of_the_list_go_on_and_back(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/", java_script_enabled=script)
    first = names(page)
    assert len(first) == 50
    page.get_by_role("link", name="Más antiguas").click()
    page.wait_for_url(re.compile("cursor="))
    assert len(names(page)) == 15
    page.get_by_role("link", name="Más recientes").click()
    page.wait_for_url(re.compile(r"/$"))
    assert names(page) == first


def test_a_conversation_shows_everything_about_itself(visit: Visit, site: Site) -> None:
    viewed = site.count_audit("conversation.view")
    page = visit(f"/conversations/{site.rich}")
    side = page.locator(".side")
    for text in ("24 min", "Duración", "Interacciones", "NPS", "CSAT", "¿Del 0 al 10, cuánto nos recomendarías?",
                 "Marta fue muy amable", "Lucía Méndez", "+55 11 90000-1234", "lucia.mendez@example.com",
                 "Rua das Flores 1200", "C-20931", "captura.png"):  # fmt: skip
        expect(side).to_contain_text(text)
    history = page.locator(".history")
    for text in ("HSM", "factura_lista", "Asistente de cobros", "Transferida de Asistente de cobros a Marta Olivera",
                 "2 h 10 min sin mensajes", "Nota interna", "Mensaje eliminado", "No entregado", "fuera de la ventana",
                 "llegó tarde", "editado", "RLO"):  # fmt: skip
        expect(history).to_contain_text(text)
    expect(history.locator(".words strong", has_text="pagado")).to_have_count(1)
    assert site.count_audit("conversation.view") == viewed + 1


def test_a_picture_opens_with_a_click_and_a_document_too(visit: Visit, site: Site) -> None:
    page = visit(f"/conversations/{site.rich}")
    picture = page.locator(".picture img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") == 420
    answer = page.request.get(
        page.locator(".files a", has_text="comprobante.pdf").get_attribute("href") or ""
    )
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


def test_the_down_arrow_hands_over_a_pdf(visit: Visit, site: Site, script: bool) -> None:  # noqa: FBT001
    page = visit(f"/conversations/{site.rich}", java_script_enabled=script)
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "conversacion-lucia-mendez.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    expect(page.get_by_text("El archivo está listo.")).to_be_visible()
    page.get_by_role("link", name="Volver a la conversación").click()
    expect(page).to_have_url(re.compile(f"/conversations/{site.rich}"))


def test_the_list_exports_as_csv_with_its_filter(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/?status=ended", java_script_enabled=script)
    with page.expect_download() as download:
        page.get_by_role("button", name="Exportar CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.goto("/exports")
    expect(page.locator(".job").first).to_contain_text("Lista")
    expect(page.locator(".job").first.get_by_role("link", name="Descargar")).to_be_visible()


def test_the_keyboard_goes_through_the_list_and_opens_a_conversation(visit: Visit) -> None:
    page = visit("/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=re.compile("Buscar por nombre"))).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".rows tr.is-here .who-name")).to_have_text("Lucía Méndez")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/conversations/"))
    expect(page.get_by_role("heading", name="Lucía Méndez")).to_be_visible()


def test_the_look_is_chosen_and_stays(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/", java_script_enabled=script, color_scheme="light")
    page.locator(".bar .menu summary").click()
    page.get_by_role("button", name="Oscuro").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/exports")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_ending_says_what_will_happen_and_then_shows_it_done(visit: Visit, script: bool) -> None:  # noqa: FBT001
    page = visit("/?status=open", java_script_enabled=script, allow="409")
    page.locator(".who-name").last.click()
    page.get_by_text("Opciones", exact=True).click()
    page.get_by_role("link", name="Finalizar").click()
    expect(page.get_by_text("El próximo mensaje del cliente abrirá una conversación nueva.")).to_be_visible()
    page.get_by_role("button", name="Finalizar conversación").click()
    expect(page.get_by_text("Conversación finalizada.")).to_be_visible()
    expect(page.locator(".talk-line .tag").first).to_have_text("Finalizada")
    expect(page.locator(".marker-ended")).to_contain_text("la finalizó una persona del equipo")
    page.goto(page.url.split("?")[0] + "/end")
    expect(page.get_by_role("heading", name="La conversación ya estaba finalizada")).to_be_visible()
