"""schemathesis: every operation of the OpenAPI, with data that fit it and data that do not."""

import time
from itertools import count

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pixelwise.core import Rle
from pixelwise.service.schemas import JobOut, RecordOut, RefusalOut

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
SLOW = "/v1/compare"
"""Runs every method and network when none is named."""


LONG_S = 180


def fuzz(server, examples, number=0):
    schema = schemathesis.openapi.from_url(f"{server.url}/v1/openapi.json")
    found = (result.ok() for result in schema.get_all_operations())
    operations = [operation for operation in found if operation.path != SLOW]
    assert len(operations) >= 10
    for operation in operations:
        for mode in MODES if operation.method == "post" else MODES[:1]:

            @seed(number)
            @settings(
                max_examples=examples,
                phases=[Phase.generate],
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def run(case):
                made = case.call_and_validate(checks=CHECKS, timeout=60)
                if made.status_code == 202:  # else so many are kept that another is refused
                    place = made.headers["location"][0]
                    assert httpx.delete(f"{server.url}{place}").status_code == 204

            run()


def test_schema_when_shown_then_its_examples_are_what_the_models_take(client):
    schemas = client.get("/v1/openapi.json").json()["components"]["schemas"]
    for kind in (RecordOut, RefusalOut, JobOut):
        for shown in schemas[kind.__name__]["examples"]:
            assert kind.model_validate(shown)
    mask = schemas["RecordOut"]["examples"][0]["segments"][0]
    assert Rle.parse(tuple(mask["rle"]["size"]), mask["rle"]["counts"]).decode().sum() == 4


def test_operations_when_called_with_anything_then_as_documented(server):
    fuzz(server, 4)


@pytest.mark.fuzz
@pytest.mark.timeout(900)
def test_operations_when_called_for_long_then_as_documented(server):
    end = time.monotonic() + LONG_S
    for number in count(1):
        fuzz(server, 40, number)
        if time.monotonic() > end:
            break
