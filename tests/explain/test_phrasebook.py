"""The phrasebook: written from the declarations, put back into them, and checked before anything is said."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from earlywarning import config
from earlywarning.cli import main
from earlywarning.errors import WrongUsage
from earlywarning.explain.contributions import OTHER_CONTEXT, theme_of
from earlywarning.explain.phrasebook import as_toml, declared, worded
from earlywarning.pipeline.opening import asked
from earlywarning.studies import STUDIES

STUDY = STUDIES["secondary"]
ABSENCE = "attendance_absence_rate_1ht"


def copy(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_written_from_the_declarations() -> None:
    held = config.shipped("phrasebook.toml").read_text(encoding="utf-8")
    assert held == as_toml(), "run: earlywarning phrasebook > configs/phrasebook.toml"


def test_the_file_reads_back_as_the_declarations() -> None:
    assert tomllib.loads(as_toml()) == vars(declared(*STUDIES.values()))


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_a_copy_in_which_nothing_is_changed_changes_nothing(tmp_path: Path, study: object) -> None:
    same = worded(study, copy(tmp_path, as_toml()))
    assert same.words == study.words
    for ours, theirs in zip(same.families, study.families, strict=True):
        assert [vars(f) for f in ours.features] == [vars(f) for f in theirs.features]
        assert ours.not_visible == theirs.not_visible
    assert worded(study, None) is study


def test_what_is_changed_is_changed_wherever_it_is_said(tmp_path: Path) -> None:
    changed = worded(
        STUDY,
        copy(
            tmp_path,
            f"""
[usual]
usual = "In {{group}} it is commonly {{usual}}."
[themes]
attendance = "being in school"
"school context" = "the school"
[questions]
attendance = "Which days are hard?"
always = "What goes well?"
[not_visible]
attendance = "No registers were received."
[reasons]
{ABSENCE} = "{{absent_1ht:session|sessions}} missed."
attendance_late_rate_1t = ""
""",
        ),
    )
    family = changed.families[0]
    said = {feature.name: feature for feature in family.features}
    assert family.not_visible == "No registers were received."
    assert said[ABSENCE].reason == "{absent_1ht:session|sessions} missed."
    assert said[ABSENCE].theme == "being in school"
    assert theme_of(said["attendance_late_rate_1t"]) == OTHER_CONTEXT
    assert changed.words.questions["being in school"] == "Which days are hard?"
    assert changed.words.always == "What goes well?"
    assert changed.words.usual == "In {group} it is commonly {usual}."
    assert changed.words.school_context == "the school"
    untouched = {family.name: family for family in changed.families}["suspensions"]
    assert [f.reason for f in untouched.features] == [
        f.reason for f in {family.name: family for family in STUDY.families}["suspensions"].features
    ]
    assert all(
        one.value is other.value
        for one, other in zip(family.features, STUDY.families[0].features, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[reason]\nx = 'y'", "Did you mean 'reasons'"),
        ("[reasons]\nattendance_absence_rate_1h = 'x'", f"Did you mean '{ABSENCE}'"),
        (
            "[reasons]\nservices_tier_level_open = 'Tier {tier_open:n}.'",
            "is no feature that has a sentence",
        ),
        (f"[reasons]\n{ABSENCE} = '{{absent_1h:n}}.'", "Did you mean 'absent_1ht'"),
        (f"[reasons]\n{ABSENCE} = '{{negative_1ht:n}}.'", "'negative_1ht' is not known"),
        (f"[reasons]\n{ABSENCE} = '{{absent_1ht:%}}.'", "no rate"),
        (f"[reasons]\n{ABSENCE} = 'Often absent[; {{absent_1ht:n}}].'", "fact of the pupil's own"),
        (f"[reasons]\n{ABSENCE} = 'Suspended because of {{absent_1ht:n}}.'", "speaks of a cause"),
        (f"[reasons]\n{ABSENCE} = '{{absent_1ht:n}} with a social worker.'", "never as reasons"),
        ("[themes]\nattendance = 'Suspensions'", "a name of its own"),
        ("[themes]\nattendance = 'other context'", "a name of its own"),
        ("[themes]\nattendance = ''", "a text is needed"),
        ("[questions]\nattendance = 'Absent {absent_1ht:n}?'", "allowed here: none"),
        ("[questions]\nattendance = 'Which [days]?'", "for [reasons]"),
        ("[usual]\nusual = '{median}'", "allowed here: {group}, {usual}"),
        ("[not_visible]\nattendanc = 'Nothing.'", "Did you mean 'attendance'"),
        ("[reasons]\nx = 3", "holds more than texts"),
        ("reasons = 'x'", "holds more than texts"),
        ("[reasons", "not valid TOML"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_key_and_what_is_allowed(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(WrongUsage, match=r"phrasebook 'ours\.toml'") as refused:
        worded(STUDY, copy(tmp_path, text))
    assert told in str(refused.value)
    assert refused.value.exit_code == 2


def test_every_fault_is_told_at_once_and_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as refused:
        worded(STUDY, copy(tmp_path, "[themes]\nattendance = ''\n[questions]\nalways = 'You must.'"))
    assert "[themes] attendance" in str(refused.value) and "[questions] always" in str(refused.value)
    with pytest.raises(WrongUsage, match="earlywarning phrasebook"):
        worded(STUDY, tmp_path / "none.toml")


def test_a_study_of_ones_own_has_a_phrasebook_of_its_own(tmp_path: Path) -> None:
    family = replace(
        STUDY.families[0],
        features=tuple(
            replace(f, name=f.name.replace("attendance", "ours")) for f in STUDY.families[0].features
        ),
        name="ours",
    )
    study = replace(STUDY, name="ours", families=(family,))
    assert "ours_absence_rate_1ht" in as_toml(study) and "behaviour_" not in as_toml(study)
    changed = worded(
        study, copy(tmp_path, "[reasons]\nours_absence_rate_1ht = '{absent_1ht:session} missed.'")
    )
    assert changed.families[0].features[0].reason == "{absent_1ht:session} missed."


def test_the_command_writes_prints_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "ours.toml"
    assert main(["phrasebook"]) == 0
    printed = capsys.readouterr().out
    assert main(["phrasebook", "--out", str(written)]) == 0
    assert printed == as_toml() == written.read_text(encoding="utf-8")
    assert main(["phrasebook", "--check", str(written)]) == 0
    assert main(["phrasebook", "--out", str(written)]) == 2, "an edited copy is never written over"
    written.write_text("[questions]\nalways = 'You must.'", encoding="utf-8")
    assert main(["phrasebook", "--check", str(written)]) == 2
    assert "[questions] always" in capsys.readouterr().err


def test_a_run_speaks_in_the_words_of_the_copy_and_refuses_a_faulty_one(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[issue]\nphrasebook = "ours.toml"\n', encoding="utf-8")
    copy(tmp_path, f"[reasons]\n{ABSENCE} = '{{absent_1ht:session}} missed.'")
    study, _ = asked(None, config.load(settings))
    assert study.families[0].features[0].reason == "{absent_1ht:session} missed."
    assert study.family_names == ("attendance", "behaviour", "suspensions")
    assert asked(STUDY, config.load(settings))[0].families[0] == study.families[0]
    copy(tmp_path, "[reasons]\nattendance_absence = ''")
    with pytest.raises(WrongUsage, match="ours"):
        asked(None, config.load(settings))


def test_the_settings_name_the_copy_beside_them(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[issue]\nphrasebook = "ours.toml"\n', encoding="utf-8")
    assert Path(config.load(settings).issue.phrasebook) == tmp_path / "ours.toml"
    assert config.load().issue.phrasebook == ""
