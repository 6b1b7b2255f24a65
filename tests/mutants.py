"""Mutants: one change to production code for each law, and the test that must catch it.

    python tests/mutants.py             apply each mutant to a copy of the package and run its test
    python tests/mutants.py --only 3    the mutants of one law

A mutant that survives is a law without a test; the command then ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mutant:
    """``before`` stands exactly once in ``file``; with ``after`` in its place ``test`` must fail."""

    law: int
    breaks: str
    file: str
    before: str
    after: str
    test: str


FUTURE = "tests/property/test_future_blind.py"

MOVE = "tests/studies/test_transition.py"

FINISHED = "tests/property/test_finished.py"

SPECS = "tests/features/test_specs.py"

FACTS = "tests/explain/test_facts.py"

POLICY = "tests/test_policy.py"

STATES = "tests/labels/test_states.py::test_what_happened_makes_the_state"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        1,
        "cells read rows that were not known on the day",
        "earlywarning/dataset/look_backs.py",
        'nw.col("known_at") <= nw.col("cut")',
        'nw.col("known_at") <= nw.col("cut") + 1000',
        f"{FUTURE}::test_rows_known_between_two_cuts_change_only_the_later_one",
    ),
    Mutant(
        1,
        "spells are read before they were known",
        "earlywarning/dataset/history.py",
        'nw.col("known_from") <= nw.col("as_of_date"), nw.col("start_date") <= nw.col("as_of_date")',
        'nw.col("start_date") <= nw.col("as_of_date")',
        f"{FUTURE}::test_rows_known_between_two_cuts_change_only_the_later_one",
    ),
    Mutant(
        1,
        "the end of a spell is seen before it was known",
        "earlywarning/dataset/history.py",
        'ended_known = nw.col("end_known_from") <= day',
        'ended_known = nw.col("start_date") <= day',
        f"{FUTURE}::test_a_service_is_seen_as_open_until_its_end_is_known",
    ),
    Mutant(
        1,
        "a retraction counts as one more row",
        "earlywarning/dataset/history.py",
        ".then(nw.lit(-1.0))",
        ".then(nw.lit(1.0))",
        f"{FUTURE}::test_a_retraction_takes_a_row_back_from_its_own_date",
    ),
    Mutant(
        1,
        "the last day stands though its row was taken back",
        "earlywarning/dataset/look_backs.py",
        'nw.when(nw.col(f"net_{name}") > 0)',
        'nw.when(nw.col(f"net_{name}") > -99)',
        f"{SPECS}::test_the_example_is_what_the_family_makes",
    ),
    Mutant(
        1,
        "a stay begins with its last spell, so that a split roll is a move",
        "earlywarning/dataset/stays.py",
        'nw.col("start_date", "start_day").min()',
        'nw.col("start_date", "start_day").max()',
        f"{FUTURE}::test_a_spell_split_into_two_that_touch_changes_nothing",
    ),
    Mutant(
        1,
        "what comes home is in whatever order the engine had it",
        "earlywarning/engines/declare.py",
        "if sort_by else rows",
        "if not sort_by else rows",
        f"{FUTURE}::test_the_order_of_rows_and_columns_changes_nothing",
    ),
    Mutant(
        1,
        "features are put beside the pupils in another order",
        "earlywarning/dataset/assemble.py",
        "sort_by=PUPIL_DATE)",
        'sort_by=("as_of_date", "pupil_id"))',
        f"{FUTURE}::test_another_name_for_a_pupil_changes_nothing",
    ),
    Mutant(
        1,
        "pandas has numpy's types, in which a missing number is no missing value",
        "earlywarning/engines/pandas_engine.py",
        "table.to_pandas(types_mapper=pd.ArrowDtype)",
        "table.to_pandas()",
        f"{FUTURE}::test_every_engine_agrees",
    ),
    Mutant(
        1,
        "a correction leaves the row it corrects where it is",
        "earlywarning/dataset/history.py",
        'nw.col(happened or "") <= nw.lit(last), nw.col("known_from") <= nw.lit(last)',
        'nw.col(happened or "") <= nw.lit(last), nw.col("record") != nw.lit("retraction")',
        f"{FUTURE}::test_a_correction_changes_what_was_known_only_from_its_own_date",
    ),
    Mutant(
        2,
        "a school day on two rolls is seen twice",
        "earlywarning/dataset/visibility.py",
        'here_to=nw.min_horizontal("reached", "following")',
        'here_to=nw.col("reached")',
        "tests/benchmarks/test_features_sql.py::test_sql_gives_every_column_of_a_family",
    ),
    Mutant(
        1,
        "features that were kept are taken though a row is another",
        "earlywarning/dataset/finished_frames.py",
        '("calendar", *sorted(_tables(family)))',
        '("calendar",)',
        f"{FINISHED}::test_a_row_that_was_changed_quietly_makes_its_cells_again",
    ),
    Mutant(
        1,
        "cells that were kept are taken though a row is another",
        "earlywarning/dataset/finished_cells.py",
        "key_of(*always, sorted(found[place]))",
        "key_of(*always)",
        f"{FINISHED}::test_a_row_that_was_changed_quietly_makes_its_cells_again",
    ),
    Mutant(
        1,
        "cells that are kept forget the day that may be taken back",
        "earlywarning/dataset/cells.py",
        'rows.with_columns(taken_day=nw.col("number"))',
        "rows.with_columns(taken_day=nw.lit(0))",
        f"{FINISHED}::test_a_retraction_in_another_part_takes_back_the_day_of_the_last_event",
    ),
    Mutant(
        1,
        "the June list is cut in July, when key stage 2 results are there",
        "earlywarning/school_calendar.py",
        '{6: "June", 9: "September"}',
        '{6: "June", 7: "June", 9: "September"}',
        f"{MOVE}::test_a_day_of_another_month_or_without_the_terms_of_year_7_is_refused",
    ),
    Mutant(
        1,
        "a roll of September is seen in June, because the place was offered in March",
        "earlywarning/dataset/history.py",
        'nw.col("known_from") <= nw.col("as_of_date"), nw.col("start_date") <= nw.col("as_of_date")',
        'nw.col("known_from") <= nw.col("as_of_date")',
        f"{MOVE}::test_june_sees_no_key_stage_2_results_and_no_september_roll",
    ),
    Mutant(
        2,
        "what was not received counts as nothing",
        "earlywarning/dataset/measure.py",
        "frame = frame.with_columns(**lost) if lost else frame",
        "frame = frame.select(nw.all())",
        f"{FUTURE}::test_a_table_that_was_not_received_makes_its_features_not_available",
    ),
    Mutant(
        2,
        "not visible becomes zero",
        "earlywarning/dataset/measure.py",
        "*[shown[name].then(kept[name]).alias(name) for name in names]",
        "*[kept[name].alias(name) for name in names]",
        f"{FUTURE}::test_a_school_that_did_not_send_makes_missing_values_and_never_zero",
    ),
    Mutant(
        2,
        "what was received of one feed answers for another",
        "earlywarning/dataset/spine.py",
        '.filter(nw.col("feed") == nw.lit(seen.feed)).drop("feed")',
        '.filter(nw.col("feed") == nw.lit("attendance")).drop("feed")',
        f"{FUTURE}::test_a_school_that_did_not_send_makes_missing_values_and_never_zero",
    ),
    Mutant(
        3,
        "marks that a family tells apart are put together",
        "earlywarning/dataset/cells.py",
        "groupby([told[name] for name in told])",
        "groupby([told[name] for name in list(told)[:1]])",
        "tests/features/test_attendance.py::test_absence_is_sessions_absent_over_sessions_possible",
    ),
    Mutant(
        3,
        "code E counts as absence",
        "earlywarning/features/attendance.py",
        'LEFT_OUT = frozenset("ERTS")',
        'LEFT_OUT = frozenset("RTS")',
        "tests/features/test_attendance.py::test_suspended_sessions_are_neither_absent_nor_possible",
    ),
    Mutant(
        4,
        "leaving the roll counts as no event",
        "earlywarning/labels/window.py",
        'return last.where(last < cohort["closes"])',
        'return last.where(last < cohort["as_of_date"])',
        "tests/labels/test_new_suspension.py::test_a_pupil_who_leaves_is_censored",
    ),
    Mutant(
        4,
        "the label opens before the panel meets",
        "earlywarning/labels/window.py",
        'pairs["start_date"].between(pairs["panel_date"], pairs["closes"])',
        'pairs["start_date"].between(pairs["panel_date"] - pd.Timedelta(days=14), pairs["closes"])',
        "tests/labels/test_new_suspension.py::test_what_happens_between_the_cut_and_the_panel_counts_for_nobody",
    ),
    Mutant(
        4,
        "a permanent exclusion that ended in reinstatement is an event",
        "earlywarning/labels/window.py",
        'OVERTURNED = ("withdrawn", "reinstated")',
        'OVERTURNED = ("withdrawn",)',
        STATES,
    ),
    Mutant(
        4,
        "a permanent exclusion is no event of the main label",
        "earlywarning/labels/new_suspension.py",
        "standing(history, SUSPENSION + PERMANENT)",
        "standing(history, SUSPENSION)",
        STATES,
    ),
    Mutant(
        4,
        "those who leave within the year are asked about all the same",
        "earlywarning/labels/suspension_within_year.py",
        'everyone["group"] != LAST_YEAR',
        'everyone["group"] != ""',
        STATES,
    ),
    Mutant(
        4,
        "a child who begins Year 7 elsewhere and comes back later had no event",
        "earlywarning/labels/suspension_in_year_7.py",
        'long = spells["start_date"] - gap_from > SHORT_GAP',
        'long = spells["start_date"] - gap_from > 99 * SHORT_GAP',
        f"{MOVE}::test_leavers_are_not_visible_and_never_no_event",
    ),
    Mutant(
        4,
        "one suspension is two",
        "earlywarning/labels/two_suspensions.py",
        'spells.groupby("row").cumcount() == 1',
        'spells.groupby("row").cumcount() == 0',
        STATES,
    ),
    Mutant(
        4,
        "five days are more than five days",
        "earlywarning/labels/days_suspended.py",
        "> 2 * days",
        ">= 2 * days",
        STATES,
    ),
    Mutant(
        4,
        "days after the end of the term count towards it",
        "earlywarning/labels/days_suspended.py",
        "2.0 * (upto - before)",
        "9.0 * (upto - before)",
        STATES,
    ),
    Mutant(
        4,
        "a first suspension may be a second",
        "earlywarning/labels/first_suspension.py",
        "everyone[~before |",
        "everyone[(before | ~before) |",
        STATES,
    ),
    Mutant(
        4,
        "a pupil who is placed elsewhere already can be removed once more",
        "earlywarning/labels/removal.py",
        "competing=under_way(cohort, placements)",
        "competing=under_way(cohort, placements.head(0))",
        STATES,
    ),
    Mutant(
        5,
        "a label trains before it has matured",
        "earlywarning/dataset/splits.py",
        '(rows["matures_on"] < begins)',
        '(rows["panel_date"] < begins + pd.Timedelta(days=3650))',
        "tests/dataset/test_splits.py::test_a_training_label_is_mature_before_the_test_begins",
    ),
    Mutant(
        5,
        "the lists of June and September of the same children are of two periods",
        "earlywarning/school_calendar.py",
        "period=year.name,",
        "period=str(as_of_date),",
        f"{MOVE}::test_both_lists_of_one_cohort_are_of_one_period",
    ),
    Mutant(
        5,
        "settings are tuned on the test year",
        "earlywarning/tuning/bench.py",
        "inside = data.where(first.train)",
        "inside = data.where(first.train | (first.test & data.known))",
        "tests/tuning/test_tune.py::test_what_happens_in_the_test_year_changes_nothing",
    ),
    Mutant(
        5,
        "a look at the test year is forgotten with its run",
        "earlywarning/tracking/runs.py",
        "run_view_type=ViewType.ALL",
        "run_view_type=ViewType.ACTIVE_ONLY",
        "tests/test_tracking.py::test_every_look_at_a_test_year_is_counted_whatever_became_of_the_run",
    ),
    Mutant(
        5,
        "settings that do not beat the defaults beyond chance are chosen",
        "earlywarning/tuning/found.py",
        "return self.gain.above_zero",
        "return self.gain.value is not None",
        "tests/tuning/test_tune.py::test_the_settings_written_are_the_best_beyond_chance_else_the_defaults",
    ),
    Mutant(
        6,
        "the model wins whatever the rule does",
        "earlywarning/model/comparison.py",
        "if not difference.above_zero:",
        "if difference.resamples < 0:",
        "tests/model/test_comparison.py::test_the_model_wins_only_beyond_chance_and_against_the_best_rule",
    ),
    Mutant(
        6,
        "the narrower interval decides who wins",
        "earlywarning/model/comparison.py",
        "by = max(limits,",
        "by = min(limits,",
        "tests/model/test_comparison.py::test_the_wider_of_pupils_and_schools_is_the_interval_and_decides",
    ),
    Mutant(
        6,
        "an interval that cannot be drawn counts for nothing",
        "earlywarning/model/comparison.py",
        "if size > 1}",
        "if size > 1 and np.isfinite(self._limits(by)[0])}",
        "tests/model/test_comparison.py::test_what_cannot_be_told_of_schools_cannot_be_told",
    ),
    Mutant(
        6,
        "last term's list knows this term",
        "earlywarning/model/rules.py",
        "return np.asarray(X[SUSPENSIONS] - X[SUSPENSIONS_LATELY])",
        "return np.asarray(X[SUSPENSIONS])",
        "tests/model/test_rules.py::test_last_terms_list_leaves_out_what_is_new_and_what_cannot_be_seen",
    ),
    Mutant(
        5,
        "a school left out is met in training",
        "earlywarning/trial/unseen_schools.py",
        "fitted = fitted_on(once, data, fold, data.y)",
        "fitted = fitted_on(once, data, folds[0], data.y)",
        "tests/pages/test_evidence.py::test_a_school_left_out_is_ranked_by_a_model_that_never_saw_it",
    ),
    Mutant(
        8,
        "a part without anybody has a recall",
        "earlywarning/trial/parts.py",
        "out=np.full(below.shape, np.nan)",
        "out=np.zeros(below.shape)",
        "tests/trial/test_parts.py::test_a_part_without_anybody_or_without_events_is_undefined_and_not_0",
    ),
    Mutant(
        6,
        "a model is promoted whose gain may be chance",
        "earlywarning/promotion.py",
        "elif case.gain_lower is None or case.gain_lower <= 0:",
        "elif case.gain_lower is None:",
        "tests/test_promotion.py::test_each_thing_that_is_missing_is_said",
    ),
    Mutant(
        6,
        "a model that did no better than the rule is promoted by exception",
        "earlywarning/promotion.py",
        '{case.best_rule}", excusable=False))',
        '{case.best_rule}"))',
        "tests/test_promotion.py::test_each_thing_that_is_missing_is_said",
    ),
    Mutant(
        6,
        "the challenger makes the list though nobody promoted it",
        "earlywarning/promotion.py",
        "by_rule = replace(bundle, winner=bundle.best_rule.name)",
        "by_rule = bundle",
        "tests/test_promotion.py::test_without_a_champion_the_rules_list_is_issued_and_says_so",
    ),
    Mutant(
        12,
        "a ledger with a changed line is read",
        "earlywarning/chain.py",
        "whole = isinstance(entry, dict) and line(entry) == written and sealed(entry) == entry",
        "whole = isinstance(entry, dict)",
        "tests/test_ledger.py::test_a_changed_line_is_named_by_its_number",
    ),
    Mutant(
        12,
        "a ledger whose last line was taken out is read",
        "earlywarning/ledger.py",
        "if mark not in written]",
        "if not written]",
        "tests/test_ledger.py::test_a_line_taken_out_is_missed_even_the_last",
    ),
    Mutant(
        11,
        "a copy with names is made that is not on record",
        "earlywarning/naming/copies.py",
        'added = chain.append(folder / FILE, entries, {**body, "copy": number, "named": names})',
        "added = chain.sealed(body)",
        "tests/decisions/test_naming.py::test_each_copy_is_on_record_with_a_number_and_no_pupil",
    ),
    Mutant(
        11,
        "a page with names is printed without saying whom it is for",
        "earlywarning/naming/page.py",
        'STYLE + on_each_sheet(f"{foot} · {short}")',
        "STYLE",
        "tests/decisions/test_naming.py::test_the_page_to_print_has_every_name_as_text_and_the_mark_on_every_sheet",
    ),
    Mutant(
        11,
        "a copy with names lies in the issue's folder",
        "earlywarning/pipeline/naming.py",
        '(folder / "manifest.json").exists()',
        '(folder / "manifest.txt").exists()',
        "tests/decisions/test_naming.py::test_no_copy_and_no_names_inside_an_issue",
    ),
    Mutant(
        11,
        "an action is shown to whoever has the earlier reference now",
        "earlywarning/decisions/open_actions.py",
        "panel_refs(pupil_ids, key, name), strict",
        "panel_refs(pupil_ids, key, issue), strict",
        "tests/decisions/test_open_actions.py::"
        "test_an_agreed_action_is_carried_until_it_is_closed_or_another_is_agreed",
    ),
    Mutant(
        6,
        "the tested lists are not held to the limits of the issued one",
        "earlywarning/trial/tested.py",
        "capacity, tie_break(rows.index), self.limits)",
        "capacity, tie_break(rows.index))",
        "tests/watchlist/test_limits.py::test_the_tested_lists_are_held_to_the_limits_of_the_issued_one",
    ),
    Mutant(
        13,
        "an action is closed before it was agreed",
        "earlywarning/decisions/reading.py",
        'answers.get("closed_on", agreed) < agreed',
        "False",
        "tests/decisions/test_closing.py::test_an_action_is_closed_when_it_was_agreed_or_later_and_not_in_the_future",
    ),
    Mutant(
        12,
        "a later copy overwrites what another said",
        "earlywarning/decisions/record.py",
        "if other and not replace:",
        "if False:",
        "tests/decisions/test_record.py::"
        "test_two_copies_that_differ_are_told_apart_and_nothing_is_overwritten",
    ),
    Mutant(
        13,
        "a row that is not understood is left out without a word",
        "earlywarning/decisions/reading.py",
        "faults.append(Fault(row.sheet, row.number, each.heading, fault.rule, fault.allowed))",
        "return None",
        "tests/decisions/test_reading.py::test_a_cell_that_cannot_be_understood_refuses_its_row_alone",
    ),
    Mutant(
        8,
        "what happened to supported pupils counts for the list",
        "earlywarning/audit/decisions.py",
        "usable = known.astype(bool) & ~supported.astype(bool)",
        "usable = known.astype(bool)",
        "tests/audit/test_decisions.py::test_supported_pupils_are_counted_apart_whatever_happened_to_them",
    ),
    Mutant(
        7,
        "youth justice becomes an input",
        "earlywarning/features/services.py",
        'TIERS = {"early_help": 1,',
        'TIERS = {"youth_justice": 4, "early_help": 1,',
        "tests/features/test_inputs.py::test_youth_justice_and_domestic_abuse_records_change_no_input",
    ),
    Mutant(
        7,
        "a feature that is off becomes an input",
        "earlywarning/features/declare.py",
        "return not self.off or bool(self.recorded)",
        "return True",
        f"{SPECS}::test_a_feature_that_is_off_is_no_input_until_a_reason_is_recorded",
    ),
    Mutant(
        7,
        "a study switches a feature on without a recorded reason",
        "earlywarning/inputs.py",
        "families = tuple(family.recording(reasons) for family in study.families)",
        "families = study.families",
        f"{POLICY}::test_a_study_cannot_switch_a_feature_on_without_the_policy",
    ),
    Mutant(
        7,
        "the policy file may make an input of ethnicity",
        "earlywarning/policy.py",
        "for protected, words in NEVER.items():",
        "for protected, words in ():",
        f"{POLICY}::test_the_file_cannot_name_what_is_never_an_input",
    ),
    Mutant(
        7,
        "a family reads SEN or youth justice as if it were nothing",
        "earlywarning/inputs.py",
        "if open_ones and re.search(sign, told):",
        "if open_ones and not told:",
        f"{POLICY}::test_a_family_of_ones_own_cannot_read_what_is_held_apart",
    ),
    Mutant(
        7,
        "an input that nobody answers for is trained on",
        "earlywarning/pipeline/training.py",
        "    refuse_unsigned(study, policy)\n",
        "",
        f"{POLICY}::test_training_refuses_before_it_reads_anything",
    ),
    Mutant(
        7,
        "the groups of pupils are there when a list is made",
        "earlywarning/dataset/roll.py",
        "    refuse_repeated(columns)\n",
        "    refuse_repeated(columns)\n    rows = rows.join(study.attributes(history, rows.reset_index()))\n",
        "tests/test_scorer.py::test_attributes_are_not_looked_at_when_a_list_is_made",
    ),
    Mutant(
        7,
        "what Fairlearn drew can be shipped",
        "earlywarning/model/bundle.py",
        "if type(self.classifier) is not RiskClassifier or",
        "if",
        "tests/model/test_bundle.py::test_what_learns_from_groups_cannot_be_put_into_a_bundle",
    ),
    Mutant(
        7,
        "thresholds of groups come with a bundle",
        "earlywarning/model/bundle.py",
        "set(body[part] if part else body) - known",
        "set()",
        "tests/model/test_bundle.py::test_thresholds_of_groups_cannot_come_with_a_bundle",
    ),
    Mutant(
        7,
        "a contact with a service is a theme of its own",
        "earlywarning/explain/contributions.py",
        "return feature.theme if feature.reason else OTHER_CONTEXT",
        "return feature.theme",
        f"{FACTS}::test_a_contact_with_a_service_is_never_a_reason",
    ),
    Mutant(
        7,
        "a contact with a service is given a sentence",
        "earlywarning/features/declare.py",
        "if self.table in CONTACTS and spoken:",
        "if self.table in () and spoken:",
        f"{FACTS}::test_a_family_that_reads_contacts_cannot_be_given_a_sentence",
    ),
    Mutant(
        7,
        "a reason of the phrasebook may speak of a contact",
        "earlywarning/explain/wording.py",
        "*([CONTACT] if reason else [])",
        "*([CONTACT] if not reason else [])",
        "tests/explain/test_wording.py::test_a_contact_is_no_reason_but_a_question_may_ask",
    ),
    Mutant(
        8,
        "a measure that is undefined is 0",
        "earlywarning/model/evaluation.py",
        "return float(part / whole) if whole > 0 else None",
        "return float(part / whole) if whole > 0 else 0.0",
        "tests/model/test_evaluation.py::test_what_is_undefined_is_none",
    ),
    Mutant(
        8,
        "a hidden number stands alone in its line",
        "earlywarning/disclosure.py",
        "        if cell is None:\n",
        "        if True:\n",
        "tests/test_disclosure.py::test_a_reader_with_pen_and_paper_cannot_tell_the_hidden_number",
    ),
    Mutant(
        8,
        "a panel's decisions are audited as if they said all of other schools",
        "earlywarning/audit/decisions.py",
        'schools=codes_of("schools", schools, attributes)',
        "schools=None",
        "tests/audit/test_decisions.py::test_schools_that_differ_make_the_interval_of_decisions_wider",
    ),
    Mutant(
        8,
        "a pupil of two meetings counts as two pupils",
        "earlywarning/pipeline/reviewing.py",
        'clusters=cohort["pupil_id"] if len(meetings) > 1 else None',
        "clusters=None",
        "tests/decisions/test_reviewing.py::test_meetings_are_pooled_and_a_pupil_of_both_counts_as_one",
    ),
    Mutant(
        8,
        "who was supported is taken of all on roll, so that a bias of the panel drowns",
        "earlywarning/audit/decision_metrics.py",
        'out_of="listed",',
        'out_of="not_listed",',
        "tests/audit/test_decisions.py::test_a_panel_that_supports_one_group_half_as_often_is_a_concern",
    ),
    Mutant(
        8,
        "a proxy that too few were looked at to see is no sign of one",
        "earlywarning/audit/proxies.py",
        "if visible > material:",
        "if visible > 1:",
        "tests/audit/test_proxies.py::test_no_sign_only_where_a_guess_that_matters_is_ruled_out",
    ),
    Mutant(
        8,
        "many rows of few pupils are taken for many pupils",
        "earlywarning/audit/compare.py",
        "return np.minimum(rows, np.bincount(pupils, minlength=groups))",
        "return rows",
        "tests/audit/test_bad_input.py::test_two_hundred_rows_of_one_pupil_tell_nothing",
    ),
    Mutant(
        8,
        "a panel that decided nothing passes",
        "earlywarning/audit/verdict.py",
        "if everyone and everyone[0]",
        "if not everyone and everyone[0]",
        "tests/audit/test_decisions.py::test_a_panel_that_decided_nothing_passes_nothing",
    ),
    Mutant(
        8,
        "the public table tells a group and the groups inside it",
        "earlywarning/audit/public.py",
        "if {fine, coarse} <= set(levels)]",
        "if {fine, coarse} < set()]",
        "tests/audit/test_public.py::test_of_nested_attributes_only_the_coarser_is_told",
    ),
    Mutant(
        8,
        "a concern of the audit does not stand in the way",
        "earlywarning/promotion.py",
        "    if case.concerns:\n",
        "    if case.concerns and case.audited_on is None:\n",
        "tests/test_promotion.py::test_each_thing_that_is_missing_is_said",
    ),
    Mutant(
        8,
        "a small group is told like any other",
        "earlywarning/audit/verdict.py",
        "if size < floor:",
        "if size < 0:",
        "tests/audit/test_fairness.py::test_small_groups_cannot_be_told_whatever_they_show",
    ),
    Mutant(
        8,
        "the recall of a group without the event is 0",
        "earlywarning/audit/compare.py",
        "shown = np.where(out_of > 0, value.to_numpy(), np.nan)",
        "shown = np.where(out_of > 0, value.to_numpy(), 0.0)",
        "tests/audit/test_fairness.py::test_no_positives_is_no_recall_although_fairlearn_says_nought",
    ),
    Mutant(
        8,
        "cannot tell counts as a pass",
        "earlywarning/audit/group_audit.py",
        '"passed": counts["no sign"],',
        '"passed": counts["no sign"] + counts["cannot tell"],',
        "tests/audit/test_judge.py::test_cannot_tell_is_never_a_pass",
    ),
    Mutant(
        8,
        "a declared comparison that cannot be made shows no sign",
        "earlywarning/audit/judge.py",
        'told.loc[absent, "verdict"] = "cannot tell"',
        'told.loc[absent, "verdict"] = "no sign"',
        "tests/audit/test_judge.py::test_cannot_tell_is_never_a_pass",
    ),
    Mutant(
        8,
        "no sign although a material gap could not have been seen",
        "earlywarning/audit/verdict.py",
        "if _size(metric, visible) <= _size(metric, material) and not large:",
        "if not large:",
        "tests/audit/test_judge.py::test_the_verdict_follows_from_gap_interval_and_what_could_be_seen",
    ),
    Mutant(
        8,
        "the narrower interval decides",
        "earlywarning/audit/compare.py",
        "return np.asarray(one[1] - one[0] > other[1] - other[0])",
        "return np.asarray(one[1] - one[0] < other[1] - other[0])",
        "tests/audit/test_resampling.py::test_the_wider_interval_decides",
    ),
    Mutant(
        8,
        "an alarm for each of many questions as if it were the only one",
        "earlywarning/audit/comparisons.py",
        "np.arange(len(p), 0, -1)",
        "np.ones(len(p))",
        "tests/audit/test_judge.py::test_asking_more_makes_a_concern_harder",
    ),
    Mutant(
        8,
        "what right scores would leave follows the list that was issued",
        "earlywarning/audit/inputs.py",
        "np.where(scored, score * self.drawn, 0.0)",
        "np.where(scored, score * self.listed, 0.0)",
        "tests/audit/test_judge.py::test_recall_is_judged_from_where_right_scores_would_leave_it",
    ),
    Mutant(
        9,
        "a calibrator that turns the ranking round wins",
        "earlywarning/model/comparison.py",
        "if slope <= 0:",
        "if slope <= -1e9:",
        "tests/model/test_comparison.py::test_a_model_whose_slope_is_not_positive_never_wins",
    ),
    Mutant(
        10,
        "a changed model is loaded all the same",
        "earlywarning/model/sealed.py",
        "if seal != sha256(json_bytes(body)):",
        "if seal == 0:",
        "tests/model/test_bundle.py::test_what_was_changed_is_refused_before_a_booster_is_built",
    ),
    Mutant(
        11,
        "the training page counts out one to four pupils",
        "earlywarning/pages/figures.py",
        "return 0 < round(pupils) < SMALL",
        "return False",
        "tests/pages/test_training.py::test_no_number_from_one_to_four_is_shown",
    ),
    Mutant(
        11,
        "a bug tells what was in the data",
        "earlywarning/cli/outcome.py",
        "earlywarning: a bug ({type(error).__name__})",
        "earlywarning: a bug ({error!r})",
        "tests/test_cli.py::test_a_bug_says_where_and_not_what",
    ),
    Mutant(
        11,
        "one key joins the panel's pages to the scores",
        "earlywarning/identity.py",
        'return _keyed(key, "row", issue_id, purpose, pupil_id)',
        'return _keyed(key, "row", issue_id, pupil_id)',
        "tests/test_identity.py::test_row_keys_join_nothing",
    ),
    Mutant(
        11,
        "a pupil of whom no list may be made is told to have left one",
        "earlywarning/watchlist/since.py",
        'if was and not row["band"] and not row["hidden"]',
        'if was and not row["band"]',
        "tests/watchlist/test_since.py::test_each_pupil_is_new_still_there_or_gone_for_a_reason",
    ),
    Mutant(
        11,
        "the briefing counts out a few pupils",
        "earlywarning/watchlist/briefing.py",
        "if count < FEWEST:",
        "if count < 1:",
        "tests/watchlist/test_briefing.py::test_a_small_count_and_none_are_told_alike",
    ),
    Mutant(
        11,
        "whoever objects today is in the training of earlier years",
        "earlywarning/studies/apart.py",
        'reasons.mask(keys.isin(then) | cohort["pupil_id"].isin(now).to_numpy(), words)',
        "reasons.mask(keys.isin(then), words)",
        "tests/studies/test_apart.py::test_each_is_set_apart_for_the_first_reason_that_holds",
    ),
    Mutant(
        12,
        "the issue is written where it will be read, file by file",
        "earlywarning/watchlist/publish.py",
        'out_dir / f".{issue.name}.unfinished"',
        "out_dir / issue.name",
        "tests/watchlist/test_publish.py::test_a_failure_at_any_step_leaves_all_or_nothing_and_a_rerun_succeeds",
    ),
    Mutant(
        13,
        "rows at fault are dropped and not counted",
        "earlywarning/tables/check.py",
        "by_position = [*self._unreadable, *self._broken, *self._repeated, *self._orphaned]",
        "by_position = [*self._unreadable, *self._repeated, *self._orphaned]",
        "tests/tables/test_check.py::test_every_row_is_used_or_set_aside_once",
    ),
    Mutant(
        13,
        "rows of the last days are not looked over for repeats",
        "earlywarning/engines/duckdb_engine.py",
        "for run in runs)",
        "for run in runs[:-1])",
        "tests/engines/test_engines.py::test_duckdb_finds_repeats_in_every_run_of_days",
    ),
    Mutant(
        13,
        "pupils who are left out are lost between roll and list",
        "earlywarning/watchlist/agree.py",
        "if len(scored) + apart != area.on_roll:",
        "if len(scored) + apart > area.on_roll:",
        "tests/watchlist/test_issue_and_cover.py::test_parts_that_contradict_each_other_are_refused",
    ),
    Mutant(
        14,
        "the answer does not say that the data are invented",
        "earlywarning/pages/training.py",
        "    if synthetic:",
        "    if False:",
        "tests/pages/test_training.py::test_on_invented_data_the_very_first_words_say_so",
    ),
    Mutant(
        14,
        "invented data does not say so",
        "earlywarning/watchlist/outputs/panel.html.jinja",
        '<p class="banner" role="note"><strong>{{ invented }}</strong></p>',
        "",
        "tests/watchlist/test_panel_files.py::test_invented_data_says_so_at_the_head_of_the_page",
    ),
)


def caught(mutant: Mutant) -> bool:
    """True when the mutant's test passes on a copy of the package, and fails once it holds the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("earlywarning", "tests", "configs", "benchmarks"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        target = copy / mutant.file
        text = target.read_text(encoding="utf-8")
        if text.count(mutant.before) != 1:
            raise SystemExit(
                f"{mutant.file}: the text to change stands {text.count(mutant.before)} times, not once"
            )
        if not passes(copy, mutant.test):
            raise SystemExit(f"law {mutant.law}, '{mutant.breaks}': {mutant.test} fails without the mutant")
        target.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
        return not passes(copy, mutant.test)


def passes(copy: Path, test: str) -> bool:
    """Whether ``test`` passes on the package in ``copy``."""
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n0",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "--hypothesis-profile=find-only",
            test,
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in (0, 1):
        raise SystemExit(f"{test} could not run\n{run.stdout[-2000:]}")
    return run.returncode == 0


def main() -> int:
    """Run the mutants and say which were caught."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=int, metavar="LAW", help="the mutants of one law")
    only = parser.parse_args().only
    survived = 0
    for mutant in MUTANTS:
        if only in (None, mutant.law):
            good = caught(mutant)
            survived += not good
            sys.stdout.write(f"{'caught  ' if good else 'SURVIVED'}  law {mutant.law}: {mutant.breaks}\n")
            sys.stdout.flush()
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
