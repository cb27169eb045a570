from pathlib import Path

from pydantic import Field, SecretStr

from cli.generate import database, metrics, settings
from services.chassis.metrics import Declaration
from services.chassis.migrations import read_migrations
from services.chassis.settings import BitacoraSettings


class SampleSettings(BitacoraSettings):
    """One field of every kind."""

    sample_needed: SecretStr = Field(description="A secret that must be set.")
    sample_limit: int = Field(default=5, description="A number, with a | in its words.")
    sample_on: bool = Field(default=True, description="A switch.")
    sample_path: Path | None = Field(default=None, description="A path or nothing.")


def test_a_setting_is_a_row_with_kind_default_and_meaning() -> None:
    page = settings._section("Sample", SampleSettings, set(SampleSettings.model_fields))
    assert page.splitlines()[4:] == [
        "| `BITACORA_SAMPLE_NEEDED` | *secret* | required | A secret that must be set. |",
        "| `BITACORA_SAMPLE_LIMIT` | integer | `5` | A number, with a \\| in its words. |",
        "| `BITACORA_SAMPLE_ON` | true or false | `true` | A switch. |",
        "| `BITACORA_SAMPLE_PATH` | path | unset | A path or nothing. |",
    ]


def test_metrics_are_grouped_by_process() -> None:
    page = metrics.render(
        [
            Declaration("bitacora_export_jobs", "gauge", "Jobs.", ()),
            Declaration("bitacora_query_requests_total", "counter", "Requests.", ("route", "status")),
        ]
    )
    assert "## export\n" in page
    assert "| `bitacora_query_requests_total` | counter | `route`, `status` | Requests. |" in page


def test_the_schema_page_holds_every_migration_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("-- Why a.\nCREATE TABLE a ();\n")
    (tmp_path / "0002_b.sql").write_text("CREATE TABLE b ();\n")
    page = database.render(read_migrations(tmp_path))
    assert page.index("-- 0001_a -") < page.index("CREATE TABLE a") < page.index("-- 0002_b -")
    assert "-- Why a." in page
