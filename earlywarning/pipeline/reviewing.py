"""The panel's decisions, audited by group, and what they leave known of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from earlywarning import decisions, identity
from earlywarning.audit import Comparison
from earlywarning.audit.comparisons import DECLARED_DECISIONS
from earlywarning.audit.decision_metrics import DECISION_METRICS
from earlywarning.audit.decisions import MARKS, PrecisionApart, decisions_audit, precision_apart
from earlywarning.audit.group_audit import GroupAudit, records
from earlywarning.audit.public import public_decisions
from earlywarning.audit.verdict import SEEN
from earlywarning.config import Settings
from earlywarning.dataset.assemble import spine_of
from earlywarning.errors import InputRefused, WrongUsage
from earlywarning.files import write_whole
from earlywarning.pipeline.opening import Result, Step, asked, build_history, checked_extracts, quiet
from earlywarning.policy import policy_of
from earlywarning.studies import Study
from earlywarning.trial import PAIRS
from earlywarning.watchlist.keys import panel_refs


def audit_decisions(
    folder: Path,
    *,
    issues: Sequence[Path],
    settings: Settings | None = None,
    study: Study | None = None,
    out: Path | None = None,
    public: Path | None = None,
    step: Step = quiet,
) -> Result:
    """How the decisions about ``issues``, pooled, fall on groups of pupils, and how good each list was.

    ``folder`` has the extracts, of any day after the last issue; a pupil of several lists counts as one
    cluster. ``out`` receives the audit as CSV, a row for each attribute, group and metric; ``public``, of one
    issue, a CSV that may leave the team: small counts are hidden as the policy says. What was declared before
    looking is in the policy, under ``[decisions]``.

    Raises:
        InputRefused: the extracts cannot be used, nothing was imported, or nobody listed is among them.
        WrongUsage: an issue is of another study than the settings', or given twice; or ``public`` is asked
            of several, where five pupils' terms may be of one pupil.
    """
    study, settings = asked(study, settings)
    meetings = [_meeting(issue, study) for issue in issues]
    if len({issue.as_of_date for issue, _ in meetings}) < len(meetings):
        raise WrongUsage("--issue: two are of the same date. Give each meeting's issue once.")
    if public is not None and len(meetings) > 1:
        raise WrongUsage("--public is of one issue: over several, a count of five may be of one pupil.")
    key = identity.load_or_create_key(keep_out_of=[folder, *[issue.folder.parent for issue, _ in meetings]])
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        history = build_history(study, checked, sorted(issue.as_of_date for issue, _ in meetings))
        cohort = spine_of(study, history)[1].reset_index()
        step("working out who had the outcome")
        states = pd.Series(study.label.states(history, cohort)["state"].to_numpy())
        attributes = study.attributes(history, cohort)[list(study.every_audited)].reset_index(drop=True)
    marks = pd.DataFrame(False, index=cohort.index, columns=list(MARKS))
    told, lines = [], []
    for issue, record in meetings:
        on_roll = cohort.index[cohort["as_of_date"] == pd.Timestamp(issue.as_of_date)]
        refs = pd.Series(panel_refs(cohort.loc[on_roll, "pupil_id"], key, issue.name), index=on_roll)
        marks.loc[on_roll] = _marks(refs, issue, record)
        one, said = _of_issue(issue, record, marks.loc[on_roll], states[on_roll])
        told.append(one)
        lines += said
    rules = policy_of(settings)
    found = decisions_audit(
        marks,
        attributes,
        schools=cohort["school_id"],
        clusters=cohort["pupil_id"] if len(meetings) > 1 else None,
        pairs=[pair for pair in PAIRS if set(pair) <= set(attributes)],
        declared=[Comparison(*names) for names in rules.decisions.comparisons] or DECLARED_DECISIONS,
        material=rules.decisions.material,
        fewest=settings.audit.fewest_positives,
    )
    if out is not None:
        write_whole(out, found.by_group.to_csv(index=False).encode())
    if public is not None:
        limits = rules.disclosure
        hidden = public_decisions(marks, attributes, fewest=limits.fewest, rounded_to=limits.rounded_to)
        write_whole(public, hidden.to_csv(index=False).encode())
    marked = ["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []
    return {
        "issues": told,
        "by_group": records(found.by_group),
        "declared": found.verdicts,
        "synthetic": checked.synthetic,
        "lines": [*marked, *lines, *_said(found)],
    }


def _meeting(issue: Path, study: Study) -> tuple[decisions.Published, decisions.Recorded]:
    """An issue of the study and what was decided about it."""
    opened = decisions.published(issue)
    if opened.study != study.name:
        raise WrongUsage(
            f"The issue is of the study '{opened.study}' and the settings ask '{study.name}'. Give the "
            "settings that made the issue with --config."
        )
    return opened, decisions.needed(opened.folder.parent, opened.name)


def _of_issue(
    issue: decisions.Published, record: decisions.Recorded, marks: pd.DataFrame, states: pd.Series
) -> tuple[dict[str, Any], list[str]]:
    """How good one list was, as values and in words; refuses extracts in which nobody listed is."""
    on = marks["listed"]
    lost = len(issue.listed) - int(on.sum())
    if lost == len(issue.listed):
        raise InputRefused(
            f"None of the {lost} pupils listed is in these extracts. Give those that the issue was made "
            "from, or later ones, and the same key."
        )
    precision = precision_apart(
        states[on].eq("event"), states[on].isin(["event", "no_event"]), marks["supported"][on]
    )
    unlinked = len(record.nominations) - int(marks["nominated"].sum())
    told = {
        "issue": issue.name,
        "precision": asdict(precision),
        "listed_not_found": lost,
        "nominations_not_linked": unlinked,
    }
    return told, [
        f"{issue.title}: decisions about {len(record.decisions)} of {len(issue.listed)} pupils listed.",
        *([f"{lost} pupils listed are not on roll in these extracts: they are left out."] if lost else []),
        *([_UNLINKED.format(unlinked)] if unlinked else []),
        *_precision(precision),
    ]


_UNLINKED = (
    "{} nominations have a reference of the nominator's own. Which groups they are of cannot be known from "
    "it, so they are in none of the rates below."
)


def _marks(refs: pd.Series, issue: decisions.Published, record: decisions.Recorded) -> pd.DataFrame:
    """What was decided about each pupil on roll: an action that was agreed is support, whatever else."""
    listed = refs.isin(list(issue.listed))
    supported = [ref for ref, said in record.decisions.items() if "action" in said]
    declined = [
        ref
        for ref, said in record.decisions.items()
        if "action" not in said and said.get("agree") == "Disagree"
    ]
    return pd.DataFrame(
        {
            "listed": listed,
            "supported": listed & refs.isin(supported),
            "declined": listed & refs.isin(declined),
            "nominated": ~listed & refs.isin(list(record.nominations)),
        }
    )


def _said(found: GroupAudit) -> list[str]:
    """What the panel decided, what the declared comparisons came to, and every gap to be looked at."""
    overall = found.overall.set_index("metric")
    counts = found.verdicts["counts"]
    rows = found.by_group
    told = rows[rows["verdict"].isin(SEEN)].sort_values("declared", ascending=False, kind="stable")
    return [
        *(_RATE.format(each, overall.loc[each.name]) for each in DECISION_METRICS),
        _DECLARED.format(
            len(found.declared), ", ".join(f"{number} {name}" for name, number in counts.items())
        ),
        *(_SEEN.format_map(row) for row in told.to_dict("records")),
        _EXPLORATORY.format(int((~rows["declared"]).sum())),
        *found.notes,
    ]


_RATE = "{0.name}: {1[count]:.0f} of {1[out_of]:,.0f} ({0.meaning})"
_DECLARED = "{} comparisons declared before looking: {}. “Cannot tell” is no pass."
_SEEN = (
    "{verdict}: {attribute} {group}, {metric}: {count:.0f} of {out_of:.0f} ({value:.1%}); {difference:+.1%} "
    "against all others ({difference_lower:+.1%} to {difference_upper:+.1%}); {reason}"
)
_EXPLORATORY = "{} other comparisons are exploratory: of so many some are to watch by chance."


def _precision(found: PrecisionApart) -> list[str]:
    if found.value is None or found.interval is None or found.bounds is None:
        return [_NOT_SAID.format(found)]
    return [_SAID.format(found), _BOUNDS.format(*found.bounds)]


_NOT_SAID = (
    "How good the list was cannot be said: of {0.listed} listed, {0.supported} were supported and the "
    "outcome of {0.unknown} others is not known."
)
_SAID = (
    "Of {0.listed} listed, {0.supported} were supported and are counted apart, and the outcome of "
    "{0.unknown} others is not known. Of the {0.left} left, {0.events} had the outcome ({0.value:.0%}; "
    "95% interval {0.interval[0]:.0%} to {0.interval[1]:.0%})."
)
_BOUNDS = "Over everyone listed: {:.0%} if none, {:.0%} if all of the others would have had it."
