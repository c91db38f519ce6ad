import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.students.calibration import expected_calibration_error, fit_temperature, nll, softmax


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(0.1, 10))
def test_probabilities_add_up_and_keep_the_order(logits: list[float], temperature: float) -> None:
    shares = softmax(np.array(logits), temperature=temperature)
    assert shares.sum() == pytest.approx(1)
    assert shares[int(np.argmax(logits))] == pytest.approx(shares.max())


def _overconfident(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits three times too large for the chances the labels were drawn with."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(4000, 3))
    truth = np.array([chance.choice(3, p=softmax(row)) for row in logits])
    return logits * 3, truth


def test_the_temperature_undoes_overconfidence() -> None:
    logits, truth = _overconfident(1)
    assert fit_temperature(logits, truth) == pytest.approx(3, rel=0.15)


def test_calibration_lowers_the_loss_and_the_calibration_error() -> None:
    logits, truth = _overconfident(2)
    temperature = fit_temperature(logits, truth)
    assert nll(logits, truth, temperature=temperature) < nll(logits, truth, temperature=1.0)

    def error(at: float) -> float:
        shares = softmax(logits, temperature=at)
        return expected_calibration_error(shares.max(axis=1), shares.argmax(axis=1) == truth)

    assert error(temperature) < 0.05 < error(1.0)


def test_a_head_that_is_always_right_and_sure_has_no_calibration_error() -> None:
    assert expected_calibration_error(np.ones(10), np.ones(10, dtype=bool)) == 0
