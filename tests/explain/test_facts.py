"""What sentences may say is what families measure; now and before add up; contacts are never a reason."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from building import history_of

from earlywarning.dataset.measure import measured
from earlywarning.engines import open_engine
from earlywarning.explain import Known, by_theme, pupil_reasons
from earlywarning.explain.contributions import OTHER_CONTEXT, theme_of
from earlywarning.explain.facts import facts_of, with_earlier
from earlywarning.explain.phrases import fill
from earlywarning.features import FAMILIES
from earlywarning.features.declare import CONTACTS
from earlywarning.studies import STUDIES
from earlywarning.tables import TABLES

EVERY = [(s.name, family) for s in STUDIES.values() for family in s.families]


def test_the_facts_of_a_family_are_its_measures_its_features_and_what_was_before() -> None:
    with open_engine("polars") as engine:
        history = history_of(engine, {"pupils": "pupil_id\na"}, ["2024-12-31"])
        for family in FAMILIES.values():
            made = dict.fromkeys(measured(history, family), 0.0)
            features = {feature.name for feature in family.inputs}
            assert facts_of(family, TABLES) == set(with_earlier(made)) | features


def test_before_is_the_longer_look_back_less_the_shorter_and_never_guessed() -> None:
    told = with_earlier(
        {"a_1ht": 2.0, "a_1t": 5.0, "a_3t": 9.0, "b_1ht": 1.0, "b_1t": 1.0, "b_1ht_before": 7.0}
    )
    assert (told["a_1ht_before"], told["a_1t_before"], told["b_1ht_before"]) == (3.0, 4.0, 7.0)
    assert math.isnan(with_earlier({"a_1ht": 2.0, "a_1t": float("nan")})["a_1ht_before"])
    assert "days_since_a_1ht_before" not in with_earlier({"days_since_a_1ht": 3.0, "days_since_a_1t": 3.0})
    assert "a_1t_before" not in with_earlier({"a_1t": 3.0})


@pytest.mark.parametrize("theme", ["attendance", "behaviour at school", "suspensions"])
def test_sentences_say_what_is_now_and_what_was_before(theme: str) -> None:
    one_date = {
        "attendance_part_time_rate_1t",  # the code is younger than a year of terms at first
        "attendance_arranged_sessions_1t",
        "suspensions_limit_days_1y",  # the academic year so far, with the day of the last
    }
    for family in FAMILIES.values():
        for feature in family.features:
            if feature.theme != theme or not feature.reason or feature.name in one_date:
                continue
            facts = dict.fromkeys(facts_of(family, TABLES), 8.0) | {
                "as_of_date": pd.Timestamp("2025-12-31").date()
            }
            said = fill(feature.reason, facts)
            assert said and any(
                words in said for words in ("before", "this half term", "same half term last year")
            ), feature.name
            assert said.count("8") >= 2 or "2025" in said


def test_the_last_event_is_said_by_its_date() -> None:
    suspensions = {f.name: f for f in FAMILIES["suspensions"].features}["suspensions_count_spells_1t"]
    facts = with_earlier(
        {"spells_1ht": 1.0, "spells_1t": 2.0, "spells_3t": 3.0, "days_since_suspension_3t": 49.0}
    )
    assert fill(suspensions.reason, facts | {"as_of_date": pd.Timestamp("2025-12-31").date()}) == (
        "2 suspensions in the last two half terms; 1 in the four before; the last began on 12 November 2025."
    )


@pytest.mark.parametrize(("study", "family"), EVERY, ids=[f"{s}-{f.name}" for s, f in EVERY])
def test_a_contact_with_a_service_is_never_a_reason(study: str, family: object) -> None:
    features = family.inputs
    themes = {feature.name: theme_of(feature) for feature in features}
    if family.table in CONTACTS:
        assert set(themes.values()) == {OTHER_CONTEXT}
        shares = pd.DataFrame([[3.0] * len(features) + [-2.0]], columns=[*themes, "base"])
        assert by_theme(shares, features).iloc[0].to_dict() == {
            OTHER_CONTEXT: 3.0 * len(features),
            "base": -2.0,
        }
        known = Known(dict.fromkeys(themes, 4.0), dict.fromkeys(facts_of(family, TABLES), 4.0))
        sheet = pupil_reasons(dict.fromkeys(themes, 3.0), known, features)
        assert sheet.raises == sheet.lowers == ()
    else:
        assert any(theme != OTHER_CONTEXT for theme in themes.values())


def test_contacts_are_shown_as_already_in_place() -> None:
    # Offence records and police notifications are not the panel's: they would need a recorded reason.
    head = "pupil_id | service | start_date"
    services = ["child_in_need", "looked_after", "youth_justice", "domestic_abuse_notification"]
    rows = {
        "pupils": "pupil_id\na",
        "enrolments": "pupil_id | school_id | nc_year | start_date\na | s1 | 9 | 2024-09-02",
        "services": "\n".join([head, *[f"a | {service} | 2024-03-04" for service in services]]),
        "sen": "pupil_id | sen_provision | start_date\na | E | 2024-01-08",
    }
    with open_engine("polars") as engine:
        history = history_of(engine, rows, ["2024-12-31"])
        cohort = STUDIES["secondary"].cohort(history)
        (told,) = STUDIES["secondary"].in_place(history, cohort)
    assert told == (
        "Education, Health and Care plan",
        "looked after",
        "social worker (child in need)",
    )


def test_a_family_that_reads_contacts_cannot_be_given_a_sentence() -> None:
    services = FAMILIES["services"]
    spoken = replace(services.features[0], reason="A social worker since {tier_open:n}.")
    with pytest.raises(ValueError, match="never a reason"):
        replace(services, features=(spoken,))
