"""The phrasebook: every sentence a professional reads, in one file that they can review and change.

The declarations are where sentences live. A phrasebook is written from them, and an edited copy is put back
into them before anything is said: there is one place where a sentence is looked up.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path

from earlywarning.errors import WrongUsage
from earlywarning.explain.contributions import OTHER_CONTEXT
from earlywarning.explain.facts import facts_of
from earlywarning.explain.phrases import forms
from earlywarning.explain.wording import forbidden, ill_formed, wrong_fields
from earlywarning.features.declare import Family, Feature
from earlywarning.studies import STUDIES
from earlywarning.studies.declare import Study

ALWAYS = "always"
"""The question that is asked whatever the themes."""

SURROUNDINGS = {"usual": ("group", "usual"), "usual_beside": ("own", "group", "usual")}
"""The wording of a usual value, with the fields it may have."""

RATES = ("rate", "share of the year's")
"""Units said as a percentage."""

HEADER = """\
# What the panel reads. Copy this file, change what stands in quotation marks, and name it in the settings:
#     [issue]
#     phrasebook = "phrasebook.toml"
# What is left out of a copy is said as declared. `earlywarning phrasebook` wrote this from the declarations.
#
# {name:n} is a number, {name:none} a number or "none", {name:%} a share, {days_name:date} a day, and
# {name:session} a count of sessions; {name:day off|days off} where the plural is more than an "s".
# What stands in [square brackets] is left out for a pupil of whom it is not known.
# A sentence that is emptied ("") is not said. docs/reasons.md has what is never said.
"""


@dataclass(frozen=True)
class Phrasebook:
    """The wording of a study, section by section as in the file.

    ``usual`` has the wording of a usual value, ``themes`` the name of each theme as said, ``questions`` one
    by theme, ``not_visible`` a line by family, ``reasons`` a sentence by feature.
    """

    usual: Mapping[str, str]
    themes: dict[str, str]
    questions: Mapping[str, str]
    not_visible: Mapping[str, str]
    reasons: Mapping[str, str]


SECTIONS = tuple(field.name for field in fields(Phrasebook))


def declared(*studies: Study) -> Phrasebook:
    """The phrasebook as the declarations of ``studies`` have it."""
    spoken = {feature.name: feature for study in studies for _, feature in _spoken(study)}
    families = [family for study in studies for family in study.families if family.not_visible]
    words = [study.words for study in studies]
    asked = {theme: said for each in words for theme, said in each.questions.items()}
    themes = [*[feature.theme for feature in spoken.values()], *asked, *[w.school_context for w in words]]
    return Phrasebook(
        usual={name: getattr(words[0], name) for name in SURROUNDINGS},
        themes={theme: theme for theme in themes},
        questions={ALWAYS: words[0].always} | asked,
        not_visible={family.name: family.not_visible for family in families},
        reasons={name: feature.reason for name, feature in spoken.items()},
    )


def as_toml(*studies: Study) -> str:
    """The declared phrasebook of ``studies`` (those that ship, without any) as the text of a file."""
    chosen = studies or tuple(STUDIES.values())
    book = declared(*chosen)
    what = {feature.name: feature.description for study in chosen for _, feature in _spoken(study)}
    lines = [HEADER]
    for section in SECTIONS:
        lines.append(f"[{section}]")
        for key, text in getattr(book, section).items():
            lines += [f"# {what[key]}"] if section == "reasons" else []
            lines.append(f"{_key(key)} = {json.dumps(text, ensure_ascii=False)}")
        lines.append("")
    return "\n".join(lines)


def worded(study: Study, path: Path | None) -> Study:
    """``study`` with the wording of the phrasebook in ``path``, or as it is without one.

    Give it the study with all its families: a phrasebook is checked as a whole.

    Raises:
        WrongUsage: the file cannot be read, names what is not known, or breaks a rule of wording; every
            fault is told with its key, the rule and what is allowed.
    """
    if path is None:
        return study
    given = _read(path)
    shipped = [one for one in STUDIES.values() if one.name != study.name]
    whole = declared(study, *shipped)
    if faults := [
        *_unknown(given, whole),
        *problems(given, (study, *shipped)),
        *_said_alike(whole.themes | given.get("themes", {})),
    ]:
        shown = "\n".join(f"  {fault}" for fault in faults[:20])
        more = f"\n  and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise WrongUsage(f"phrasebook '{path.name}' cannot be used:\n{shown}{more}")
    return _changed(study, given, whole)


def problems(given: Mapping[str, Mapping[str, str]], studies: Iterable[Study]) -> Iterator[str]:
    """Each fault in the wording of a phrasebook's sections: the key, the rule, and what is allowed."""
    chosen = tuple(studies)
    for section, texts in given.items():
        for key, text in texts.items():
            if not text and section == "reasons":
                continue
            where = f"[{section}] {key}:"
            faults = list(ill_formed(text)) if text else ["a text is needed"]
            yield from (
                f"{where} {fault}" for fault in (*faults, *forbidden(text, reason=section == "reasons"))
            )
            if not faults:
                yield from (f"{where} {fault}" for fault in _fields(section, key, text, chosen))


def _said_alike(themes: Mapping[str, str]) -> Iterator[str]:
    """Sums are by theme: two that are said alike, or as what is never said, would run together."""
    said = [OTHER_CONTEXT, *[text.casefold() for text in themes.values()]]
    for key, text in themes.items():
        if said.count(text.casefold()) > 1:
            yield f"[themes] {key}: '{text}' is said of something else; give each theme a name of its own"


def _fields(section: str, key: str, text: str, studies: tuple[Study, ...]) -> Iterator[str]:
    if section != "reasons":
        allowed = SURROUNDINGS.get(key, ()) if section == "usual" else ()
        if "[" in text:
            yield "square brackets are for [reasons]"
        for name, form in forms(text):
            if name not in allowed or form:
                told = ", ".join(f"{{{one}}}" for one in allowed) or "none"
                yield f"field '{name}' is not known; allowed here: {told}"
        return
    if not forms(text.partition("[")[0]):
        yield "a fact of the pupil's own is needed before any square bracket"
    found = {
        fault: None
        for study in studies
        for family, feature in _spoken(study)
        if feature.name == key
        for fault in _unfillable(text, family, study)
    }
    yield from found


def _unfillable(text: str, family: Family, study: Study) -> Iterator[str]:
    known = sorted(facts_of(family, study.tables))
    rates = [feature.name for feature in family.features if feature.unit in RATES]
    for name, why in wrong_fields(text, known, rates):
        near = get_close_matches(name, known, n=1) if name not in known else []
        yield f"field '{name}' {why}{f'. Did you mean {near[0]!r}?' if near else ''}"


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WrongUsage(
            f"phrasebook '{path.name}' does not exist; `earlywarning phrasebook` writes one to begin with"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUsage(f"phrasebook '{path.name}' is not valid TOML: {error}") from None
    for section, texts in given.items():
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise WrongUsage(
                f"phrasebook '{path.name}': [{section}] holds more than texts; write each as key = \"text\". "
                f"Sections are {', '.join(SECTIONS)}."
            )
    return given


def _unknown(given: Mapping[str, Mapping[str, str]], whole: Phrasebook) -> Iterator[str]:
    for section, texts in given.items():
        if section not in SECTIONS:
            yield f"[{section}] is no section.{_hint(section, SECTIONS)} Sections are {', '.join(SECTIONS)}"
            continue
        known = getattr(whole, section)
        for key in texts:
            if key not in known:
                what = "no feature that has a sentence" if section == "reasons" else "not known"
                yield f"[{section}] {key}: is {what}.{_hint(key, known)}"


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def _changed(study: Study, given: Mapping[str, Mapping[str, str]], whole: Phrasebook) -> Study:
    book = {section: {**getattr(whole, section), **given.get(section, {})} for section in SECTIONS}
    themes, questions = book["themes"], book["questions"]

    def feature_of(feature: Feature) -> Feature:
        said = given.get("reasons", {}).get(feature.name, feature.reason)
        return replace(feature, reason=said, theme=themes.get(feature.theme, feature.theme))

    def family_of(family: Family) -> Family:
        line = given.get("not_visible", {}).get(family.name, family.not_visible)
        return replace(family, not_visible=line, features=tuple(map(feature_of, family.features)))

    words = replace(
        study.words,
        **book["usual"],
        always=questions[ALWAYS],
        questions={themes[theme]: questions[theme] for theme in study.words.questions},
        school_context=themes[study.words.school_context],
    )
    return replace(study, families=tuple(map(family_of, study.families)), words=words)


def _spoken(study: Study) -> Iterator[tuple[Family, Feature]]:
    """Every feature that has a sentence, in the order of the declarations."""
    return ((family, feature) for family in study.families for feature in family.features if feature.reason)


def _key(name: str) -> str:
    return (
        name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name, ensure_ascii=False)
    )
