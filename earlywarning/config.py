"""``configs/*.toml`` as typed, frozen values. Configuration stops at the pipeline."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

from earlywarning.errors import WrongUsage
from earlywarning.hyperparameters import refuse_outside

SHIPPED = "secondary.toml"
POLICY = "policy.toml"
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class ListSettings:
    """How many are talked about on each list, and how many programme places there are for them.

    ``capacity_by_area`` and ``programme_places_by_area`` override the number for an authority's code; 0
    programme places: nobody said. ``capacity_by_school`` and ``capacity_by_phase`` are the most that a list
    holds of one school (by ``school_id``) or of the schools of one phase. ``nomination_places`` are kept
    beside each list, never taken from it: a panel always has room for a pupil whom nobody listed.
    """

    capacity: int = 60
    capacity_by_area: Mapping[str, int] = field(default_factory=dict)
    programme_places: int = 0
    programme_places_by_area: Mapping[str, int] = field(default_factory=dict)
    capacity_by_school: Mapping[str, int] = field(default_factory=dict)
    capacity_by_phase: Mapping[str, int] = field(default_factory=dict)
    nomination_places: int = 10
    nomination_places_by_area: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse more places than there are pupils on the list to offer them to.

        Raises:
            WrongUsage: naming the area and what is allowed.
        """
        for area in ("", *sorted({*self.capacity_by_area, *self.programme_places_by_area})):
            if self.places(area) > self.length(area):
                where = f" for '{area}'" if area else ""
                raise WrongUsage(
                    f"list: {self.places(area)} programme places{where}, and a list of {self.length(area)}. "
                    "Places go to pupils who were talked about: give at most as many as the list is long."
                )

    def length(self, area: str) -> int:
        """How many are talked about on a list of ``area``."""
        return self.capacity_by_area.get(area, self.capacity)

    def nominations(self, area: str) -> int:
        """The places kept for nominations beside a list of ``area``."""
        return self.nomination_places_by_area.get(area, self.nomination_places)

    def places(self, area: str) -> int:
        """The programme places for a list of ``area``; 0 where nobody said."""
        return self.programme_places_by_area.get(area, self.programme_places)


@dataclass(frozen=True)
class FeatureSettings:
    """Families of features the study may use: no more than earn their place (``earlywarning ablate``)."""

    families: tuple[str, ...] = ("attendance", "behaviour", "suspensions")


@dataclass(frozen=True)
class ModelSettings:
    """How the model is fitted; refits are for the bands.

    ``monotone`` holds every feature to its declared direction: more of it never lowers the risk, or never
    raises it (:attr:`earlywarning.features.declare.Feature.direction`).
    ``hyperparameters`` override the classifier's own, which are good without (``earlywarning tune``).
    """

    seeds: int = 5
    refits: int = 20
    random_state: int = 20260901
    monotone: bool = False
    hyperparameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is not known or out of bounds.

        Raises:
            WrongUsage: naming the parameter and what is allowed.
        """
        refuse_outside(self.hyperparameters, "model.hyperparameters")


@dataclass(frozen=True)
class GateSettings:
    """What must hold before any result is shown."""

    canary_repeats: int = 5
    fewest_train_events: int = 50
    fewest_test_events: int = 20


@dataclass(frozen=True)
class AuditSettings:
    """A group with fewer positives gets "cannot tell"."""

    fewest_positives: int = 10


@dataclass(frozen=True)
class QuarantineSettings:
    """Share of a table's rows that may be set aside before the run is refused."""

    threshold: float = 0.02


@dataclass(frozen=True)
class IssueSettings:
    """What the panel is told about whom to ask and when to destroy the list, and in whose words.

    ``phrasebook`` is an edited copy of ``configs/phrasebook.toml``, named from where the settings lie;
    without one, sentences are said as they are declared.
    """

    contact: str = "the inclusion data team"
    keep_days: int = 365
    phrasebook: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything a run can be told; without a ``label`` the study's own is asked.

    ``policy`` is the file with the council's own rules (:mod:`earlywarning.policy`), looked for beside the
    settings; a file that was not found there is the one that ships, if that is its name.

    >>> Settings().list.capacity
    60
    """

    study: str = "secondary"
    label: str = ""
    policy: str = POLICY
    list: ListSettings = ListSettings()
    features: FeatureSettings = FeatureSettings()
    model: ModelSettings = ModelSettings()
    gates: GateSettings = GateSettings()
    audit: AuditSettings = AuditSettings()
    quarantine: QuarantineSettings = QuarantineSettings()
    issue: IssueSettings = IssueSettings()


def load(path: Path | None = None) -> Settings:
    """The settings in ``path``, or the ones shipped with the package.

    Raises:
        WrongUsage: the file is missing, is not TOML, or holds a setting or a value that is not known.
    """
    chosen = path or shipped(SHIPPED)
    settings = read(Settings, chosen, "configuration", f"leave out --config to use {SHIPPED}")
    beside = chosen.parent / settings.policy
    found = beside if beside.exists() or settings.policy != POLICY else shipped(POLICY)
    book = settings.issue.phrasebook
    issue = replace(settings.issue, phrasebook=str(chosen.parent / book) if book else "")
    return replace(settings, policy=str(found), issue=issue)


def read(kind: type[Kind], path: Path, what: str, otherwise: str) -> Kind:
    """The values of ``path``, a file called ``what``, as a ``kind``; what is not given is as declared.

    Raises:
        WrongUsage: the file is missing (``otherwise`` says what to do), is not TOML, or holds a setting or a
            value that is not known.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WrongUsage(f"{what} '{path.name}' does not exist; {otherwise}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{what} '{path.name}' is not valid TOML: {error}") from None
    values: Kind = _typed(kind, given, path.name)
    return values


def shipped(name: str) -> Path:
    """Path of a configuration file that ships with the package (or lies in a source checkout)."""
    here = Path(__file__).resolve().parent
    packaged = here / "configs" / name
    return packaged if packaged.exists() else here.parent / "configs" / name


def _typed(kind: Any, given: Mapping[str, Any], where: str) -> Any:
    hints, defaults = get_type_hints(kind), kind()
    fields = {field.name: field for field in dataclasses.fields(kind)}
    values = {}
    for name, value in given.items():
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise WrongUsage(
                f"{where}: setting '{name}' is not known.{hint} Known here: {', '.join(fields)}."
            )
        values[name] = _value(hints[name], getattr(defaults, name), value, f"{where}: {name}")
    return kind(**values)


def _value(hint: Any, default: Any, value: Any, where: str) -> Any:
    if isinstance(default, Mapping):
        return _table(get_args(hint)[1], value, where)
    if dataclasses.is_dataclass(default):
        return _typed(type(default), _entries(value, where), where)
    if isinstance(default, tuple):
        return _names(value, where)
    if isinstance(default, (str, bool)):
        if type(value) is not type(default):
            raise WrongUsage(f"{where}: {'text' if isinstance(default, str) else 'true or false'} is needed.")
        return value
    if isinstance(default, float):
        if not _number(value) or not 0 <= value < 1:
            raise WrongUsage(f"{where}: a share from 0 to below 1 is needed.")
        return float(value)
    if not _whole(value) or value > _largest(where):
        raise WrongUsage(f"{where}: a whole number from 1 to {_largest(where)} is needed.")
    return value


def _entries(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        name = where.rpartition(": ")[2]
        raise WrongUsage(f"{where}: a table of settings is needed, such as [{name}].")
    return value


def _table(kind: Any, value: Any, where: str) -> Mapping[str, Any]:
    """Names of one's own, each with a whole number, a number above 0 or a table of settings."""
    if kind is int:
        return _numbers(value, where)
    entries = _entries(value, where)
    if kind is float:
        if not all(_number(number) and 0 < number < inf for number in entries.values()):
            raise WrongUsage(f"{where}: a table of numbers above 0 is needed.")
        return MappingProxyType({name: float(number) for name, number in entries.items()})
    return MappingProxyType(
        {
            name: _typed(kind, _entries(entry, f"{where}: {name}"), f"{where}: {name}")
            for name, entry in entries.items()
        }
    )


def _numbers(value: Any, where: str) -> Mapping[str, int]:
    if not isinstance(value, dict) or not all(
        _whole(number) and number <= _largest(where) for number in value.values()
    ):
        raise WrongUsage(f"{where}: a table of whole numbers above 0 is needed.")
    return MappingProxyType(dict(value))


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise WrongUsage(f'{where}: a list of names is needed, such as ["attendance", "behaviour"].')
    return tuple(value)


def _largest(where: str) -> int:
    """The largest whole number a setting may have: what a seed can hold, or more than anyone means."""
    return 2**32 - 1 if where.endswith("random_state") else 100_000


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
