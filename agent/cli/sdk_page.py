"""The guide's page of what a task imports, made from the source of `agent.sdk`: every record's fields, the store's methods, what makes changes."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import agent.sdk as sdk


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    words: str
    modules: tuple[str, ...]
    """Modules of `agent.sdk` in the order a reader wants them."""


_PARTS = (
    _Part("Declaring a task", "What stands in the signature and in the schema.", ("task", "refs", "model")),
    _Part("Reading the shop", "A handler asks for `store: Store`; `await every(store.products, args.products)` reads all pages of a listing.",
          ("store", "gather", "wheres")),
    _Part("The records", "What the store hands out. They are frozen; `set` and its like give changes to propose and change nothing.",
          ("goods", "orders", "people", "untrusted")),
    _Part("Orders and tags", "What tasks that change orders ask first, and how tags are put on and taken off.", ("ordering", "tagging")),
    _Part("Figures", "`await store.query(Query(…))` is the door to numbers; the metrics and dimensions are named once.", ("figures",)),
    _Part("What a handler gives back", "Sentences go through `say` and `count`, so that they can be translated. What cannot be done is raised: "
          "`NotFound`, `Ambiguous`, `Unclear`, `Invalid`, `NotAllowed`, `StoreRefused`, which [errors.md](errors.md) explains. `AskError` is all of "
          "these but the last, `ProviderError` whatever a model fails with.",
          ("results", "text")),
)  # fmt: skip

_OURS = ("Abilities", "Slot", "Task")
"""What a declaration becomes; an author never makes one."""


def sdk_page() -> str:
    """The page as Markdown."""
    head = [
        "# What a task imports",
        "Made from the source by `storehand tasks sdk`. All of it is `from agent.sdk import …`; nothing else of Storehand is a task's to import, "
        "but for `agent.sdk.drafting` and `agent.sdk.forecast`. [Writing a task](tasks.md) says how it goes together.",
    ]
    return "\n\n".join([*head, *(text for part in _PARTS for text in _part(part))]) + "\n"


def _part(part: _Part) -> Iterator[str]:
    yield f"## {part.title}\n\n{part.words}"
    for name in part.modules:
        yield from _module(ast.parse(inspect.getsource(importlib.import_module(f"agent.sdk.{name}"))))


def _module(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in sdk.__all__ and node.name not in _OURS:
            yield _class(node)
        elif isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name in sdk.__all__:
            yield _block(f"### {node.name}", None, [_signature(node), *_indented(ast.get_docstring(node) or "")])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in sdk.__all__:
            values = getattr(sdk, node.targets[0].id)
            if isinstance(node.value, ast.Subscript):  # a Literal: its values are the point
                yield _block(f"### {node.targets[0].id}", None, [ast.unparse(node)])
            elif isinstance(values, str):
                yield _block(f"### {node.targets[0].id}", None, [f"{node.targets[0].id} = {values!r}"])


def _class(node: ast.ClassDef) -> str:
    lines = []
    for place, member in enumerate(node.body):
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name) and not member.target.id.startswith("_"):
            lines.append(_commented(_field(member), _words_after(node.body, place)))
        elif isinstance(member, ast.AsyncFunctionDef | ast.FunctionDef) and not member.name.startswith("_") and not _validates(member):
            lines.append(_commented(_signature(member, inside=True), ast.get_docstring(member)))
    return _block(f"### {node.name}", ast.get_docstring(node), lines)


def _validates(member: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    """Whether pydantic calls it, and nobody else."""
    return any("validator" in ast.unparse(each) or "serializer" in ast.unparse(each) for each in member.decorator_list)


def _field(member: ast.AnnAssign) -> str:
    default = f" = {ast.unparse(member.value)}" if member.value is not None else ""
    return f"{ast.unparse(member.target)}: {ast.unparse(member.annotation)}{default}"


def _words_after(body: Sequence[ast.stmt], place: int) -> str | None:
    """The string that stands under a field."""
    after = body[place + 1] if place + 1 < len(body) else None
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
        return after.value.value
    return None


def _signature(node: ast.AsyncFunctionDef | ast.FunctionDef, *, inside: bool = False) -> str:
    decorators = {ast.unparse(each) for each in node.decorator_list}
    if "property" in decorators:
        return f"{node.name}: {ast.unparse(node.returns) if node.returns else 'Any'}"
    if inside and node.args.args and node.args.args[0].arg in ("self", "cls"):
        node.args.args.pop(0)
    before = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    name = f"{node.name}" if "classmethod" not in decorators else f"@classmethod {node.name}"
    return f"{before}{name}({ast.unparse(node.args)})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")


def _indented(words: str) -> list[str]:
    return [f"    {line}" if line else "" for line in words.splitlines()]


def _commented(line: str, words: str | None) -> str:
    return f"{line}\n    # {' '.join(words.split())}" if words else line


def _block(title: str, words: str | None, lines: Sequence[str]) -> str:
    told = [title, words.strip()] if words else [title]
    return "\n\n".join([*told, "```text\n" + "\n".join(lines) + "\n```"] if lines else told)
