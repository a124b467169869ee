"""The published figures of the DeepDeltaE project, reproduced and explained."""

from pathlib import Path

import numpy as np
import pytest

from dde_training.data import Pairs, read_sets
from dde_training.deepdeltae import claims, mis_scaled, read_npy


def test_the_mis_scaled_lab_is_far_out_of_range(pairs: Pairs) -> None:
    assert pairs.lab[..., 0].max() < 100
    assert mis_scaled(pairs).lab[..., 0].min() > 100


def test_the_published_figures_come_from_mis_scaled_lab(
    real_dir: Path, deepdeltae_dir: Path
) -> None:
    published, own, taken_for_d65, adapted = claims(read_npy(deepdeltae_dir), read_sets(real_dir))
    assert round(published.network[0], 4) == 0.9253
    assert round(published.ciede2000[0], 4) == 0.7754
    # With correct Lab there is nothing left of the difference.
    correct = [claim.network[0] for claim in (own, taken_for_d65, adapted)]
    np.testing.assert_allclose(correct, [0.8732, 0.8792, 0.8719], atol=5e-5)
    assert own.ciede2000 == pytest.approx((0.8776, 29.20), abs=5e-3)
    assert adapted.ciede2000[0] == pytest.approx(0.878, abs=5e-4)
