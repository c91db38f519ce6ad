"""The document says what the application does: nothing more, nothing less."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from doors import World
from litestar.routes import HTTPRoute


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.send("GET", "/schema/openapi.json").json()
    return made


def references(value: Any) -> set[str]:
    """Those of the document; an example may be a schema with references of its own."""
    if isinstance(value, dict):
        here = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return here.union(*(references(each) for name, each in value.items() if name not in ("example", "value")))
    return set().union(*(references(each) for each in value)) if isinstance(value, list) else set()


def test_every_route_for_programs_is_in_it(world: World, document: dict[str, Any]) -> None:
    served = {
        (route.path_format, method)
        for route in world.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1/")
        for method in route.methods - {"OPTIONS"}
    }
    told = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    tasks = {("/v1/tasks/" + task.name, method) for task in world.service.tasks() for method in ("GET", "POST")}
    assert tasks <= told and told - tasks == served


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    there = {f"#/components/{kind}/{name}" for kind, named in document["components"].items() for name in named}
    assert references(document) <= there


def test_constraints_are_kept(document: dict[str, Any]) -> None:
    wait = document["components"]["schemas"]["AskBody"]["properties"]["wait_s"]
    assert (wait["minimum"], wait["maximum"]) == (0, 120)
    assert document["components"]["schemas"]["AskBody"]["additionalProperties"] is False


def test_every_schema_is_one_that_validators_take(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_constraints_on_what_may_be_left_out_are_kept(document: dict[str, Any]) -> None:
    """What Litestar's own generator loses: `Field(ge=0)` beside None, and a constrained type beside None."""
    schemas = document["components"]["schemas"]
    budget, days = schemas["KeyBody"]["properties"]["budget_usd"], schemas["KeyBody"]["properties"]["expires_in_days"]
    assert {"type": "integer", "minimum": 1, "maximum": 3650} in days["anyOf"]
    assert any(each.get("minimum") == 0 for each in budget["anyOf"])
    assert any(each.get("minItems") == 1 and each["items"]["maxLength"] == 20 for each in schemas["ApproveBody"]["properties"]["items"]["anyOf"])


def test_every_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            statuses = {int(status) for status in operation["responses"]}
            assert {400, 401, 403, 429, 503} <= statuses
            if "{" in path:
                assert 404 in statuses
            if "requestBody" in operation:
                assert {400, 413, 415, 422} <= statuses
            for status, reply in operation["responses"].items():
                assert ("application/problem+json" in reply["content"]) == (int(status) >= 400)


def test_each_task_has_its_own_operation_and_schema(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/tasks/change_price"]["post"]
    assert operation["operationId"] == "run_task_change_price"
    assert "variants" in document["components"]["schemas"]["ChangePrice"]["properties"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ChangePrice"}


def test_ids_of_operations_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))


def test_another_shops_ids_are_not_found_by_any_operation(world: World, document: dict[str, Any]) -> None:
    """Generated from the document: a new operation with an id in its path is tried without anyone remembering to."""
    theirs, ours = world.key(shop="shop_b"), world.key(shop="shop_a")
    run = world.api("POST", "/v1/asks", {"text": "Put the mugs at 12.50, show sales"}, key=theirs).json()
    world.api("POST", f"/v1/approvals/{run['approvals'][0]}/approve", key=theirs)
    ids = {"id": run["run_id"], "digest": run["approvals"][0], "change_set": run["parts"][0]["change_set"]["id"]}
    tried = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = [p["name"] for p in operation["parameters"] if p["in"] == "path" and p["name"] in ids]
            if not names:
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            reply = world.api(method.upper(), path.format(**ids), body, key=ours)
            assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), (method, path)
            tried += 1
    assert tried >= 8
    for path in ("/v1/runs", "/v1/approvals", "/v1/changes"):
        assert world.api("GET", path, key=ours).json()["items"] == []


@pytest.mark.parametrize("sent", ["", "x" * 201])
def test_a_header_is_held_to_the_length_that_is_told_of_it(sent: str, world: World, document: dict[str, Any]) -> None:
    told = {each["name"]: each["schema"] for each in document["paths"]["/v1/ag-ui"]["post"]["parameters"]}["Storehand-Approver"]
    assert (told["minLength"], told["maxLength"]) == (1, 200)
    body = {"threadId": "t1", "runId": "r1", "messages": [{"role": "user", "content": "What sold best?"}]}
    refused = world.api("POST", "/v1/ag-ui", body, key=world.key(), headers={"Storehand-Approver": sent})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_parameter")
