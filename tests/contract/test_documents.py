"""Documents that name files must name files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]
    if "node_modules" not in path.parts
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
ROW = re.compile(r"^\| .* \| (?P<places>.*) \|$", re.MULTILINE)
CODE = re.compile(r"`([\w./-]+(?:\.(?:py|sql|md|typ)|/))`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    missing = [
        link for link in LINK.findall(document.read_text()) if not (document.parent / link.strip()).exists()
    ]
    assert missing == []


def test_every_place_in_the_readme_s_table_exists() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme[readme.index("## Where to find things") : readme.index("## Status")]
    named = [place for row in ROW.finditer(table) for place in CODE.findall(row["places"])]
    assert len(named) > 10
    missing = []
    folder = Path()
    for place in named:
        # `fence.py` beside `services/ingest/transaction.py` is short for the same folder.
        whole = Path(place) if "/" in place and (ROOT / place).exists() else folder / place
        if (ROOT / whole).exists():
            folder = whole if whole.is_dir() or place.endswith("/") else whole.parent
        elif (ROOT / folder.parent / place).exists():
            continue
        else:
            missing.append(place)
    assert missing == []
