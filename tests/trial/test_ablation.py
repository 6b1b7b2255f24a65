"""What a family adds, on planted worlds where it is known; and families left out by the settings."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from conftest import FAST, World

from earlywarning import cli, pipeline
from earlywarning.config import FeatureSettings, GateSettings, ModelSettings, Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.features import FAMILIES, Family, Feature
from earlywarning.model import RiskClassifier
from earlywarning.model.comparison import Estimate
from earlywarning.pages.ablation import ablation_lines, ablation_page, answer, setting, together
from earlywarning.studies import STUDIES, Study
from earlywarning.trial.ablation import LITTLE, Ablation, Gain, ablate, caught

SECONDARY = STUDIES["secondary"]
QUICK = RiskClassifier(n_seeds=1, n_estimators=60)
CAPACITY = 60


def family(name: str, columns: int) -> Family:
    features = tuple(
        Feature(f"{name}_{number}_rate_3t", nw.col(name), "rate", name, theme=name)
        for number in range(columns)
    )
    return Family(name, "pupils", {name: nw.lit(0)}, features, ("3t",))


def study_of(data: Dataset, *, essential: tuple[str, ...] = ()) -> Study:
    names = dict.fromkeys(str(name).split("_")[0] for name in data.X)
    families = tuple(family(n, sum(str(c).startswith(n) for c in data.X)) for n in names)
    return replace(SECONDARY, families=families, essential=essential, recent="")


def planted(columns: Mapping[str, list[np.ndarray]], event: np.ndarray) -> tuple[Dataset, list[Fold]]:
    """Three years of pupils with the ``columns`` of each family; the last year is tested on."""
    n = len(event)
    year = np.arange(n) * 3 // n
    dates = pd.to_datetime([f"{2022 + y}-12-31" for y in year])
    index = pd.MultiIndex.from_arrays(
        [[f"p{number:05d}" for number in range(n)], dates], names=["pupil_id", "as_of_date"]
    )
    values = {
        f"{name}_{number}_rate_3t": column
        for name, several in columns.items()
        for number, column in enumerate(several)
    }
    rows = pd.DataFrame(
        {
            "period": [f"{2022 + y}/{23 + y}" for y in year],
            "state": np.where(event, "event", "no_event"),
            "why_not": "",
            "area": "213",
            "school_id": "s1",
            "group": "9",
        },
        index=index,
    )
    X = pd.DataFrame(values, index=index)
    features = tuple(f for name in columns for f in family(name, len(columns[name])).inputs)
    data = Dataset(X, X.iloc[:, :0], rows, X.iloc[:, :0], features)
    return data, [Fold("2024/25", train=year < 2, test=year == 2)]


def world_of(seed: int, kinds: tuple[str, ...], n: int = 3000) -> tuple[Dataset, list[Fold]]:
    """``signal`` and ``echo`` hold the same two facts on which the event hangs; ``noise`` holds none."""
    random = np.random.default_rng(seed)
    facts = [random.normal(size=n) for _ in range(2)]
    event = random.random(n) < 1 / (1 + np.exp(3.2 - 1.4 * sum(facts)))
    made = {
        "signal": facts,
        "echo": [fact + 1e-3 * random.normal(size=n) for fact in facts],
        "noise": [random.normal(size=n) for _ in range(3)],
    }
    return planted({kind: made[kind] for kind in kinds}, event)


def measured(data: Dataset, folds: list[Fold], **options: Any) -> Ablation:
    essential = options.pop("essential", ())
    study = study_of(data, essential=essential)
    return ablate(study, data, folds, QUICK, CAPACITY, lambda _: None, seed=7, **options)


def gains(found: Ablation) -> dict[str, Gain]:
    return {gain.part: gain for gain in found.families.gains}


@pytest.fixture(scope="module")
def told_apart() -> Ablation:
    return measured(*world_of(1, ("signal", "noise")), features=True)


def test_the_family_that_carries_the_signal_earns_its_place(told_apart: Ablation) -> None:
    signal = gains(told_apart)["signal"]
    assert signal.verdict == "earns its place"
    for estimate in (signal.average_precision, signal.auroc, signal.caught):
        assert estimate.lower is not None
        assert estimate.lower > 0  # with it is better than without it: the sign is right
    alone = {name: gain.alone and gain.alone.value for name, gain in gains(told_apart).items()}
    assert alone["signal"] > 0.4 > 0.2 > alone["noise"]  # one pupil in eight has the event
    assert told_apart.kept == ("signal",)


def test_a_family_of_noise_never_earns_its_place(told_apart: Ablation) -> None:
    for found in (told_apart, measured(*world_of(2, ("signal", "noise")))):
        assert gains(found)["noise"].verdict != "earns its place"
        assert "noise" not in found.kept
        assert found.together is not None
        assert not found.together.average_precision.above_zero


def test_each_feature_is_left_out_in_turn(told_apart: Ablation) -> None:
    features = told_apart.features
    assert features is not None
    assert [gain.part for gain in features.gains] == [
        *("signal_0_rate_3t", "signal_1_rate_3t"),
        *(f"noise_{number}_rate_3t" for number in range(3)),
    ]
    verdicts = [gain.verdict for gain in features.gains]
    assert verdicts[:2] == ["earns its place"] * 2
    assert "earns its place" not in verdicts[2:]


def test_an_interval_holds_what_the_draw_of_seeds_does(told_apart: Ablation) -> None:
    for measured_round in (told_apart.families, told_apart.features):
        assert measured_round is not None
        assert measured_round.drawn > 0
        for gain in measured_round.gains:
            estimate = gain.average_precision
            assert estimate.upper is not None
            assert estimate.value is not None
            assert estimate.upper - estimate.value >= measured_round.drawn


def test_two_families_that_say_the_same_are_missed_only_together() -> None:
    found = measured(*world_of(4, ("signal", "echo", "noise")), essential=("noise",))
    assert "earns its place" not in {gain.verdict for gain in found.families.gains}
    assert found.kept == ("noise",)  # it says who can be assessed, so it stays
    assert found.together is not None
    assert found.together.average_precision.above_zero
    assert "they say the same as each other" in together(found)
    assert "none earns its place. Kept all the same" in answer(found)


def test_a_family_that_a_simple_rule_looks_at_is_kept() -> None:
    data, folds = world_of(5, ("signal", "noise"), n=900)
    rule = replace(SECONDARY.rules[0], looks_at=("noise_0_rate_3t",))
    study = replace(study_of(data), rules=(rule,))
    found = ablate(study, data, folds, QUICK, CAPACITY, lambda _: None, seed=7)
    assert "noise" in found.kept


def test_who_can_be_assessed_does_not_change_with_the_columns() -> None:
    data, folds = world_of(5, ("signal", "noise"), n=1500)
    unseen = np.arange(len(data.X)) % 10 == 0
    data = replace(data, rows=data.rows.assign(why_not=np.where(unseen, "not received", "")))
    whole = measured(data, folds, essential=("noise",))
    assert whole.rows == folds[0].test.sum()
    assert gains(whole)["signal"].verdict == "earns its place"


def test_the_same_data_give_the_same_report(told_apart: Ablation) -> None:
    again = measured(*world_of(1, ("signal", "noise")))
    assert again == replace(told_apart, features=None)
    study = study_of(world_of(1, ("signal", "noise"), n=30)[0])
    pages = [
        ablation_page(study, found, True, "hash") for found in (again, replace(told_apart, features=None))
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (0.001, 0.004, "earns its place"),
        (0.0, 0.02, "cannot tell"),
        (-0.004, LITTLE, "cannot tell"),
        (-0.004, 0.009, "adds nothing"),
        (-0.03, -0.01, "adds nothing"),
        (None, None, "cannot tell"),
    ],
)
def test_a_verdict_follows_from_the_interval(lower: float | None, upper: float | None, verdict: str) -> None:
    estimate = Estimate(0.002, lower, upper, events=9, clusters=90, resamples=500)
    assert Gain("x", 1, estimate, estimate, estimate).verdict == verdict


def test_the_smallest_gain_that_would_show_is_one_found_8_times_in_10() -> None:
    wide = Estimate(0.0, -0.0196, 0.0196, events=9, clusters=90, resamples=500)  # a standard error of 0.01
    gain = Gain("x", 1, wide, wide, wide)
    assert gain.smallest == pytest.approx(0.028, abs=1e-4)
    random = np.random.default_rng(0).normal(gain.smallest, 0.01, 20_000)
    assert np.mean(random - 1.96 * 0.01 > 0) == pytest.approx(0.8, abs=0.01)


def test_caught_counts_events_on_the_list() -> None:
    event, on_list = [1, 1, 0, 1], [True, False, True, True]
    assert caught(event, on_list) == 2
    assert caught(event, on_list, [[1, 1, 1, 1], [3, 1, 0, 0]]).tolist() == [2, 3]


def test_one_family_has_nothing_to_be_compared_with() -> None:
    data, folds = world_of(1, ("signal",), n=300)
    with pytest.raises(WrongUsage, match="one family only"):
        measured(data, folds)


def test_the_page_opens_with_the_answer_and_can_be_heard(told_apart: Ablation) -> None:
    data, _ = world_of(1, ("signal", "noise"), n=300)
    page = ablation_page(study_of(data), told_apart, True, "hash")
    said = "Of 2 families of features 1 earns its place: signal."
    assert answer(told_apart).startswith(said)
    assert page.index(said) < page.index("INVENTED DATA. Every pupil")
    assert page.count('role="img"') == page.count("<desc id=") == page.count("<caption") == 2
    assert "<script" not in page
    assert "p00000" not in page
    assert ablation_lines(told_apart, synthetic=True)[1] == answer(told_apart)
    assert ablation_lines(told_apart, synthetic=False)[0] == answer(told_apart)
    assert setting(told_apart) == 'families = ["signal"]'


def test_the_whole_command(
    extracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("attendance", "behaviour", "ks2")  # fewer than the study has, for time's sake
    monkeypatch.setattr("earlywarning.pipeline.opening.STUDIES", {"secondary": SECONDARY.narrowed(few)})
    config, page = tmp_path / "quick.toml", tmp_path / "report.html"
    config.write_text('[model]\nseeds = 1\n[features]\nfamilies = ["attendance", "behaviour"]\n')
    asked = ["ablate", str(extracts), "--config", str(config), "--out", str(page), "--json"]
    assert cli.main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    # A family that the settings leave out is measured all the same: else none could ever be added.
    assert tuple(gain["part"] for gain in told["families"]["gains"]) == few
    assert {"attendance", "behaviour"} <= set(told["kept"])
    assert told["synthetic"] is True
    assert told["lines"][1] in page.read_text(encoding="utf-8")


def test_a_study_is_narrowed_to_families_it_has() -> None:
    fewer = SECONDARY.narrowed(["suspensions", "behaviour", "attendance"])
    assert fewer.family_names == ("attendance", "behaviour", "suspensions")
    assert fewer.recent == "spells_3t"
    assert SECONDARY.narrowed(["attendance", "behaviour"]).recent == ""
    with pytest.raises(WrongUsage, match=r"no family 'sevices'\. Did you mean 'services'\?"):
        SECONDARY.narrowed([*FAMILIES, "sevices"])
    with pytest.raises(WrongUsage, match="cannot do without behaviour"):
        SECONDARY.narrowed(["attendance", "services"])


def test_what_is_left_out_is_left_out_of_training_list_and_audit(extracts: Path, tmp_path: Path) -> None:
    fewer = Settings(
        model=ModelSettings(seeds=1, refits=2),
        gates=GateSettings(canary_repeats=1),
        features=FeatureSettings(("attendance", "behaviour")),
    )
    models, day = tmp_path / "models", dt.date(2025, 12, 31)
    trained = pipeline.train(extracts, settings=fewer, models=models)
    assert {name.split("_")[0] for name in trained.data.X} == {"attendance", "behaviour"}
    assert "number_of_suspensions" not in trained.trial.rungs
    assert "attendance_behaviour_flags" in trained.trial.rungs
    told = pipeline.score(extracts, as_of=day, out=tmp_path / "out", settings=fewer, models=models)
    assert Path(told["issue"]).is_dir()


def test_a_model_of_other_families_is_refused_by_name(world: World, tmp_path: Path) -> None:
    fewer = replace(FAST, features=FeatureSettings(("attendance", "behaviour", "suspensions", "ks2")))
    for run in (
        lambda: pipeline.score(
            world.data, as_of=dt.date(2025, 12, 31), out=tmp_path, settings=fewer, models=world.models
        ),
        lambda: pipeline.audit(world.data, settings=fewer, models=world.models),
    ):
        with pytest.raises(GateRefused, match="the model has, and this run lacks, context, moves"):
            run()
    assert not list(tmp_path.iterdir())
    assert GateRefused.exit_code == 4
