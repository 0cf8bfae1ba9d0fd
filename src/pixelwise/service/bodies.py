"""The bodies of requests for OpenAPI: routes read them themselves, so FastAPI cannot know."""

from typing import Any

from pixelwise.service.schemas import JobWanted, Wanted

__all__ = ["BINARY", "COMPARED", "JOB", "SEGMENTED"]

BINARY = {"type": "string", "format": "binary"}


def _form(file: str, schema: dict[str, Any], *files: str) -> dict[str, Any]:
    """Return the schema of a form with a file, others that may come, and a schema's fields."""
    required = [file, *schema.get("required", [])]
    kinds = schema.get("$defs", {})
    properties = {name: _whole(row, kinds) for name, row in schema["properties"].items()}
    form = {
        "type": "object",
        "required": required,
        "properties": {**dict.fromkeys((file, *files), BINARY), **properties},
        "additionalProperties": False,
    }
    return {"multipart/form-data": {"schema": form}}


def _whole(row: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return a property with what it refers to written out, and as text where it may be null."""
    options = [option for option in row.get("anyOf", [row]) if option.get("type") != "null"]
    option = options[0]
    if "$ref" in option:
        option = kinds[option["$ref"].rpartition("/")[2]]
    more = {name: row[name] for name in ("description", "examples") if name in row}
    return {**{name: value for name, value in option.items() if name != "default"}, **more}


SEGMENTED: dict[str, Any] = {
    "required": True,
    "content": {
        **_form("image", Wanted.model_json_schema()),
        "image/png": {"schema": BINARY},
        "image/jpeg": {"schema": BINARY},
        "application/octet-stream": {"schema": BINARY},
    },
}
COMPARED: dict[str, Any] = {
    "required": True,
    "content": _form(
        "image",
        {
            "properties": {
                "methods": {
                    "type": "string",
                    "description": "Names with commas; all when empty.",
                    "examples": ["otsu,k-means"],
                }
            }
        },
    ),
}
JOB: dict[str, Any] = {
    "required": True,
    "content": _form("file", JobWanted.model_json_schema(), "lesson"),
}
