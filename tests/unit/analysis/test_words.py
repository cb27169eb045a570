import pytest

from services.analysis import words


def found(query: str, text: str) -> bool:
    """What the index does with terms and words."""
    document, _ = words.document_words([text])
    return bool(words.query_terms(query)) and all(
        any(word.startswith(term[:-1]) for word in document) if term.endswith("*") else term in document
        for term in words.query_terms(query)
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("facturacion", "Área de Facturación"),
        ("FACTURACIÓN", "facturaciones pendientes"),
        ("facturaciones", "la facturación"),
        ("factur*", "mi factura de marzo"),
        ("ligacao", "Perdi a ligação"),
        ("ligações", "a ligação caiu"),
        ("cartao", "Meu cartão de crédito"),
        ("cartões", "um cartao"),
        ("joao", "Sou o João"),
        ("munoz", "Señor Muñoz"),
        ("devolucao", "devoluça\u0303o"),
        ("cafe", "un café con leche"),
        ("luces", "la luz no funciona"),
        ("papéis", "o papel"),
        ("animais", "animal"),
        ("imagem", "as imagens"),
        ("cliente", "clientes"),
        ("clientes*", "los clientes"),
        ("123.456.789-09", "mi CPF es 123.456.789-09"),
        ("ABC-12345", "pedido abc-12345 listo"),
        ("abc", "pedido ABC-12345"),
        ("ana@example.com", "escríbeme a Ana@Example.com."),
        ("example.com", "escríbeme a ana@example.com"),
        ("o'neil", "Habla O'Neil"),
        ("1.234,56", "son 1.234,56 reales"),
        ("987654321", "llámame al 98765-4321"),
        ("+55 11 98765-4321", "meu número 5511987654321"),
        ("straße", "STRASSE 5"),
        ("日本語", "これは 日本語 です"),
        ("привет", "Привет, мир"),
    ],
)
def test_a_word_is_found_whatever_its_accents_number_and_case(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [("factura", "el pago"), ("abc-1", "abc-12345"), ("987654321", "código 1234"), ("casa pago", "la casa")],
)
def test_a_word_that_is_not_there_is_not_found(query: str, text: str) -> None:
    assert not found(query, text)


@pytest.mark.parametrize("query", ["", "   ", "*", "¿?", "👍"])
def test_a_query_without_words_asks_for_nothing(query: str) -> None:
    assert words.query_terms(query) == []


def test_a_document_that_grows_too_large_says_so_and_keeps_words_before_numbers() -> None:
    texts = [
        " ".join(f"palabra{n}x" for n in range(60_000)),
        " ".join(str(n) for n in range(100_000, 160_000)),
    ]
    document, truncated = words.document_words(texts)
    assert truncated
    assert sum(len(word.encode()) + 1 for word in document) <= words.DOCUMENT_BYTES
    assert "palabra59999x" in document


def test_an_endless_word_is_clipped_alike_in_text_and_query() -> None:
    assert found("x" * 5_000, "y " + "x" * 4_000)
