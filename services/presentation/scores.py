"""Scores and answers of surveys in words. An answer outside the scale is shown as it came, never as a score."""

from dataclasses import dataclass
from typing import Any, Literal

from services.presentation.reader import Reader
from services.readmodel.rows import Evaluation, EvaluationEntry

_HIGHEST = {"nps": 10, "csat": 5}

Band = Literal["good", "fair", "bad"]


@dataclass(frozen=True, slots=True)
class Score:
    """A valid score: the figure, how good it is, what it means in words, and the figure with its scale."""

    text: str
    band: Band
    title: str
    of_scale: str


def nps(reader: Reader, value: float | None) -> Score | None:
    """NPS: 9-10 promoter, 7-8 passive, 0-6 detractor."""
    if value is None:
        return None
    _ = reader.gettext
    band: Band
    if value >= 9:
        band, said = "good", _("NPS {value} de 10: promotor")
    elif value >= 7:
        band, said = "fair", _("NPS {value} de 10: neutro")
    else:
        band, said = "bad", _("NPS {value} de 10: detractor")
    text = reader.number(value)
    return Score(text, band, said.format(value=text), _of_scale(reader, text, 10))


def csat(reader: Reader, value: float | None) -> Score | None:
    """CSAT: 4-5 satisfied, 3 neutral, 1-2 unsatisfied."""
    if value is None:
        return None
    _ = reader.gettext
    band: Band
    if value >= 4:
        band, said = "good", _("CSAT {value} de 5: satisfecho")
    elif value >= 3:
        band, said = "fair", _("CSAT {value} de 5: neutro")
    else:
        band, said = "bad", _("CSAT {value} de 5: insatisfecho")
    text = reader.number(value)
    return Score(text, band, said.format(value=text), _of_scale(reader, text, 5))


def score_of(reader: Reader, row: Evaluation | EvaluationEntry) -> Score | None:
    """The score of a survey, None while there is no valid one."""
    if row.score is None or row.valid is False:
        return None
    found = {"nps": nps, "csat": csat}.get(row.metric, _plain)(reader, row.score)
    return found if found is None else _with_scale(reader, found, row.metric, row.scale)


def answer_text(reader: Reader, row: Evaluation | EvaluationEntry) -> str:
    """What stands instead of a score, or beside it."""
    if row.score is not None and row.valid is not False:
        return ""
    if row.valid is None and not row.raw_answer:
        return reader.gettext("Sin respuesta")
    return reader.gettext("Respuesta fuera de la escala: «{raw}»").format(raw=row.raw_answer or "")


def _plain(reader: Reader, value: float) -> Score:
    text = reader.number(value)
    return Score(text, "fair", text, text)


def _with_scale(reader: Reader, score: Score, metric: str, scale: Any) -> Score:
    highest = scale.get("max") if isinstance(scale, dict) else None
    if not isinstance(highest, int | float):
        highest = _HIGHEST.get(metric)
    if highest is None:
        return score
    return Score(score.text, score.band, score.title, _of_scale(reader, score.text, highest))


def _of_scale(reader: Reader, text: str, highest: float) -> str:
    return reader.gettext("{value} de {highest}").format(value=text, highest=reader.number(highest))
