"""Draws steps that come after one another: nodes in ranks, each after what it takes, and the lines between them. Places alone; words come later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Pixels."""

    width: int
    height: int
    between_ranks: int
    within_rank: int
    down: bool
    """Whether ranks follow one another downwards, as on a narrow screen, or to the right."""


ACROSS = Measures(width=112, height=62, between_ranks=28, within_rank=16, down=False)
DOWN = Measures(width=94, height=62, between_ranks=22, within_rank=8, down=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    name: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    nodes: Sequence[Node]
    edges: Sequence[str]
    """Each the path of one line, for an SVG."""
    width: int
    height: int
    measures: Measures


def drawn(after: Mapping[str, Sequence[str]], measures: Measures) -> Graph:
    """
    Args:
        after: Of each node those it comes after, in an order in which none comes before what it needs is named; unknown names are passed over.
    """
    needs = _reduced({name: [one for one in some if one in after and one != name] for name, some in after.items()})
    ranks = _ranks(needs)
    step = (measures.height if measures.down else measures.width) + measures.between_ranks
    beside = (measures.width if measures.down else measures.height) + measures.within_rank
    widest = max((len(rank) for rank in ranks), default=0)
    places: dict[str, Node] = {}
    for i, rank in enumerate(ranks):
        lead = (widest - len(rank)) * beside // 2
        for j, name in enumerate(rank):
            along, across = i * step, lead + j * beside
            places[name] = Node(name=name, x=across if measures.down else along, y=along if measures.down else across)
    long, broad = max(0, len(ranks) * step - measures.between_ranks), max(0, widest * beside - measures.within_rank)
    edges = [_line(places[one], places[name], measures) for name, some in needs.items() for one in some]
    width, height = (broad, long) if measures.down else (long, broad)
    return Graph(nodes=list(places.values()), edges=edges, width=width, height=height, measures=measures)


def _reduced(needs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Without the lines that other lines say already."""
    behind = {name: _behind(name, needs) for name in needs}
    return {name: [one for one in some if not any(one in behind[other] for other in some if other != one)] for name, some in needs.items()}


def _behind(name: str, needs: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    left = list(needs[name])
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += needs[one]
    return found


def _ranks(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Each rank's nodes, near what they come after. A ring, which no pipeline has, would end up in one rank."""
    rank: dict[str, int] = {}
    for _ in needs:
        changed = {name: 1 + max((rank.get(one, 0) for one in some), default=-1) for name, some in needs.items()}
        if changed == rank:
            break
        rank = changed
    out: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for name in needs:
        out[min(rank[name], len(out) - 1)].append(name)
    for before, these in zip(out, out[1:], strict=False):
        these.sort(key=lambda name, before=before: _middle(needs[name], before))  # type: ignore[misc]  # bound now, not when it is called
    return out


def _middle(some: Sequence[str], before: Sequence[str]) -> float:
    found = [before.index(one) for one in some if one in before]
    return sum(found) / len(found) if found else len(before)


def _line(start: Node, end: Node, measures: Measures) -> str:
    width, height, bend = measures.width, measures.height, measures.between_ranks // 2
    if measures.down:
        x, y, u, v = start.x + width // 2, start.y + height, end.x + width // 2, end.y
        return f"M{x} {y}C{x} {y + bend} {u} {v - bend} {u} {v}"
    x, y, u, v = start.x + width, start.y + height // 2, end.x, end.y + height // 2
    return f"M{x} {y}C{x + bend} {y} {u - bend} {v} {u} {v}"
