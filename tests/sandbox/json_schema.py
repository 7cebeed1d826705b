"""As much of JSON Schema draft 7 as the vendors' contracts use, so that the tests need nothing but Python."""

import re

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
KNOWN = {"$ref", "type", "enum", "const", "required", "properties", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength",
         "minimum", "maximum", "pattern", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "description", "title", "default", "$schema", "definitions", "format"}


def violation(value, schema, document, where="$"):
    """None, or where and how `value` breaks `schema`. References point into `document`."""
    if schema is True or schema is False:
        return None if schema else f"{where}: nothing is allowed here"
    unknown = {word for word in schema if word not in KNOWN and not word.startswith("x-")}
    if unknown:
        raise ValueError(f"the schema uses {sorted(unknown)}, which this checker does not know")
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return violation(value, target, document, where)
    return own_violation(value, schema, where) or inner_violation(value, schema, document, where) or combined_violation(value, schema, document, where)


def own_violation(value, schema, where):
    types = schema.get("type")
    if types is not None and not any(TYPES[one](value) for one in ([types] if isinstance(types, str) else types)):
        return f"{where}: {value!r} is not of type {types}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        return f"{where}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"{where}: {value!r} does not fit /{schema['pattern']}/"
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return f"{where}: {len(value)} characters"
    if TYPES["number"](value) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"{where}: {value} is out of range"
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{where}: {len(value)} elements"
    return None


def inner_violation(value, schema, document, where):
    if isinstance(value, list) and "items" in schema:
        for at, one in enumerate(value):
            if found := violation(one, schema["items"], document, f"{where}[{at}]"):
                return found
    if not isinstance(value, dict):
        return None
    for name in schema.get("required", []):
        if name not in value:
            return f"{where}: {name} is missing"
    properties = schema.get("properties", {})
    for name, one in value.items():
        inner = properties.get(name, schema.get("additionalProperties", True))
        if found := violation(one, inner, document, f"{where}.{name}"):
            return found
    return None


def combined_violation(value, schema, document, where):
    for inner in schema.get("allOf", []):
        if found := violation(value, inner, document, where):
            return found
    found = [violation(value, inner, document, where) for inner in schema.get("anyOf", [])]
    if found and all(found):
        return f"{where}: fits none: {found}"
    found = [violation(value, inner, document, where) for inner in schema.get("oneOf", [])]
    if found and found.count(None) != 1:
        return f"{where}: fits {found.count(None)} of {len(found)}: {found}"
    if "not" in schema and violation(value, schema["not"], document, where) is None:
        return f"{where}: is what it must not be"
    if "if" in schema:
        branch = "then" if violation(value, schema["if"], document, where) is None else "else"
        return violation(value, schema.get(branch, True), document, where)
    return None
