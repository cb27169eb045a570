from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError, field_validator

from services.chassis.settings import (
    PREFIX,
    CommaList,
    RuntimeSettings,
    SettingsError,
    SharedSettings,
    load,
    split_commas,
)

DSN = "postgresql://bitacora:w1ll-not-leak@db.example.com/bitacora"


class IngestSettings(SharedSettings):
    """A process's settings, as its own settings.py would write them."""

    ingest_batch_size: int = Field(default=2_000, gt=0, description="Events a transaction.")
    ingest_topics: CommaList = Field(default=("a",), description="Topics.")
    ingest_key: SecretStr | None = Field(default=None, description="A secret.")

    _split = field_validator("ingest_topics", mode="before")(split_commas)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that holds an address of PostgreSQL and nothing else of ours."""
    import os

    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("BITACORA_POSTGRES_DSN", DSN)
    return monkeypatch


def problems_of(cls: type[SharedSettings] = SharedSettings) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(cls)
    return list(caught.value.problems)


def test_defaults_need_nothing_but_the_address_of_postgresql() -> None:
    settings = load(SharedSettings)
    assert settings.kafka_bootstrap == "127.0.0.1:9092"
    assert settings.idle_timeout == 86_400
    assert settings.postgres_dsn.get_secret_value() == DSN


def test_every_fault_is_reported_at_once_by_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("BITACORA_POSTGRES_DSN")
    environment.setenv("BITACORA_IDLE_TIMEOUT", "-1")
    environment.setenv("BITACORA_LOG_LEVEL", "loud")
    environment.setenv("BITACORA_IDLE_TIMEUOT", "5")
    assert problems_of() == [
        "BITACORA_IDLE_TIMEOUT: Input should be greater than or equal to 0 (it is '-1')",
        "BITACORA_IDLE_TIMEUOT is not a setting; did you mean BITACORA_IDLE_TIMEOUT?",
        "BITACORA_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error' (it is 'loud')",
        "BITACORA_POSTGRES_DSN is not set (nor BITACORA_POSTGRES_DSN_FILE)",
    ]


@pytest.mark.parametrize(
    "dsn", ["mysql://u:w1ll-not-leak@db/x", "w1ll-not-leak", "postgresql://u:changeme@db/x"]
)
def test_a_refused_secret_is_never_shown(environment: pytest.MonkeyPatch, dsn: str) -> None:
    environment.setenv("BITACORA_POSTGRES_DSN", dsn)
    with pytest.raises(SettingsError) as caught:
        load(SharedSettings)
    shown = f"{caught.value} {caught.value.problems!r} {caught.value.__cause__!r}"
    assert "BITACORA_POSTGRES_DSN" in shown
    assert "w1ll-not-leak" not in shown
    assert "changeme" not in shown


def test_a_loaded_secret_is_not_shown_by_the_settings_themselves() -> None:
    assert "w1ll-not-leak" not in f"{load(SharedSettings)!r} {load(SharedSettings)}"


def test_a_secret_can_come_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "dsn"
    path.write_text(DSN + "\n")
    environment.delenv("BITACORA_POSTGRES_DSN")
    environment.setenv("BITACORA_POSTGRES_DSN_FILE", str(path))
    assert load(SharedSettings).postgres_dsn.get_secret_value() == DSN


def test_a_secret_given_twice_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "dsn"
    path.write_text(DSN)
    environment.setenv("BITACORA_POSTGRES_DSN_FILE", str(path))
    assert problems_of() == ["BITACORA_POSTGRES_DSN and BITACORA_POSTGRES_DSN_FILE are both set; keep one"]


def test_an_unreadable_secret_file_is_reported_once(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("BITACORA_POSTGRES_DSN")
    environment.setenv("BITACORA_POSTGRES_DSN_FILE", str(tmp_path / "absent"))
    problems = problems_of()
    assert len(problems) == 1
    assert "No such file" in problems[0]


def test_a_file_is_taken_for_secrets_only(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_LOG_LEVEL_FILE", "somewhere")
    assert len(problems_of()) == 1


def test_an_empty_variable_counts_as_unset(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_KAFKA_CA_FILE", "")
    environment.setenv("BITACORA_LOG_LEVEL", "")
    assert load(SharedSettings).kafka_ca_file is None


def test_a_process_reads_its_own_variables_and_the_shared_ones(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_INGEST_BATCH_SIZE", "10")
    environment.setenv("BITACORA_INGEST_TOPICS", "one, two,")
    environment.setenv("BITACORA_INGEST_KEY", "k3y")
    environment.setenv("BITACORA_LOG_LEVEL", "debug")
    settings = load(IngestSettings)
    assert (settings.ingest_batch_size, settings.ingest_topics, settings.log_level) == (
        10,
        ("one", "two"),
        "debug",
    )


def test_variables_of_another_process_are_left_to_it(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_QUERY_PORT", "8080")
    load(IngestSettings)


def test_a_misspelt_variable_of_ones_own_process_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_INGEST_BATCHSIZE", "10")
    expected = "BITACORA_INGEST_BATCHSIZE is not a setting; did you mean BITACORA_INGEST_BATCH_SIZE?"
    assert problems_of(IngestSettings) == [expected]


def test_a_part_of_the_settings_can_be_read_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_KAFKA_BOOTSTRAP", "kafka:9092")
    assert load(RuntimeSettings).log_format == "auto"


def test_signing_in_to_kafka_needs_user_and_password(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("BITACORA_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    (problem,) = problems_of()
    assert problem.startswith("BITACORA_KAFKA_SASL_USERNAME and BITACORA_KAFKA_SASL_PASSWORD must be set")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load(SharedSettings).log_level = "debug"


def test_every_setting_is_described() -> None:
    assert [name for name, field in SharedSettings.model_fields.items() if not field.description] == []


def test_an_authority_without_encryption_is_refused_since_nothing_would_be_verified(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("PEM")
    environment.setenv("BITACORA_KAFKA_CA_FILE", str(authority))
    (problem,) = problems_of()
    assert problem.startswith("BITACORA_KAFKA_CA_FILE is set, but BITACORA_KAFKA_SECURITY_PROTOCOL PLAINTEXT")
    environment.setenv("BITACORA_KAFKA_SECURITY_PROTOCOL", "SSL")
    assert load(SharedSettings).kafka_ca_file == authority


def test_an_authority_that_is_not_there_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("BITACORA_KAFKA_SECURITY_PROTOCOL", "SSL")
    environment.setenv("BITACORA_KAFKA_CA_FILE", str(tmp_path / "absent.pem"))
    (problem,) = problems_of()
    assert problem == f"BITACORA_KAFKA_CA_FILE: there is no file {tmp_path / 'absent.pem'}"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("sslrootcert=/ca.pem", "nothing would be verified"),
        ("sslmode=require&sslrootcert=/ca.pem", "nothing would be verified"),
        ("sslmode=verify-full&sslrootcert=/absent/ca.pem", "there is no file /absent/ca.pem"),
        ("sslmode=verify", "an sslmode that does not exist"),
    ],
)
def test_an_address_of_the_database_that_would_not_verify_is_refused(
    options: str, problem: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("BITACORA_POSTGRES_DSN", f"{DSN}?{options}")
    (found,) = problems_of()
    assert found.startswith("BITACORA_POSTGRES_DSN: ")
    assert problem in found
