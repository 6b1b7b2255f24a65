"""The peers fit what the model fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earlywarning.model.ladder import model
from earlywarning.model.learners import Learner
from earlywarning.model.peers import PEERS


@pytest.mark.parametrize("learner", [*PEERS.values(), model()], ids=lambda learner: learner.name)
def test_a_column_without_a_single_value_in_training_is_no_obstacle(learner: Learner) -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame({"x": random.normal(size=400), "new_code": np.nan})
    rows = pd.DataFrame({"why_not": "", "period": ["2022/23", "2023/24"] * 200})
    fitted = learner.fit(X, rows, X["x"] > 1)
    later = X.assign(new_code=0.5)
    assert np.isfinite(fitted.score(later, rows)).all()
    assert np.corrcoef(fitted.score(later, rows), X["x"])[0, 1] > 0.5
