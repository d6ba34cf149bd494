"""The JSON Schemas of a document that describes an interface."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

Document = dict[str, Any]


class Shapes:
    """JSON Schemas by the name of the type, each written once under components."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def reference(self, shape: Any) -> Document:
        schema = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
        self.components.update(schema.pop("$defs", {}))
        if not isinstance(shape, type) or "$ref" in schema:
            return schema
        name = shape.__name__
        self.components[name] = schema
        return {"$ref": f"#/components/schemas/{name}"}
