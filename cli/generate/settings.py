"""`docs/settings.md`: every environment variable that a process reads, from the classes that read them."""

import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Literal, get_args, get_origin

from bitacora_schemas.descriptions import summary_of
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.chassis import settings as chassis
from services.chassis.settings import BitacoraSettings, SharedSettings, secret_fields, variable_of

ROOT = Path(__file__).parents[2]
SHARED_GROUPS = (
    chassis.KafkaSettings,
    chassis.PostgresSettings,
    chassis.RuntimeSettings,
    chassis.ConversationSettings,
)

INTRODUCTION = """\
# Settings

Generated from the settings classes by `make generate`; a test fails when this page is stale.

A process reads its settings once, at its start, from environment variables. It reports everything that is
wrong at once and exits with 2. An empty variable counts as unset. A variable that starts with `BITACORA_`
and is not a setting is an error, so that a typo cannot pass unseen. A *secret* may also be given as a file:
set the variable's name with `_FILE` added to the file's path. Durations are in seconds unless the name says
otherwise.
"""


def files() -> dict[str, str]:
    """The one file of this generator."""
    sections = [INTRODUCTION]
    sections += [
        _section(f"All processes: {_first_line(group)}", group, set(group.model_fields))
        for group in SHARED_GROUPS
    ]
    for module in settings_modules():
        for settings in settings_classes(module):
            own = set(settings.model_fields) - set(SharedSettings.model_fields)
            sections.append(_section(f"`{module.__name__.rpartition('.')[0]}`", settings, own))
    return {"docs/settings.md": "\n".join(sections)}


def settings_modules() -> list[ModuleType]:
    """The `settings.py` of every process and tool, by name."""
    found = [
        path for folder in ("services", "demo", "embedded") for path in (ROOT / folder).rglob("settings.py")
    ]
    names = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found)
    return [importlib.import_module(name) for name in names if name != chassis.__name__]


def settings_classes(module: ModuleType) -> list[type[BitacoraSettings]]:
    """The settings classes that a module itself defines, in its order."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, BitacoraSettings)
        and value.__module__ == module.__name__
    ]


def _section(title: str, settings: type[BitacoraSettings], names: set[str]) -> str:
    secrets = secret_fields(settings)
    rows = [
        _row(name, field, secret=name in secrets)
        for name, field in settings.model_fields.items()
        if name in names
    ]
    head = "| variable | value | default | meaning |\n|---|---|---|---|"
    return "\n".join([f"## {title}\n", head, *rows, ""])


def _row(name: str, field: FieldInfo, *, secret: bool) -> str:
    cells = (f"`{variable_of(name)}`", _values(field, secret=secret), _default(field), _meaning(field))
    return f"| {' | '.join(cells)} |"


def _values(field: FieldInfo, *, secret: bool) -> str:
    if secret:
        return "*secret*"
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return " ".join(f"`{value}`" for value in get_args(annotation))
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    names = {int: "integer", float: "number", str: "text", bool: "true or false", Path: "path"}
    return names.get(kinds[0], "comma list") if kinds else "text"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required" if field.default_factory is None else "made at start"
    if field.default is None:
        return "unset"
    if isinstance(field.default, tuple):
        return f"`{','.join(field.default)}`" if field.default else "empty"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _meaning(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


def _first_line(settings: type[BitacoraSettings]) -> str:
    line = (summary_of(settings) or settings.__name__).rstrip(".")
    return line[0].lower() + line[1:]
