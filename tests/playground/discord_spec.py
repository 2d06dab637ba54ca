"""Discord's own OpenAPI description of its REST API, as a judge of bodies in both directions.

It is not part of the project; it lies beside the real data (`HIGHWATER_REAL_DATA`). The description
types all ids as strings, while Discord takes the integers that discord.py sends; requests are
adjusted for that before they are judged.
"""

import functools
import json
import os
import re
import urllib.parse
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.playground.log import Exchange

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("HIGHWATER_REAL_DATA") or ROOT.parent / "shared" / "market")
DESCRIPTION = FOLDER.parent / "discord" / "openapi.json"
URN = "urn:discord"
SNOWFLAKE = re.compile(r"0|[1-9][0-9]{0,19}")
ATTACHMENT_ID = ("id", "attachments")
FORMATS = FormatChecker(formats=())


@FORMATS.checks("snowflake")
def is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or SNOWFLAKE.fullmatch(value) is not None


class Description:
    """The parsed description."""

    def __init__(self) -> None:
        document = json.loads(DESCRIPTION.read_text())
        self._paths = document["paths"]
        self._registry = Registry().with_resource(URN, DRAFT202012.create_resource(document))
        patterns = sorted(self._paths, key=lambda template: template.count("{"))
        self._patterns = [(re.compile(_pattern(each)), each) for each in patterns]

    def faults(self, exchange: Exchange) -> list[str]:
        """What is wrong with a request and its answer."""
        template = self._template(exchange)
        if template is None:
            return [f"{exchange.method} {exchange.path}: not described"]
        found = self._request_faults(template, exchange)
        found += self._response_faults(template, exchange)
        return [f"{exchange.method} {template} {exchange.status}: {each}" for each in found]

    def _template(self, exchange: Exchange) -> str | None:
        for pattern, template in self._patterns:
            if exchange.method.lower() in self._paths[template] and pattern.match(exchange.path):
                return template
        return None

    def _request_faults(self, template: str, exchange: Exchange) -> list[str]:
        method = exchange.method.lower()
        described = self._paths[template][method].get("requestBody")
        if described is None or exchange.body is None:
            return []
        kinds = described["content"]
        multipart = exchange.multipart and "multipart/form-data" in kinds
        kind = "multipart/form-data" if multipart else "application/json"
        place = ("paths", template, method, "requestBody", "content", kind, "schema")
        return self._judge(place, _with_text_ids(exchange.body))

    def _response_faults(self, template: str, exchange: Exchange) -> list[str]:
        method = exchange.method.lower()
        responses = self._paths[template][method]["responses"]
        keys = (str(exchange.status), f"{exchange.status // 100}XX")
        key = next((each for each in keys if each in responses), None)
        if key is None:
            return [f"status {exchange.status} is not described"]
        if "application/json" not in (responses[key].get("content") or {}):
            undescribed = exchange.response and "$ref" not in responses[key]
            return ["a body is not described"] if undescribed else []
        place = ("paths", template, method, "responses", key, "content")
        return self._judge((*place, "application/json", "schema"), exchange.answer())

    def _judge(self, place: tuple[str, ...], body: Any) -> list[str]:
        faults = []
        for error in self._validator(place).iter_errors(body):
            best = best_match([error]) or error
            path = ".".join(map(str, best.absolute_path))
            faults.append(f"{path}: {best.message[:300]}")
        return faults

    @functools.cache  # noqa: B019 (one description for the whole run)
    def _validator(self, place: tuple[str, ...]) -> Draft202012Validator:
        segments = [
            urllib.parse.quote(each.replace("~", "~0").replace("/", "~1")) for each in place
        ]
        schema = {"$ref": f"{URN}#/" + "/".join(segments)}
        return Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)


def _pattern(template: str) -> str:
    return "^" + re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)) + "$"


def _with_text_ids(body: Any, *, within: str = "") -> Any:
    if isinstance(body, list):
        return [_with_text_ids(each, within=within) for each in body]
    if not isinstance(body, dict):
        return body
    return {
        key: str(value)
        if isinstance(value, int) and (key.endswith("_id") or (key, within) == ATTACHMENT_ID)
        else _with_text_ids(value, within=key)
        for key, value in body.items()
    }
