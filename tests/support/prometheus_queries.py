"""Which metrics and labels a PromQL expression asks for, by the parser of a real implementation."""

from dataclasses import dataclass, field
from typing import Any

import promql_parser

from services.chassis.metrics import Declaration

INTERVAL_OF_GRAFANA = "$__rate_interval"
OUTSIDE = {"job", "instance"}
"""Labels that Prometheus itself adds to everything it scrapes."""
NOT_OURS: dict[str, set[str]] = {
    "up": set(),
    "process_cpu_seconds_total": set(),
    "process_open_fds": set(),
    "process_resident_memory_bytes": set(),
    "process_start_time_seconds": set(),
}
"""What Prometheus and its client's process collector add: name and labels."""


@dataclass
class Asked:
    """Labels by metric, and those that sums keep."""

    metrics: dict[str, set[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)


def asked_for(expression: str) -> Asked:
    """Parses; raises ValueError for what is no PromQL. Grafana's interval counts as five minutes."""
    asked = Asked()
    _visit(promql_parser.parse(expression.replace(INTERVAL_OF_GRAFANA, "5m")), asked)
    return asked


def unknown(expression: str, declarations: dict[str, Declaration]) -> set[str]:
    """What no process exposes: metric names, and `name{label}` for labels that a metric has not."""
    asked = asked_for(expression)
    found: set[str] = set()
    labels_of_all: set[str] = set(OUTSIDE)
    for name, labels in asked.metrics.items():
        exposed = exposed_labels(name, declarations)
        if exposed is None:
            found.add(name)
            continue
        labels_of_all |= exposed
        found |= {f"{name}{{{label}}}" for label in labels - exposed - OUTSIDE}
    return found | {f"by ({label})" for label in asked.grouped - labels_of_all}


def exposed_labels(name: str, declarations: dict[str, Declaration]) -> set[str] | None:
    """The labels of a metric as it is scraped; None when no process has it."""
    if name in NOT_OURS:
        return NOT_OURS[name]
    declaration = declarations.get(name)
    if declaration is not None and declaration.kind != "histogram":
        return set(declaration.labels)
    base, _, part = name.rpartition("_")
    declaration = declarations.get(base)
    if declaration is None or declaration.kind != "histogram" or part not in {"bucket", "count", "sum"}:
        return None
    return {*declaration.labels, *(["le"] if part == "bucket" else [])}


def _visit(node: Any, asked: Asked) -> None:
    match node:
        case promql_parser.VectorSelector():
            matchers = {matcher.name: matcher for matcher in node.matchers.matchers}
            name = node.name or matchers.pop("__name__").value
            asked.metrics.setdefault(name, set()).update(matchers)
        case promql_parser.MatrixSelector():
            _visit(node.vector_selector, asked)
        case promql_parser.AggregateExpr():
            if node.modifier is not None:
                asked.grouped |= set(node.modifier.labels)
            _visit(node.expr, asked)
        case promql_parser.BinaryExpr():
            _visit(node.lhs, asked)
            _visit(node.rhs, asked)
        case promql_parser.Call():
            for argument in node.args:
                _visit(argument, asked)
        case promql_parser.ParenExpr() | promql_parser.UnaryExpr() | promql_parser.SubqueryExpr():
            _visit(node.expr, asked)
        case promql_parser.NumberLiteral() | promql_parser.StringLiteral():
            return
        case _:
            raise TypeError(f"an expression of a kind not thought of: {type(node).__name__}")
