"""Where the nodes, lines, curves and squares of the pages on students come to lie."""

from __future__ import annotations

from agent.web.panel.curves import drawings, figure_curve, learned
from agent.web.panel.graph import ACROSS, DOWN, drawn

STEPS = {
    "training": (), "encoder": (), "embed": ("training", "encoder"), "apart": ("embed",), "fit student": ("apart", "teach"),
    "fit baseline": ("apart",), "judge": ("fit student", "fit baseline", "apart"),
}  # fmt: skip


def test_each_step_lies_after_all_that_it_takes() -> None:
    for measures in (ACROSS, DOWN):
        graph = drawn(STEPS, measures)
        along = {node.name: node.y if measures.down else node.x for node in graph.nodes}
        assert all(along[name] > along[before] for name, some in STEPS.items() for before in some if before in STEPS)
        assert all(0 <= node.x <= graph.width - measures.width and 0 <= node.y <= graph.height - measures.height for node in graph.nodes)
        assert len({(node.x, node.y) for node in graph.nodes}) == len(STEPS)


def test_a_line_that_others_say_already_is_not_drawn() -> None:
    assert len(drawn(STEPS, ACROSS).edges) == 7  # not from `apart` to `judge`, and none from `teach`, which is not there


def test_nothing_is_drawn_of_nothing() -> None:
    graph = drawn({}, DOWN)
    assert (graph.nodes, graph.edges, graph.width, graph.height) == ([], [], 0, 0)


def test_curves_lie_within_their_frame() -> None:
    found = drawings(
        {
            "reliability": {"said": [0.1, 1.0], "right": [0.0, 1.0], "n": [1, 9]},
            "by_threshold": {"least": [0.0, 0.99], "kept": [1.0, 0.2], "right": [0.8, 1.0]},
            "confusion": {"labels": ["a", "b" * 40], "counts": [[3, 1], [0, 2]], "of": 2},
        },
        str,
    )
    assert found is not None and found.reliability is not None and found.confusion is not None
    points = found.reliability.strokes[0].points
    assert all(found.reliability.left <= p.x <= found.reliability.right for p in points) and points[1].size > points[0].size
    assert [(cell.n, cell.right) for cell in found.confusion.cells] == [(3, True), (1, False), (0, False), (2, True)]
    assert found.confusion.shown[1].endswith("…") and found.confusion.labels[1] == "b" * 40


def test_what_was_not_recorded_is_not_drawn() -> None:
    assert drawings({}, str) is None
    assert figure_curve([(1.0, 2.0)], str) is None


def test_a_loss_that_falls_goes_down() -> None:
    curve = figure_curve([(0.0, 2.0), (10.0, 1.0), (20.0, 0.5)], str)
    assert curve is not None
    heights = [float(pair.split(" ")[1]) for pair in curve.strokes[0].path[1:].split("L")]
    assert heights == sorted(heights)  # an SVG counts downwards


def test_the_losses_of_a_manifest_are_drawn_and_are_no_other_curve() -> None:
    curves = {"learned": {"epoch": [1, 2, 3], "loss": [2.0, 1.0, 0.5]}}
    assert learned(curves, str) == figure_curve([(1, 2.0), (2, 1.0), (3, 0.5)], str)
    assert drawings(curves, str) is None
    assert learned({}, str) is None
