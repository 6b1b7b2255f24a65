"""Which features may be inputs, by the policy file and by law 7, and who answers for those in use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.features import FAMILIES, SWITCHED_OFF, Family, Feature
from earlywarning.policy import Input, Policy, refuse_protected
from earlywarning.studies import Study

HELD_APART = MappingProxyType(
    {
        "SEN": r"col\(sen_provision\)|col\(assessment_under_way\)",
        "youth justice": "youth_justice",
        "domestic-abuse notifications": "domestic_abuse",
    }
)
"""What only a feature that is declared off may be made of, and how it shows in an expression."""

UNDATED = "pupils"
"""The table with ethnicity, sex, first language and free school meals, as they stand on the extract's day."""


def permitted(study: Study, policy: Policy) -> Study:
    """``study`` with the features on for which ``policy`` records a reason, and all others that are off, off.

    This is the one way to switch a feature on: what a study brings switched on without it is off again.

    Raises:
        WrongUsage: a reason is recorded for what is not off.
        GateRefused: a feature is about race, sex, disability or religion, or reads where they are held.
    """
    reasons, have = policy.reasons, {family.name for family in study.families}
    more = [f for f in SWITCHED_OFF.values() if f.name not in have and f.table in study.tables]
    declared = (*study.families, *FAMILIES.values(), *SWITCHED_OFF.values())
    off = {feature.name for family in declared for feature in family.features if feature.off}
    if unknown := sorted(set(reasons) - off):
        near = get_close_matches(unknown[0], off, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise WrongUsage(
            f"policy: [inputs.{unknown[0]}] records a reason, and no feature of that name is off.{hint} "
            f"Off are: {', '.join(sorted(off))}."
        )
    families = tuple(family.recording(reasons) for family in study.families)
    added = tuple(f for f in (family.recording(reasons) for family in more) if f.inputs)
    chosen = replace(study, families=(*families, *added))
    for family, feature in used(chosen):
        refuse_protected(feature.name, f"feature '{feature.name}' of family '{family.name}'")
    for family in chosen.families:
        _refuse_held_apart(family)
    return chosen


def tried(study: Study, names: Sequence[str]) -> Study:
    """``study`` with features on that are off, to see what they would change: for mitigation alone.

    What is trained on it is never saved; what ships goes by :func:`permitted`.

    Raises:
        WrongUsage: no feature of a name is off.
    """
    reasons = {**switched_on(study), **dict.fromkeys(names, "tried in a study of mitigation")}
    entries = {name: Input(reason=reason) for name, reason in reasons.items()}
    return permitted(study, Policy(inputs=entries))


def refuse_unsigned(study: Study, policy: Policy) -> None:
    """Nothing, when every input in use has an owner, a purpose, a source and a lawful-basis note.

    A family has one entry; a feature that is off and was switched on has one of its own.

    Raises:
        GateRefused: naming the inputs, and what is lacking.
    """
    names = {feature.name if feature.off else family.name: None for family, feature in used(study)}
    lacking = []
    for name in names:
        entry = policy.inputs.get(name)
        if entry is None:
            near = get_close_matches(name, policy.inputs, n=1)
            lacking.append(f"[inputs.{name}] is not there" + (f" (but '{near[0]}' is)" if near else ""))
        elif entry.lacking:
            lacking.append(f"[inputs.{name}] has no {', '.join(entry.lacking)}")
    if lacking:
        raise GateRefused(
            f"The policy file does not answer for every input in use: {'; '.join(lacking)}. Write it there, "
            "or leave the family out of features.families. docs/policy.md says what each line is for."
        )


def recorded(study: Study, policy: Policy) -> dict[str, Any]:
    """What the policy says of the inputs in use, ready for JSON, for the bundle."""
    names = {feature.name if feature.off else family.name: None for family, feature in used(study)}
    return {
        "inputs": {name: asdict(policy.inputs[name]) for name in names if name in policy.inputs},
        "switched_on": switched_on(study),
    }


def switched_on(study: Study) -> dict[str, str]:
    """The features that are off and were switched on, each with the reason that was recorded."""
    return {feature.name: feature.recorded for _, feature in used(study) if feature.off}


def used(study: Study) -> Iterator[tuple[Family, Feature]]:
    """Each feature that is an input, with its family."""
    for family in study.families:
        for feature in family.inputs:
            yield family, feature


def _refuse_held_apart(family: Family) -> None:
    """Nothing; a family may not read the table of pupils, nor what is off unless its features say so.

    Expressions are read as narwhals prints them, columns and values: a net under those who declare families,
    and not a proof. A test holds that it catches our own.
    """
    if family.table == UNDATED:
        raise GateRefused(
            f"Family '{family.name}' reads table '{UNDATED}', which holds ethnicity and sex, and is never an "
            "input. First language and free school meals stand in it without a date, so they cannot be "
            "inputs either: what was known on the day cannot be told."
        )
    open_ones = [feature.name for feature in family.features if not feature.off]
    made_of = [*family.measures.values(), *family.weeks.values(), *family.latest.values()]
    told = " ".join(map(repr, [*made_of, *(feature.value for feature in family.features)]))
    for column in re.findall(r"col\((\w+)\)", told):
        refuse_protected(column, f"Column '{column}', which family '{family.name}' reads,")
    for what, sign in HELD_APART.items():
        if open_ones and re.search(sign, told):
            raise GateRefused(
                f"Family '{family.name}' reads {what}, which is off until the policy file records a reason: "
                f"declare {', '.join(open_ones)} with off=, in a family of its own."
            )
