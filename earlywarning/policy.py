"""``configs/policy.toml`` as typed, frozen values: what is used and why, and what may be shown to whom.

The council signs it. The settings say how a run is made; the policy says what it may do. What it may not do,
whatever the file says: make an input of race, sex, disability or religion (law 7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from earlywarning import config
from earlywarning.config import Settings
from earlywarning.errors import GateRefused, WrongUsage

NEVER = MappingProxyType(
    {
        "race": r"race|racial|ethnic\w*|nationality|traveller|roma",
        "sex": r"sex|gender|boy|boys|girl|girls|male|female",
        "disability": r"disab\w*|impairment|primary_need",
        "religion": r"relig\w*|faith|muslim|christian|jewish|hindu|sikh",
    }
)
"""Words in a name that say what may never be an input."""


@dataclass(frozen=True)
class AuditPolicy:
    """What is compared between groups of lists, or of decisions, before anyone looks, and what gap matters.

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
                    f"declared: '{text}' is no comparison. Write attribute:group:metric, such as "
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
class ProxyPolicy:
    """``material``: the AUROC from which it matters that the inputs can guess a group."""

    material: float = 0.65

    def __post_init__(self) -> None:
        """Refuse what is no better than a coin.

        Raises:
            WrongUsage: saying what is allowed.
        """
        if self.material <= 0.5:
            raise WrongUsage(
                f"proxies.material is {self.material}: an AUROC above 0.5 and below 1 is needed."
            )


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
    decisions: AuditPolicy = AuditPolicy()
    proxies: ProxyPolicy = ProxyPolicy()
    disclosure: Disclosure = Disclosure()
    sharing: Sharing = Sharing()
    inputs: Mapping[str, Input] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an entry for what may never be an input.

        Raises:
            GateRefused: naming the entry and what it is about.
        """
        for name in self.inputs:
            refuse_protected(name, f"policy: [inputs.{name}]")

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


def refuse_protected(name: str, what: str) -> None:
    """Nothing, unless ``name`` is about what is never an input.

    Raises:
        GateRefused: ``what`` (of which ``name`` is the name) is about race, sex, disability or religion.
    """
    for protected, words in NEVER.items():
        if re.search(rf"(?:^|_)(?:{words})(?:_|$)", name.lower()):
            raise GateRefused(
                f"{what} is about {protected}, which is never an input, whatever is recorded. Take it out: "
                "groups are audited, not put into a model."
            )
