"""The policy file: what it must hold, what it switches on, and what it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import narwhals as nw
import pytest

from earlywarning import config, pipeline, policy
from earlywarning.audit.comparisons import Comparison, material_gaps, refuse_foreign
from earlywarning.audit.decision_metrics import DECISIONS
from earlywarning.config import Settings
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.features import FAMILIES, SWITCHED_OFF, Family, Feature
from earlywarning.inputs import permitted, recorded, refuse_unsigned, switched_on, used
from earlywarning.pipeline.opening import asked
from earlywarning.policy import Input, Policy
from earlywarning.studies import STUDIES, Study
from earlywarning.watchlist.compose import _inputs

SECONDARY = STUDIES["secondary"]
SIGNED = Input("the owner", "the purpose", "the source", "the basis")
SCHOOL_RATE = "suspensions_school_rate_3t"


def written(folder: Path, text: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def with_reasons(*names: str) -> Policy:
    """The shipped policy with a reason for each of some features."""
    more = {name: replace(SIGNED, reason=f"why {name}") for name in names}
    shipped = policy.load()
    return replace(shipped, inputs={**shipped.inputs, **more})


def inputs_of(study: Study) -> set[str]:
    return {feature.name for _, feature in used(study)}


def own_family(name: str, table: str, value: nw.Expr, measure: nw.Expr, off: str = "") -> Family:
    feature = Feature(name, value, "1", "of one's own", theme="own", off=off)
    return Family(name.partition("_")[0], table, {"own_open": measure}, (feature,))


def test_the_shipped_policy_answers_for_every_family_as_a_template_and_switches_nothing_on() -> None:
    shipped = policy.load()
    assert set(shipped.inputs) == set(FAMILIES)
    assert all(
        text.startswith("TEMPLATE: ")
        for entry in shipped.inputs.values()
        for text in (entry.owner, entry.purpose, entry.source, entry.lawful_basis)
    )
    for study in STUDIES.values():
        refuse_unsigned(permitted(study, shipped), shipped)
        assert switched_on(permitted(study, shipped)) == {}
        assert inputs_of(permitted(study, shipped)) == inputs_of(study)


def test_what_is_declared_can_be_compared() -> None:
    declared = policy.load().audit.comparisons
    assert 8 <= len(declared) == len(set(declared)) <= 12
    for study in STUDIES.values():
        assert {attribute for attribute, _, _ in declared} <= set(study.every_audited)


def test_what_is_declared_of_decisions_can_be_compared() -> None:
    rules = policy.load().decisions
    declared = [Comparison(*names) for names in rules.comparisons]
    assert 8 <= len(declared) == len(set(declared)) <= 12
    refuse_foreign(declared, DECISIONS)
    assert material_gaps(rules.material, DECISIONS) == dict(rules.material)
    for study in STUDIES.values():
        assert {each.attribute for each in declared} <= set(study.every_audited)


def test_the_policy_is_found_beside_the_settings_else_it_is_the_shipped_one(tmp_path: Path) -> None:
    settings = written(tmp_path, 'study = "secondary"\n', "mine.toml")
    assert policy.policy_of(config.load(settings)) == policy.load() == policy.policy_of(Settings())
    written(tmp_path, "[disclosure]\nfewest = 10\n")
    assert policy.policy_of(config.load(settings)).disclosure.fewest == 10
    missing = config.load(written(tmp_path, 'policy = "ours.toml"\n', "mine.toml"))
    with pytest.raises(WrongUsage, match=r"policy 'ours.toml' does not exist"):  # never the shipped instead
        policy.policy_of(missing)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[audit]\ndeclared = ["ethnicity:recall"]', "write attribute:group:metric"),
        ("[audit.material]\nrecall = 0", "numbers above 0"),
        ("[audit.material]\nrecall = true", "numbers above 0"),
        ("[audit.material]\nrecall = inf", "numbers above 0"),
        ("[proxies]\nmaterial = 0.5", "an AUROC above 0.5"),
        ("[disclosure]\nfewest = 0", "a whole number from 1"),
        ("[sharing]\nper_school_files = 1", "true or false is needed"),
        ('[inputs]\nattendance = "the team"', "a table of settings"),
        ('[inputs.attendance]\nowned_by = "the team"', "setting 'owned_by' is not known"),
        ("[inputs.attendance]\nowner = 3", "text is needed"),
        ("[sharin]\nper_school_files = true", "Did you mean 'sharing'"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WrongUsage) as refusal:
        policy.load(written(tmp_path, text))
    assert message.lower() in str(refusal.value).lower()


@pytest.mark.parametrize(
    "name",
    ["ethnicity", "context_ethnicity_major_open", "pupil_sex_flag_open", "sen_primary_need_open", "religion"],
)
def test_the_file_cannot_name_what_is_never_an_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(GateRefused, match="never an input, whatever is recorded"):
        policy.load(written(tmp_path, f'[inputs.{name}]\nreason = "we want to"\n'))


def test_a_recorded_reason_switches_a_feature_on_and_no_other() -> None:
    ours = with_reasons("sen_provision_level_open", SCHOOL_RATE)
    study = permitted(SECONDARY, ours)
    assert inputs_of(study) - inputs_of(SECONDARY) == {"sen_provision_level_open", SCHOOL_RATE}
    assert "justice" not in study.family_names  # not even worked out
    assert switched_on(study) == {name: f"why {name}" for name in ("sen_provision_level_open", SCHOOL_RATE)}
    refuse_unsigned(study, ours)
    assert recorded(study, ours)["inputs"][SCHOOL_RATE]["owner"] == "the owner"


def test_a_study_cannot_switch_a_feature_on_without_the_policy() -> None:
    every = [f.recording({x.name: "mine" for x in f.features}) for f in SWITCHED_OFF.values()]
    brought = replace(SECONDARY, families=(*SECONDARY.families, *every))
    study, _ = asked(brought, Settings())
    assert inputs_of(study) == inputs_of(SECONDARY)


def test_a_reason_waits_while_its_family_is_not_in_use() -> None:
    study = permitted(SECONDARY.narrowed(["attendance", "behaviour"]), with_reasons(SCHOOL_RATE))
    assert switched_on(study) == {}


@pytest.mark.parametrize("name", ["attendance_absence_rate_1ht", "sen_provision_level_opn"])
def test_a_reason_for_what_is_not_off_is_refused(name: str) -> None:
    with pytest.raises(WrongUsage, match="records a reason, and no feature of that name is off"):
        permitted(SECONDARY, with_reasons(name))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, r"\[inputs.attendance\] is not there"),
        ({"atendance": SIGNED}, "'atendance' is"),
        ({"attendance": replace(SIGNED, lawful_basis=" ")}, r"\[inputs.attendance\] has no lawful_basis"),
    ],
)
def test_an_input_in_use_needs_an_owner_a_purpose_a_source_and_a_basis(
    inputs: dict[str, Input], message: str
) -> None:
    with pytest.raises(GateRefused, match=message):
        refuse_unsigned(SECONDARY, Policy(inputs=inputs))


def test_a_feature_that_was_switched_on_needs_an_entry_of_its_own() -> None:
    ours = with_reasons(SCHOOL_RATE)
    bare = replace(ours, inputs={**ours.inputs, SCHOOL_RATE: Input(reason="a pilot")})
    with pytest.raises(GateRefused, match=f"{SCHOOL_RATE}. has no owner"):
        refuse_unsigned(permitted(SECONDARY, bare), bare)


def test_training_refuses_before_it_reads_anything(tmp_path: Path) -> None:
    ours = written(tmp_path, "[disclosure]\nfewest = 5\n")
    with pytest.raises(GateRefused, match="does not answer for every input") as refusal:
        pipeline.train(tmp_path / "nothing", settings=Settings(policy=str(ours)), models=tmp_path / "models")
    assert refusal.value.exit_code == 4
    assert not (tmp_path / "models").exists()


READS = {
    "the table of pupils": ("pupils", nw.lit(1)),
    "SEN": ("sen", nw.when(nw.col("sen_provision") == nw.lit("E")).then(nw.lit(1))),
    "youth justice": ("services", nw.when(nw.col("service") == nw.lit("youth_justice")).then(nw.lit(1))),
    "abuse": (
        "services",
        nw.when(nw.col("service").is_in(["domestic_abuse_notification"])).then(nw.lit(1)),
    ),
}


@pytest.mark.parametrize("what", READS)
def test_a_family_of_ones_own_cannot_read_what_is_held_apart(what: str) -> None:
    table, measure = READS[what]
    ours = own_family("own_thing_flag_open", table, nw.col("own_open"), measure)
    with pytest.raises(GateRefused, match=r"own.*reads"):
        permitted(replace(SECONDARY, families=(*SECONDARY.families, ours)), policy.load())


def test_the_type_of_sen_need_is_never_an_input_even_off() -> None:
    measure = nw.when(nw.col("sen_primary_need") == nw.lit("HI")).then(nw.lit(1))
    ours = own_family("own_thing_flag_open", "sen", nw.col("own_open"), measure, off="not now")
    with pytest.raises(GateRefused, match="about disability"):
        permitted(replace(SECONDARY, families=(*SECONDARY.families, ours)), policy.load())


def test_a_feature_named_after_what_is_never_an_input_is_refused_whatever_is_recorded() -> None:
    name = "own_sex_flag_open"
    ours = own_family(name, "enrolments", nw.col("own_open"), nw.lit(1))
    with pytest.raises(GateRefused, match="about sex"):
        permitted(replace(SECONDARY, families=(*SECONDARY.families, ours)), policy.load())


def test_the_cover_says_what_was_switched_on_and_why() -> None:
    features = tuple(
        feature for _, feature in used(permitted(SECONDARY, with_reasons("justice_known_flag_3t")))
    )
    told = _inputs(features)["family support"]
    assert told[-1].endswith("Off unless a reason is recorded; recorded: why justice_known_flag_3t")
    assert sum("recorded" in text for text in told) == 1
