"""The folder of a new task: a handler that works, requests with what they mean, and a test that passes at once."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import Literal

from agent.errors import Invalid, TaskDefinitionError

Kind = Literal["read", "write"]

_INIT = '"""{summary}"""\n'

_READ = '''"""{summary} Replace the body with what the task is to find out; the rest follows from the schema."""

from typing import Annotated

from agent.sdk import Answer, Args, BaseModel, Cues, Field, Product, Selection, Store, Table, count, every, evidence, task


class {title}(Args):
    products: Selection[Product] | None = Field(None, description="Which products; all when left out.")
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to list at most.")


class {title}Found(BaseModel):
    products: Selection[Product]
    """A later part of the same request may refer to these."""
    table: Table


@task(examples=["{words}", "{words} for the mugs"])
async def {name}(args: {title}, store: Store) -> Answer[{title}Found]:
    """{summary}"""
    found = (await every(store.products, args.products))[: args.top]
    data = {title}Found(
        products=Selection[Product](ids=tuple(product.id for product in found), label="the products found"),
        table=Table(columns=["Product", "Status"], rows=[[product.title, product.status] for product in found]),
    )
    told = evidence(store, args, metric="products", definition="Products of the shop.", rows=len(found))
    return Answer(count("{{n}} product.", "{{n}} products.", len(found)), data=data, evidence=told)
'''

_WRITE = '''"""{summary} Replace the body with what the task is to propose; a handler never writes, approval does."""

from typing import Annotated

from agent.sdk import Args, AskedAs, Field, NotFound, Product, Proposal, Selection, Store, count, every, task


class {title}(Args):
    products: Annotated[Selection[Product], AskedAs("Which products?")] = Field(description="The products to change.")


@task(examples=["{words} for the blue mug", "{words} for all candles"])
async def {name}(args: {title}, store: Store) -> Proposal:
    """{summary}

    Raises:
        NotFound: None of the products is there.
    """
    products = await every(store.products, args.products)
    if not products:
        raise NotFound("product", args.products.label)
    changes = [change for product in products for change in product.set(tags=list(dict.fromkeys([*product.tags, "{tag}"])))]
    return Proposal(count("Tag {{n}} product {tag}", "Tag {{n}} products {tag}", len(changes)), changes=changes)
'''

_READ_EVALS = """{{"ask": "{words}"}}
{{"ask": "{words} for the mugs", "args": {{"products": "the mugs"}}}}
{{"ask": "top 3: {words}", "args": {{"top": 3}}}}
"""

_WRITE_EVALS = """{{"ask": "{words} for the blue mug", "args": {{"products": "the blue mug"}}}}
{{"ask": "{words} for all candles", "args": {{"products": "all candles"}}}}
{{"ask": "{words}", "expect": {{"question": "products"}}}}
"""

_TEST = '''"""The laws every task obeys, and one request of its own."""

import asyncio
from pathlib import Path

import pytest

from agent.testing.contracts import LAWS, Law
from agent.testing.playground import playground, task_in

TASK = task_in(Path(__file__).parent)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_{name}_obeys_the_laws_of_tasks(law: Law) -> None:
    law(TASK)


'''

_READ_TEST = """def test_{name}_lists_every_product_of_the_small_shop() -> None:
    with playground() as ground:
        answer = asyncio.run(ground.run(TASK, {{}}))
    assert len(answer.data.products) == 10
    assert ["Blue Ceramic Mug", "active"] in answer.data.table.rows
"""

_WRITE_TEST = """def test_{name}_proposes_and_can_be_undone() -> None:
    with playground() as ground:
        mug = next(p for p in asyncio.run(ground.store.products()).items if p.title == "Blue Ceramic Mug")

        async def there_and_back() -> list[list[str]]:
            proposal = await ground.run(TASK, {{"products": {{"ids": [mug.id]}}}})
            applied = await ground.apply(proposal)
            tagged = await ground.store.product(mug.id)
            await ground.undo(applied)
            return [list(tagged.tags), list((await ground.store.product(mug.id)).tags)]

        assert asyncio.run(there_and_back()) == [[*mug.tags, "{tag}"], list(mug.tags)]
"""


def scaffold(name: str, folder: Path, *, kind: Kind = "read") -> list[Path]:
    """Write the folder `folder/name` with a task that works and a test that passes.

    Args:
        folder: Where the task's own folder goes: `tasks/` of a checkout, or a package of yours.
        kind: read answers something, write proposes changes.

    Returns:
        The files written.

    Raises:
        TaskDefinitionError: The name is no task's name.
        Invalid: There is a folder of that name already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name) or keyword.iskeyword(name):
        raise TaskDefinitionError(f"`{name}` is no task's name; write verb_noun in lower case, such as `change_price`.")
    home = folder / name
    if home.exists():
        raise Invalid(f"{home} is there already; take another name, or remove it first.", field="name")
    words = name.replace("_", " ")
    facts = {
        "name": name, "words": words, "summary": f"{words.capitalize()}.", "tag": "-".join(name.split("_")[1:]),
        "title": "".join(part.capitalize() for part in name.split("_")),
    }  # fmt: skip
    handler, evals, test = (_READ, _READ_EVALS, _TEST + _READ_TEST) if kind == "read" else (_WRITE, _WRITE_EVALS, _TEST + _WRITE_TEST)
    home.mkdir(parents=True)
    files = {"__init__.py": _INIT, "handler.py": handler, "evals.jsonl": evals, f"test_{name}.py": test}
    return [_written(home / file, text.format(**facts)) for file, text in files.items()]


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
