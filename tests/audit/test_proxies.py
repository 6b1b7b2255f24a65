"""What the inputs give away: a planted proxy is found and named, and chance is not taken for one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.proxies import Proxy, ProxyScan, proxy_scan
from earlywarning.errors import WrongUsage

PUPILS, TERMS = 500, 2


def scanned(seed: int, strength: float, sizes: tuple[float, float, float] = (0.6, 0.35, 0.05)) -> ProxyScan:
    """Pupils of three groups; ``telling`` leans on the second, and is constant within a pupil."""
    random = np.random.default_rng(seed)
    group = random.choice(["White", "Black", None], size=PUPILS, p=sizes)
    own = random.normal(size=(PUPILS, 6))  # what is a pupil's own gives a pupil away, not a group
    own[:, 2] += strength * (group == "Black")
    rows = np.repeat(np.arange(PUPILS), TERMS)
    names = ["a", "b", "telling", "c", "d", "e"]
    X = pd.DataFrame(own[rows], columns=names).mask(random.random((len(rows), 6)) < 0.05)
    return proxy_scan(X, pd.DataFrame({"ethnicity_major": group[rows]}), rows, seed=seed)


def of(found: ProxyScan, group: str) -> Proxy:
    return next(proxy for proxy in found.proxies if proxy.group == group)


@pytest.fixture(scope="module")
def planted() -> ProxyScan:
    return scanned(1, 1.5)


def test_a_planted_proxy_is_found_and_the_input_that_carries_it_is_named(planted: ProxyScan) -> None:
    black = of(planted, "Black")
    assert black.verdict == "can be told"
    assert black.auroc is not None
    assert black.auroc.value == pytest.approx(0.856, abs=0.06)  # of two normals 1.5 apart
    assert black.carriers[0].feature == "telling"
    assert black.carriers[0].loss > 0.2


def test_what_is_not_recorded_is_a_group_and_a_small_one_gets_cannot_tell(planted: ProxyScan) -> None:
    unknown = of(planted, "not recorded")
    assert (unknown.verdict, unknown.auroc) == ("cannot tell", None)
    assert unknown.reason == f"pupils in this group: {unknown.members}, at least 30 needed"
    assert sum(proxy.members for proxy in planted.proxies) == PUPILS  # rows are two a pupil


def test_where_there_is_nothing_to_tell_chance_is_seldom_taken_for_it() -> None:
    told = [of(scanned(seed, 0.0), "Black").verdict for seed in (2, 3, 4, 5)]
    assert told.count("can be told") <= 1  # 4 of 80 groups in a longer run


def test_the_frame_is_tidy_and_the_same_every_time(planted: ProxyScan) -> None:
    frame = planted.frame()
    assert list(frame["group"]) == ["Black", "White", "not recorded"]
    assert frame.set_index("group").loc["not recorded", ["auroc", "lower", "upper"]].isna().all()
    assert frame.equals(scanned(1, 1.5).frame())
    json.dumps(planted.to_json(), allow_nan=False)


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(WrongUsage, match="one length"):
        proxy_scan(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"sex": ["F", "M"]}), [1])
