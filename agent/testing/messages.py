"""Every sentence that a language's catalogue must have, gathered from the source: what `python -m agent.testing.messages de` lists as missing.

Templates are read by babel. Of Python, the calls of `say` and `count` are read with whatever their texts can be put together
from, and the sentences of errors and of planning, whose values stand in f-strings, as messages with places. Words that a template
looks up by a variable (names of tasks, fields and states, descriptions of settings) come from the records themselves.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from agent.languages.catalogues import HERE
from agent.testing.spoken_words import spoken_columns, spoken_values, spoken_words

ROOT = Path(__file__).resolve().parent.parent.parent
Message = str | tuple[str, str]
"""A msgid, or a singular with its plural."""

_RAISING = (
    "agent/errors.py", "agent/service", "agent/approvals", "agent/automation", "agent/ledger", "agent/runs", "agent/dispatch/fill.py",
    "agent/web/panel", "agent/web/auth.py", "agent/web/failing.py", "agent/planning", "agent/students/standing.py", "agent/sdk/gather.py",
    "agent/sdk/ordering.py", "agent/webhooks", "tasks",
)  # fmt: skip
"""Where what is raised can come to stand on a page."""
_NOT_FOR_PAGES = frozenset(
    {"ValueError", "TypeError", "RuntimeError", "KeyError", "SettingsError", "TaskDefinitionError", "ManifestError", "AssertionError"}
)
_SAID = "agent/planning/said.py"
_ASKING = ("agent/planning", "agent/service/from_file.py")
"""Where questions are written that a plan asks back."""
_A_QUESTION = re.compile(r"(?:[A-Z“]|\{\w+\}%? )[^\\|\[(]*(?:\?|\. \{\w+\})")
"""A sentence that ends with a question, or with the place of one; and no pattern that ends with a mark of its own."""
_A_CHOICE = re.compile(r"[A-Z][a-z]+(?: (?:[a-z]+|\{\w+\}))+")
"""What a value is shown as among several to choose from."""
VALUE = "value"
_DEFINED = frozenset({"definition", "definitions", "usual", "pace", "groups", "ways"})
"""What the texts of evidence are kept under before they are put together."""
_SENTENCES = re.compile(r"(?<=[.!?}])\s+(?=[A-Z“])")


@cache
def messages() -> Mapping[Message, str]:
    """Every message with the file it was first found in."""
    found: dict[Message, str] = {}
    for path in _python("agent", "tasks"):
        for message in _sentences(path):
            found.setdefault(message, _name(path))
    for path in _python("agent/service/today.py", "agent/stores/embedded/evidence.py", "tasks"):
        for message in _defined(path):
            found.setdefault(message, _name(path))
    for path in _python(*_RAISING):
        for message in _raised(path):
            found.setdefault(message, _name(path))
    for path in _python(*_ASKING):
        for message in _asked(path):
            found.setdefault(message, _name(path))
    for message in (*_returned(ROOT / _SAID), *spoken_words(), *spoken_columns(ROOT), *_in_pages()):
        found.setdefault(message, "spoken_words")
    for path in sorted((ROOT / "agent/web/templates").rglob("*.html")):
        for message in _in_template(path):
            found.setdefault(message, _name(path))
    return {message: where for message, where in found.items() if _has_words(message)}


def _has_words(message: Message) -> bool:
    """Whether there is anything to translate: not in "{rule} {tried}"."""
    return any(c.isalpha() for c in re.sub(r"\{\w+\}|%\(\w+\)s", "", message if isinstance(message, str) else "".join(message)))


@cache
def values() -> Mapping[Message, str]:
    """Messages of the context "value"."""
    return dict.fromkeys(spoken_values(ROOT), "spoken_words")


def missing(language: str) -> dict[Message, str]:
    """What the catalogue of a language has not, or has only as a guess."""
    with (HERE / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    return {message: where for message, where in messages().items() if not _has(known, message)} | {
        message: VALUE for message in values() if not _has(known, message, VALUE)
    }


def _has(known: Catalog, message: Message, context: str | None = None) -> bool:
    one = message if isinstance(message, str) else message[0]
    found = known.get(one, context)
    if found is None or not found.string or found.fuzzy or not all(found.string if found.pluralizable else [found.string]):
        return False
    if isinstance(message, str):
        return True
    return (found.pluralizable and found.id[1] == message[1]) or bool((further := known.get(message[1])) and further.string)


def _python(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from [path] if path.suffix else sorted(path.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _in_template(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        options = {"trimmed": "true", "newstyle_gettext": "true"}
        for _, message, _, _ in extract("jinja2.ext:babel_extract", file, keywords={"gettext": None, "ngettext": (1, 2), "_": None}, options=options):
            if isinstance(message, str):
                yield message
            elif message[0]:
                yield (str(message[0]), str(message[1]))


def _in_pages() -> Iterator[Message]:
    """What the panel's own code asks the catalogue for."""
    for path in _python("agent/web/panel"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("gettext", "ngettext"):
                texts = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
                if texts:
                    yield texts[0] if node.func.attr == "gettext" else (texts[0], texts[1])


def _sentences(path: Path) -> Iterator[Message]:
    """What `say` and `count` are called with."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope, call in _calls(tree, "say", "count"):
        texts = [_texts(argument, scope) for argument in call.args[: 2 if call.func.id == "count" else 1]]  # type: ignore[attr-defined]  # a Name
        if len(texts) == 1:
            yield from sorted(texts[0])
        elif len(texts) == 2:
            for many in sorted(texts[1]):
                one = _nearest(many, texts[0])
                yield (one, many) if _has_words(one) else many


def _nearest(many: str, ones: set[str]) -> str:
    """The singular that goes with a plural, where each can be put together in several ways."""
    return max(sorted(ones), key=lambda one: SequenceMatcher(None, one, many).ratio())


Scope = Mapping[str, Sequence[ast.expr]]


def _calls(tree: ast.Module, *names: str) -> Iterator[tuple[Scope, ast.Call]]:
    """Calls of these functions, each with what the names around it stand for."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    outside = _assigned(ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)], []))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names and call.args:
            around = [f for f in functions if f.lineno <= call.lineno <= (f.end_lineno or 0)]
            inner = max(around, key=lambda f: f.lineno, default=None)
            yield {**outside, **(_assigned(inner) if inner is not None else {})}, call


def _assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
                for each, given in zip(names, values, strict=True):
                    if isinstance(each, ast.Name):
                        found.setdefault(each.id, []).append(given)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                found.setdefault(name, []).append(value)
    return found


def _texts(node: ast.expr, scope: Scope, seen: frozenset[str] = frozenset()) -> set[str]:
    """All texts that an expression can come to; none for what is no text."""
    match node:
        case ast.Constant(value=str() as text):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, scope, seen) | _texts(other, scope, seen)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return {a + b for a in _texts(left, scope, seen) for b in _texts(right, scope, seen)}
        case ast.JoinedStr(values=values):
            return _joined(values, scope, seen)
        case ast.Name(id=name) if name not in seen:
            return {text for value in scope.get(name, ()) for text in _texts(value, scope, seen | {name})}
        case ast.Dict(values=values):
            return {text for value in values for text in _texts(value, scope, seen)}
        case ast.Subscript(value=held):
            return _texts(held, scope, seen)
        case ast.Call(func=ast.Attribute(value=ast.Dict() as held, attr="get"), args=[_, other]):
            return _texts(held, scope, seen) | _texts(other, scope, seen)
        case ast.Call(func=ast.Attribute(value=held, attr="replace"), args=[ast.Constant(value=str() as old), ast.Constant(value=str() as new)]):
            return {text.replace(old, new) for text in _texts(held, scope, seen)}
    return set()


def _joined(values: Sequence[ast.expr], scope: Scope, seen: frozenset[str]) -> set[str]:
    made = {""}
    for value in values:
        pieces = _texts(value.value if isinstance(value, ast.FormattedValue) else value, scope, seen)
        made = {a + b for a in made for b in pieces}
    return made


def _raised(path: Path) -> Iterator[Message]:
    """The sentences of errors, their values as places."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args and _kind(node.exc.func) not in _NOT_FOR_PAGES:
            yield from (text for text in sorted(with_places(node.exc.args[0])) if " " in text)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__" and path.name == "errors.py":
            yield from (text for argument in node.args for text in sorted(with_places(argument)) if " " in text)
        elif isinstance(node, ast.AnnAssign | ast.Assign) and path.name == "errors.py":
            yield from _titles(node)


def _titles(node: ast.AnnAssign | ast.Assign) -> Iterator[str]:
    """The titles of the classes of errors: the last of several class variables assigned together, or the one so called."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    for name, value in zip(names, values, strict=False):
        if isinstance(name, ast.Name) and name.id == "title" and isinstance(value, ast.Constant):
            yield str(value.value)


def _returned(path: Path) -> Iterator[Message]:
    """The sentences that planning returns as they are, and those it keeps under a name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Constant | ast.JoinedStr):
            yield from (text for text in sorted(with_places(node.value)) if " " in text)


def _asked(path: Path) -> Iterator[Message]:
    """The questions of planning, wherever a line of it makes one, and what there is to choose from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from (text for text in sorted(with_places(node)) if " " in text and _A_QUESTION.fullmatch(text))
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:  # a value and what it is shown as
            yield from (text for text in sorted(with_places(node.elts[1])) if _A_CHOICE.fullmatch(text))


def _defined(path: Path) -> Iterator[Message]:
    """What evidence says of its figures, sentence by sentence: a page looks each up by itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for value in _definitions(node):
            for text in (long for each in _whole_texts(value) for long in sorted(with_places(each))):
                yield from (
                    piece for one in _SENTENCES.split(text) if (piece := one.strip()).count(" ") > 1 and piece[-1] in ".!?" and piece[0] != " "
                )


def _definitions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.keyword(arg="definition", value=value):
            yield value
        case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
            name in _DEFINED
        ):
            yield value
        case ast.Call(func=ast.Name(id="_evidence"), args=arguments):
            yield from arguments
        case ast.FunctionDef(name="_definition"):
            yield from node.body


def _whole_texts(node: ast.AST) -> Iterator[ast.expr]:
    """The texts in an expression, each as a whole: of one that is put together, not its pieces."""
    if isinstance(node, ast.JoinedStr | ast.Constant) or (isinstance(node, ast.BinOp) and with_places(node)):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _whole_texts(child)


def _kind(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def with_places(node: ast.expr) -> set[str]:
    """The texts of an expression: what is put in at run time stands as a place, `{name}` or `{x1}`."""
    match node:
        case ast.Constant(value=str() as text):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return with_places(one) | with_places(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return {a + b for a in with_places(left) for b in with_places(right)}
        case ast.JoinedStr(values=values):
            return {_placed(values)}
    return set()


def _placed(values: Sequence[ast.expr]) -> str:
    """An f-string's text; what is put in twice is one place only where it is the same both times."""
    made, places = "", dict[str, str]()
    for n, value in enumerate(values):
        if isinstance(value, ast.Constant):
            made += str(value.value)
            continue
        held = value.value if isinstance(value, ast.FormattedValue) else value
        name = (held.id if isinstance(held, ast.Name) else held.attr if isinstance(held, ast.Attribute) else f"x{n}").strip("_").lower()
        if places.setdefault(name, ast.unparse(value)) != ast.unparse(value):
            name = f"x{n}"
        made += "{" + name + "}"
    return made


def main(language: str) -> None:
    """Write what is missing as the entries to be filled in."""
    wanted = Catalog(locale=language)
    for message, where in missing(language).items():
        wanted.add(message, locations=[(where, 1)], context=VALUE if where == VALUE else None)
    write_po(sys.stdout.buffer, wanted, width=140, omit_header=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
