"""What the inputs give away: a planted proxy is found and named, and chance is not taken for one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.proxies import Proxy, ProxyScan, proxy_scan
from earlywarning.errors import WrongUsage
from earlywarning.model.comparison import Estimate

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
    assert black.verdict == "concern"
    assert black.p_adjusted < 0.05
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
    told = [of(scanned(seed, 0.0), "Black") for seed in (2, 3, 4, 5)]
    assert not {proxy.verdict for proxy in told} & {"watch", "concern"}
    assert not any(proxy.carried_by for proxy in told)


@pytest.mark.parametrize(
    ("value", "lower", "upper", "p_adjusted", "said"),
    [
        (0.80, 0.75, 0.85, 0.01, "concern"),
        (0.80, 0.58, 0.95, 0.20, "watch"),
        (0.70, 0.52, 0.85, 0.01, "cannot tell"),  # reaches chance, and could be far above what matters
        (0.55, 0.42, 0.68, 1.00, "cannot tell"),  # the same: once called no sign
        (0.60, 0.57, 0.67, 0.01, "cannot tell"),
        (0.60, 0.57, 0.63, 0.01, "no sign"),
        (0.52, 0.48, 0.55, 1.00, "no sign"),
        (0.42, 0.29, 0.55, 1.00, "cannot tell"),  # below a coin by chance: too few to have seen one
        (0.80, None, None, 1.00, "cannot tell"),
    ],
)
def test_no_sign_only_where_a_guess_that_matters_is_ruled_out(
    value: float, lower: float | None, upper: float | None, p_adjusted: float, said: str
) -> None:
    auroc = Estimate(value, lower, upper, events=50, clusters=100, resamples=500)
    proxy = Proxy("sex", "F", 100, 50, auroc, permuted=0.54).judged(0.65, p_adjusted)
    assert proxy.verdict == said
    assert proxy.reason
    assert proxy.p_value == 1 or lower


def test_a_small_scan_of_next_to_nothing_cannot_tell_and_a_large_one_shows_no_sign() -> None:
    random = np.random.default_rng(1)
    for pupils, said in ((80, "cannot tell"), (3000, "no sign")):
        group = pd.DataFrame({"sex": random.choice(["F", "M"], pupils)})
        X = pd.DataFrame(random.normal(size=(pupils, 3)), columns=["a", "b", "c"])
        X["a"] += 0.2 * group["sex"].eq("F")
        assert {each.verdict for each in proxy_scan(X, group, range(pupils)).proxies} == {said}


def test_the_frame_is_tidy_and_the_same_every_time(planted: ProxyScan) -> None:
    frame = planted.frame()
    assert list(frame["group"]) == ["Black", "White", "not recorded"]
    assert frame.set_index("group").loc["not recorded", ["auroc", "lower", "upper"]].isna().all()
    assert frame.equals(scanned(1, 1.5).frame())
    json.dumps(planted.to_json(), allow_nan=False)


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(WrongUsage, match="one length"):
        proxy_scan(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"sex": ["F", "M"]}), [1])
    with pytest.raises(WrongUsage, match=r"an AUROC above 0.5"):
        proxy_scan(pd.DataFrame({"a": [1.0]}), pd.DataFrame({"sex": ["F"]}), [1], material=0.5)
