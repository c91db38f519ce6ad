"""Layers made ready for int8 compute what they computed. Needs the extra `[distill]`; skipped without it."""

import pytest

pytest.importorskip("torch", reason="the extra `distill` is not installed")

import torch

from agent.distill.extra import base_folder
from agent.distill.network import Upper, published
from agent.distill.smooth import Rows, Scaled, smoothed

pytestmark = pytest.mark.distill


def test_smoothed_layers_compute_what_the_layers_do_and_leave_them_as_they_are() -> None:
    upper = Upper(published(base_folder())).eval()
    taken = torch.randn(2, 9, 384, generator=torch.Generator().manual_seed(7))
    quiet = smoothed(upper, [one.numpy() for one in taken])
    with torch.no_grad():
        assert torch.allclose(upper(taken), quiet(taken), atol=1e-3)
    assert isinstance(quiet.layers[0].down, Scaled) and isinstance(upper.layers[0].down, torch.nn.Linear)


def test_a_loud_channel_becomes_as_quiet_as_the_others_nearly() -> None:
    linear = torch.nn.Linear(4, 3)
    loudest = torch.tensor([100.0, 1.0, 1.0, 1.0])
    scaled = Scaled(linear, loudest)
    assert (loudest * scaled.quieter).max() < 10 < loudest.max() / loudest.min()
    assert torch.allclose(linear(torch.eye(4)), scaled(torch.eye(4)), atol=1e-5)


def test_each_row_of_the_table_has_a_scale_of_its_own() -> None:
    table = torch.tensor([[100.0, -50.0], [0.01, 0.005]])
    rows = Rows(table)(torch.tensor([0, 1]))
    assert rows.allclose(table, rtol=0.01)
