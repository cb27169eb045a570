"""Static files: only what is listed, under names that change with their content."""

from pathlib import Path

import pytest

from services.query.pages.assets import OWN, AssetsMissing, load_assets

ROOT = Path(__file__).parents[4]


def test_every_listed_file_is_served_under_its_hash() -> None:
    assets = load_assets(ROOT / "node_modules")
    for name, address in assets.addresses.items():
        stem, _, ending = name.rpartition(".")
        hashed = address.removeprefix("/static/")
        assert hashed.startswith(f"{stem}.")
        assert hashed.endswith(f".{ending}")
        assert assets.files[hashed].body


def test_nothing_but_the_list_can_be_reached() -> None:
    assets = load_assets(ROOT / "node_modules")
    assert not {"../package.json", "tabler.css", "package.json"} & set(assets.files)
    with pytest.raises(KeyError):
        assets.url("package.json")


def test_missing_packages_are_refused_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match="make setup"):
        load_assets(tmp_path)


@pytest.mark.parametrize("path", sorted(OWN.rglob("*.js")), ids=lambda path: path.name)
def test_our_scripts_keep_to_the_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [
        word for word in ("innerHTML", "eval(", "new Function", "document.write", ".style.") if word in text
    ]


@pytest.mark.parametrize("path", sorted(OWN.rglob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_inline_script_style_or_unescaped_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [
        word
        for word in ("style=", "onclick", "onload", "|safe", "Markup", "<style", "hx-on", "js:")
        if word in text
    ]
    assert found == []
