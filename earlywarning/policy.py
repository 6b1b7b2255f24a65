"""``configs/policy.toml`` as typed, frozen values: what is used and why, and what may be shown to whom.

The council signs it. The settings say how a run is made; the policy says what it may do. What it may not do,
whatever the file says: make an input of race, sex, disability or religion (law 7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from earlywarning import config
from earlywarning.config import Settings
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.features import FAMILIES, SWITCHED_OFF, Family, Feature
from earlywarning.studies import Study

NEVER = MappingProxyType(
    {
        "race": r"race|racial|ethnic\w*|nationality|traveller|roma",
        "sex": r"sex|gender|boy|boys|girl|girls|male|female",
        "disability": r"disab\w*|impairment|primary_need",
        "religion": r"relig\w*|faith|muslim|christian|jewish|hindu|sikh",
    }
)
"""Words in a name that say what may never be an input."""

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


@dataclass(frozen=True)
class AuditPolicy:
    """What is compared between groups, said before anyone looks, and how large a gap matters.

    ``declared`` are ``attribute:group:metric``; ``material`` has the smallest gap of a metric that matters: a
    difference, for observed over expected a ratio.
    """

    declared: tuple[str, ...] = ()
    material: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a comparison that is not three names.

        Raises:
            WrongUsage: naming it and what is allowed.
        """
        for text in self.declared:
            if len(text.split(":")) != 3 or not all(text.split(":")):
                raise WrongUsage(
                    f"audit.declared: '{text}' is no comparison. Write attribute:group:metric, such as "
                    '"ethnicity_major:Black:recall".'
                )

    @property
    def comparisons(self) -> tuple[tuple[str, str, str], ...]:
        """The attribute, group and metric of each declared comparison.

        >>> AuditPolicy(declared=("sen_provision:K:recall",)).comparisons
        (('sen_provision', 'K', 'recall'),)
        """
        return tuple((a, g, m) for a, g, m in (text.split(":") for text in self.declared))


@dataclass(frozen=True)
class Disclosure:
    """What may be shown outside the team: no count below ``fewest``, and rounded to ``rounded_to``."""

    fewest: int = 5
    rounded_to: int = 5


@dataclass(frozen=True)
class Sharing:
    """Who gets files: ``per_school_files`` says whether a school may be given one of its own."""

    per_school_files: bool = False


@dataclass(frozen=True)
class Input:
    """Who answers for an input (a family of features, or one of them), what it is for, and on what basis.

    ``reason`` switches on a feature that is off: it says why it may be used all the same.
    """

    owner: str = ""
    purpose: str = ""
    source: str = ""
    lawful_basis: str = ""
    reason: str = ""

    @property
    def lacking(self) -> tuple[str, ...]:
        """What nobody has written yet, of what every input needs."""
        needed = ("owner", "purpose", "source", "lawful_basis")
        return tuple(name for name in needed if not getattr(self, name).strip())


@dataclass(frozen=True)
class Policy:
    """The council's rules; ``inputs`` by the name of a family, or of a feature that is off.

    >>> load().disclosure.fewest
    5
    """

    audit: AuditPolicy = AuditPolicy()
    disclosure: Disclosure = Disclosure()
    sharing: Sharing = Sharing()
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an entry for what may never be an input.

        Raises:
            GateRefused: naming the entry and what it is about.
        """
        for name in self.inputs:
            _refuse_protected(name, f"policy: [inputs.{name}]")

    @property
    def reasons(self) -> dict[str, str]:
        """The reasons recorded for features that are off, by name."""
        return {name: entry.reason.strip() for name, entry in self.inputs.items() if entry.reason.strip()}


def load(path: str | Path | None = None) -> Policy:
    """The policy in ``path``, or the one shipped with the package.

    Raises:
        WrongUsage: the file is missing, is not TOML, or holds an entry or a value that is not known.
    """
    chosen = Path(path) if path else config.shipped(config.POLICY)
    return config.read(Policy, chosen, "policy", "put it beside the settings that name it")


def policy_of(settings: Settings) -> Policy:
    """The policy that ``settings`` name; a plain name that ships with the package is that file.

    Raises:
        WrongUsage: see :func:`load`.
    """
    return load(None if settings.policy == config.POLICY else settings.policy)


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
        _refuse_protected(feature.name, f"feature '{feature.name}' of family '{family.name}'")
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


def _refuse_protected(name: str, what: str) -> None:
    for protected, words in NEVER.items():
        if re.search(rf"(?:^|_)(?:{words})(?:_|$)", name.lower()):
            raise GateRefused(
                f"{what} is about {protected}, which is never an input, whatever is recorded. Take it out: "
                "groups are audited, not put into a model."
            )


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
    for what, sign in HELD_APART.items():
        if open_ones and re.search(sign, told):
            raise GateRefused(
                f"Family '{family.name}' reads {what}, which is off until the policy file records a reason: "
                f"declare {', '.join(open_ones)} with off=, in a family of its own."
            )
