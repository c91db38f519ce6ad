"""Signed sessions for people who are signed in somewhere else: a link that a host page's server asks for and its browser follows once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response
from pydantic import BaseModel, Field

from agent.errors import NotFound
from agent.ledger.people import People
from agent.records import Scope
from agent.web.lists import Body
from agent.web.operations import Answered, Asked, Operation
from agent.web.wire import json_reply


class LinkBody(Body):
    person: str = Field(min_length=1, max_length=200, description="Name of someone who may come into this shop's panel.")


class LinkMade(BaseModel):
    path: str = Field(description="Path of the panel that signs this person in, once and within 15 minutes.")


def link_operations(people: People) -> Sequence[Operation]:
    async def make(asked: Asked) -> Response[Any]:
        body: LinkBody = asked.body
        person = next((each for each in await people.list(asked.principal.shop) if each.name.casefold() == body.person.strip().casefold()), None)
        if person is None:
            raise NotFound("person")
        return json_reply({"path": f"/sign-in/{await people.link(person.id)}"})

    return (
        Operation(
            id="create_sign_in_link", method="POST", path="/v1/sign-in-links", summary="Make a link that signs someone in to the panel once",
            tag="people", scope=Scope.ADMIN, run=make, body=LinkBody, problems=(404,),
            replies={200: Answered(description="The link's path.", type=LinkMade)},
        ),
    )  # fmt: skip
