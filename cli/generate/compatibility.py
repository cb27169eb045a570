"""Whether a schema may follow another within one major version: nothing that was valid becomes invalid or vanishes.

Works on the JSON Schemas that `json_schemas` makes: local references, objects, arrays, unions, enums, bounds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_ANYTHING: Schema = {}
_UPPER_BOUNDS = ("maximum", "maxLength", "maxItems")
_LOWER_BOUNDS = ("minimum", "minLength", "minItems")


def breaking_changes(released: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[str]:
    """Return what would break a producer or reader of the released schemas, one sentence each; empty when nothing.

    Both map a name to a whole schema. A new name, a new optional field or a new word of a list breaks nobody.
    """
    found: list[str] = []
    for name, old in released.items():
        new = current.get(name)
        if new is None:
            found.append(f"{name}: the type was removed")
        else:
            found.extend(_Comparison(old, new).changes(old, new, name))
    return found


class _Comparison:
    """Compares the parts of two whole schemas; remembers the pairs in hand, since schemas may be recursive."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_definitions: Schema = old.get("$defs", {})
        self._new_definitions: Schema = new.get("$defs", {})
        self._seen: set[tuple[str, str]] = set()

    def changes(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(old, self._old_definitions), _resolved(new, self._new_definitions)
        if "anyOf" in old or "anyOf" in new:
            yield from self._union_changes(_options(old), _options(new), path)
            return
        yield from _type_changes(old, new, path)
        yield from _word_changes(old, new, path)
        yield from _bound_changes(old, new, path)
        yield from self._field_changes(old, new, path)
        yield from self._inner_changes(old, new, path)

    def _field_changes(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name in after:
                yield from self.changes(before[name], after[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}: the field was removed"
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{path}.{name}: the field became required"
        # What a reader could rely on, and what the producer library no longer fills.
        for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
            if name in after:
                yield f"{path}.{name}: the field is no longer required"

    def _inner_changes(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        for name, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(old.get(name, _ANYTHING), Mapping) and isinstance(new.get(name), Mapping):
                yield from self.changes(old.get(name, _ANYTHING), new[name], f"{path}{mark}")
        if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
            yield f"{path}: unknown fields are no longer allowed"

    def _union_changes(self, old: list[Schema], new: list[Schema], path: str) -> Iterator[str]:
        by_label = {self._label(option, self._new_definitions): option for option in new}
        if "anything" in by_label:
            return
        for option in old:
            label = self._label(option, self._old_definitions)
            if label in by_label:
                yield from self.changes(option, by_label[label], f"{path}<{label}>" if len(old) > 1 else path)
            else:
                yield f"{path}: {label} is no longer allowed"

    def _label(self, option: Schema, definitions: Schema) -> str:
        resolved = _resolved(option, definitions)
        tag = resolved.get("properties", {}).get("type", {}).get("enum")
        if tag:
            return str(tag[0])
        kind = resolved.get("type", "anything")
        return f"{kind} {resolved['title']}" if "title" in resolved else str(kind)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = definitions[reference.rpartition("/")[2]]
    return found


def _options(schema: Schema) -> list[Schema]:
    options: list[Schema] = schema.get("anyOf", [schema])
    return options


def _type_changes(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = _type_of(old), _type_of(new)
    if after is not None and before != after and not (before == "integer" and after == "number"):
        yield f"{path}: the type changed from {before or 'anything'} to {after}"
    if new.get("format") is not None and old.get("format") != new.get("format"):
        yield f"{path}: the format changed from {old.get('format', 'any')} to {new['format']}"


def _type_of(schema: Schema) -> str | None:
    kind: str | None = schema.get("type")
    words = schema.get("enum", ())
    return "string" if kind is None and words and all(isinstance(word, str) for word in words) else kind


def _word_changes(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if "enum" not in new:
        return
    if "enum" not in old:
        yield f"{path}: the list of words was closed"
        return
    for word in old["enum"]:
        if word not in new["enum"]:
            yield f"{path}: the word {word!r} was removed"


def _bound_changes(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for bound in _UPPER_BOUNDS:
        if bound in new and (bound not in old or new[bound] < old[bound]):
            yield f"{path}: {bound} went down from {old.get(bound, 'none')} to {new[bound]}"
    for bound in _LOWER_BOUNDS:
        if bound in new and new[bound] > old.get(bound, float("-inf")):
            yield f"{path}: {bound} went up from {old.get(bound, 'none')} to {new[bound]}"
    if new.get("pattern") is not None and old.get("pattern") != new.get("pattern"):
        yield f"{path}: the pattern changed"
