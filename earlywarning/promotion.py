"""From challenger to champion and back: what a promotion needs, and whose list the scorer issues.

The ledger is what counts. MLflow's alias ``champion`` follows as the last step: after a crash between the
two the champion is the one in the ledger, and the next entry brings the alias after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from earlywarning import clock, ledger, tracking
from earlywarning.errors import GateRefused, MachineRefused, WrongUsage
from earlywarning.explain.phrases import say
from earlywarning.files import write_whole
from earlywarning.ledger import Entry, said
from earlywarning.model.bundle import Bundle, load
from earlywarning.model.rules import Rule
from earlywarning.trial import MODEL
from earlywarning.trial.retest import Case, Retest, as_trained

FRESH_DAYS = 90
"""An audit older than this has to be made again (``--data``)."""

POINTS_WORSE = 0.05
"""What precision at capacity may lose against the best rule."""

LONGEST_EXCEPTION = dt.timedelta(days=365)

NOT_PROMOTED = "No model has been promoted."
WITHDRAWN = "The promoted model was withdrawn, and no other has been promoted."

Rules: TypeAlias = Mapping[str, Rule]


@dataclass(frozen=True)
class Signed:
    """Who says so and why, in their own words; never taken from the machine.

    Raises:
        WrongUsage: a name or a reason is missing, or holds what does not belong in the ledger.
    """

    by: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse what cannot stand in the ledger."""
        object.__setattr__(self, "by", said("by", self.by))
        object.__setattr__(self, "reason", said("reason", self.reason))


@dataclass(frozen=True)
class Waiver:
    """A recorded exception: why a model may be used although something is missing, and until which day.

    Raises:
        WrongUsage: the day has passed or is over a year away.
    """

    why: str
    expires: dt.date

    def __post_init__(self) -> None:
        """Refuse an exception that would never end, or has ended."""
        object.__setattr__(self, "why", said("exception", self.why))
        today = clock.now().date()
        if not today < self.expires <= today + LONGEST_EXCEPTION:
            raise WrongUsage(
                f"--expires {self.expires}: an exception ends on a day after today and within a year, by "
                f"{today + LONGEST_EXCEPTION}."
            )


GIVE_DATA = "give --data, the extracts it was trained on"


@dataclass(frozen=True)
class Lack:
    """What a promotion still needs, in a sentence; an exception can stand in for it where ``excusable``.

    ``remedy`` is for whoever promotes; the ledger and the list say the sentence alone.
    """

    sentence: str
    excusable: bool = True
    remedy: str = ""

    @property
    def with_remedy(self) -> str:
        """The sentence, and what to do where something can be done."""
        return f"{self.sentence}: {self.remedy}" if self.remedy else self.sentence


@dataclass(frozen=True)
class Chosen:
    """What a list is made from: ``bundle``, whose winner makes it, and how that stands.

    ``model_hash`` is the registered bundle's own; ``model_won`` its test; ``standing`` says in a sentence
    whether a model was promoted.
    """

    bundle: Bundle
    model_hash: str
    promoted: bool
    model_won: bool
    standing: str


def chosen(models: Path, study: str, rules: Rules) -> Chosen:
    """The champion, or while there is none the best rule of the challenger, as it was learnt.

    Raises:
        WrongUsage: nothing was ever trained.
        GateRefused: the ledger was changed, the champion's exception has ended, or a bundle is not the one
            that was recorded.
    """
    entries = read_ledger(models)
    champion = ledger.succession(entries, study).champion
    if champion is not None:
        _refuse_expired(champion)
        bundle = _intact(models, champion, rules)
        by_model = replace(bundle, winner=MODEL)
        return Chosen(by_model, bundle.model_hash, True, bundle.rule is None, _stands(champion))
    challenger = tracking.registered(models, study)
    bundle = load(challenger.bundle, rules=rules, model_hash=challenger.model_hash)
    once = any(entry.action == "promotion" and entry.study == study for entry in entries)
    by_rule = replace(bundle, winner=bundle.best_rule.name)
    return Chosen(by_rule, bundle.model_hash, False, bundle.rule is None, WITHDRAWN if once else NOT_PROMOTED)


def promote(
    models: Path,
    study: str,
    rules: Rules,
    signed: Signed,
    waiver: Waiver | None = None,
    again: Retest | None = None,
) -> Entry:
    """The ledger's entry with which the challenger became champion.

    What speaks for it is what its training recorded, or what ``again`` finds: the test and the audit made
    again. ``waiver`` stands in for what is missing and can be excused.

    Raises:
        WrongUsage: there is no challenger.
        GateRefused: something is missing; the refusal is an entry too.
        MachineRefused: the ledger cannot be written; nothing was promoted.
    """
    challenger = tracking.registered(models, study)
    bundle, case, lacks = _examined(challenger, rules, again)
    stands = not lacks or (waiver is not None and all(lack.excusable for lack in lacks))
    entry = _entry(
        study,
        "promotion" if stands else "refusal",
        signed,
        ledger.Model(
            version=challenger.version,
            run_id=challenger.run_id,
            model_hash=challenger.model_hash or (bundle.model_hash if bundle else ""),
            bundle_hash=bundle.bundle_hash if bundle else "",
            data_hash=bundle.data_hash if bundle else "",
            synthetic=challenger.synthetic,
        ),
        evidence=asdict(case) | {"concerns": list(case.concerns), "told": list(case.told())} if case else {},
        missing=[lack.sentence for lack in lacks],
        waiver=waiver,
    )
    written = _written(models, entry)
    if not stands:
        raise GateRefused(_refused(written, lacks, waiver))
    return written


def withdraw(models: Path, study: str, signed: Signed) -> Entry:
    """The entry with which the champion was withdrawn: lists are the best rule's until another is promoted.

    Raises:
        WrongUsage: there is no champion.
    """

    def withdrawn(entries: Sequence[Entry]) -> Entry:
        champion = ledger.succession(entries, study).champion
        if champion is None:
            raise WrongUsage(
                f"The study '{study}' has no champion to withdraw: its lists are the best rule's."
            )
        return _entry(study, "withdrawal", signed, champion.model)

    return _written(models, withdrawn)


def rollback(models: Path, study: str, rules: Rules, signed: Signed) -> Entry:
    """The entry with which the champion before stands again.

    Raises:
        WrongUsage: there was none before.
        GateRefused: its exception has ended, or its bundle is not the one that was promoted.
    """

    def rolled_back(entries: Sequence[Entry]) -> Entry:
        before = ledger.succession(entries, study).before.champion
        if before is None:
            raise WrongUsage(
                f"The study '{study}' has no champion before this one. To stop using the champion: "
                "earlywarning withdraw."
            )
        _refuse_expired(before)
        _intact(models, before, rules)
        return _entry(study, "rollback", signed, before.model)

    return _written(models, rolled_back)


def read_ledger(models: Path) -> tuple[Entry, ...]:
    """Every entry of the ledger under ``models``, checked against what MLflow remembers of it.

    Raises:
        GateRefused: the ledger was changed.
    """
    marks = tracking.ledger_marks(models)  # first: what is written meanwhile is then only in the ledger
    return ledger.read(models, marks)


def missing(case: Case | None, today: dt.date) -> list[Lack]:
    """What ``case`` lacks for a promotion ``today``; a bundle that could not be read makes none."""
    if case is None:
        return [Lack("its bundle is not the one that was registered", excusable=False)]
    return [*_audit(case, today), *_test(case)]


def _audit(case: Case, today: dt.date) -> list[Lack]:
    if not case.same_data:
        return [Lack("the extracts given are not those it was trained on", excusable=False)]
    if case.audited_on is None:
        return [Lack("the model's own lists were not audited", excusable=False, remedy=GIVE_DATA)]
    lacks, on = [], dt.date.fromisoformat(case.audited_on)
    if (today - on).days > FRESH_DAYS:
        made = f"its audit was made on {say(on)}, over {FRESH_DAYS} days ago"
        lacks.append(Lack(made, remedy=f"{GIVE_DATA}, and it is made again"))
    if case.concerns:
        lacks.append(Lack(f"its audit says “concern” of what was declared: {'; '.join(case.concerns)}"))
    return lacks


def _test(case: Case) -> list[Lack]:
    lacks = []
    if case.slope <= 0:
        lacks.append(Lack("its calibration slope is not positive", excusable=False))
    if case.gain is None or case.gain <= 0:
        lacks.append(Lack(f"it did no better than the best rule, {case.best_rule}", excusable=False))
    elif case.gain_lower is None or case.gain_lower <= 0:
        lacks.append(Lack(f"its gain over the best rule may be chance ({case.gained})"))
    if case.test_years < min(2, case.matured_years):
        lacks.append(
            Lack(
                f"it was tested on one year where {case.matured_years} have matured",
                remedy=f"{GIVE_DATA}, and it is tested on two",
            )
        )
    if case.precision is None or case.rule_precision is None:
        lacks.append(Lack("its precision at capacity could not be compared with the best rule's"))
    elif case.precision < case.rule_precision - POINTS_WORSE:
        points = f"{say(case.precision, '%')} against {say(case.rule_precision, '%')}"
        lacks.append(Lack(f"its precision at capacity is over 5 points under the best rule's ({points})"))
    return lacks


def _examined(
    challenger: tracking.Registered, rules: Rules, again: Retest | None
) -> tuple[Bundle | None, Case | None, list[Lack]]:
    """The challenger's bundle, what speaks for it, and what it lacks."""
    try:
        bundle = load(challenger.bundle, rules=rules, model_hash=challenger.model_hash, audited=False)
    except GateRefused:
        return None, None, missing(None, clock.now().date())
    if again is None:
        case = as_trained(bundle, challenger.recorded_on)
    else:
        case, audit = again(bundle)
        if audit is not None:
            reports = challenger.bundle.parent / tracking.REPORTS
            reports.mkdir(mode=0o700, exist_ok=True)
            write_whole(reports / f"audit-{case.audit_hash[:12]}.json", audit)
    return bundle, case, missing(case, clock.now().date())


def _entry(
    study: str,
    action: str,
    signed: Signed,
    model: ledger.Model,
    *,
    evidence: Mapping[str, Any] = MappingProxyType({}),
    missing: Sequence[str] = (),
    waiver: Waiver | None = None,
) -> Entry:
    """An entry that is still to be written."""
    return Entry(
        number=0,
        at=clock.now().isoformat(),
        study=study,
        action=action,
        by=signed.by,
        reason=signed.reason,
        model=model,
        evidence=dict(evidence),
        missing=tuple(missing),
        exception=waiver.why if waiver else None,
        expires=waiver.expires.isoformat() if waiver else None,
        before="",
    )


def _written(models: Path, entry: Entry | Callable[[Sequence[Entry]], Entry]) -> Entry:
    """``entry``, or what it makes of those before it, in the ledger; then MLflow's alias."""
    if not (models / ledger.FILE).is_file() and not (models / "mlflow.db").is_file():
        raise WrongUsage(f"There is no model in {models.resolve()}: name the folder with --models.")
    with ledger.held(models):
        entries = read_ledger(models)
        written = ledger.append(models, entries, entry(entries) if callable(entry) else entry)
        champion = ledger.succession([*entries, written], written.study).champion
        version = None if champion is None else champion.model.version
        try:
            tracking.mark_ledger(models, written.study, written.mark, version)
        except MachineRefused as error:
            raise MachineRefused(
                f"Entry {written.number} is in the ledger and counts, but MLflow could not be told: {error} "
                "Its alias follows with the next entry."
            ) from error
    return written


def _refuse_expired(champion: Entry) -> None:
    """Nothing, while the exception by which ``champion`` was promoted has not ended."""
    if champion.expires is not None and clock.now().date() > dt.date.fromisoformat(champion.expires):
        raise GateRefused(
            f"Version {champion.model.version} of the study '{champion.study}' was promoted by exception "
            f"until {champion.expires}, and that day has passed. Promote it again with what was missing or a "
            "new exception, promote another, or withdraw it (earlywarning withdraw): the best rule then "
            "makes the list."
        )


def _intact(models: Path, entry: Entry, rules: Rules) -> Bundle:
    """The bundle that ``entry`` promoted, to the last byte that was promoted."""
    folder = tracking.bundle_folder(models, entry.model.run_id)
    bundle = load(folder, rules=rules, model_hash=entry.model.model_hash, audited=False)
    if bundle.bundle_hash != entry.model.bundle_hash:
        raise GateRefused(
            f"The bundle in {folder} has the hash {bundle.bundle_hash}; entry {entry.number} of the ledger "
            f"promoted {entry.model.bundle_hash}. Restore the folder, or withdraw the model (earlywarning "
            "withdraw): the best rule then makes the list."
        )
    return bundle


def _stands(champion: Entry) -> str:
    """What a reader of the list is told of the champion; nothing that depends on when it was promoted."""
    if champion.expires is None:
        return "The model was promoted, as the ledger of models records."
    lacks = "; ".join(champion.missing) or "nothing"
    until = say(dt.date.fromisoformat(champion.expires))
    return f"The model was promoted by exception, until {until}. What was missing: {lacks}."


def _refused(entry: Entry, lacks: Sequence[Lack], waiver: Waiver | None) -> str:
    told = "; ".join(lack.with_remedy for lack in lacks)
    if all(lack.excusable for lack in lacks):
        to_do = "Put it right, or record an exception: --exception TEXT --expires DATE."
    elif waiver is not None:
        never = "; ".join(lack.sentence for lack in lacks if not lack.excusable)
        to_do = f"No exception stands in for this: {never}."
    else:
        to_do = "Lists are made as before."
    return (
        f"Version {entry.model.version} of the study '{entry.study}' was not promoted: {told}. {to_do} "
        f"The refusal is entry {entry.number} of the ledger."
    )
