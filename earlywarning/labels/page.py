"""The reference page of the labels, made from their declarations."""

from importlib import import_module

from earlywarning.labels import LABELS

HEAD = """\
# Labels

What a model can be trained to expect. A study has one of its own; `label = "..."` in the configuration asks
for another, with models, runs and lists of its own (`<study>-<label>`). This page is made from the labels
in `earlywarning/labels/`; a test compares them.

Each pupil on roll on each date is in one state. What happens first in the window decides:

- **event** and **no event**: the outcome is known. Only these train.
- **competing**: moved out of mainstream by another route first, so that the outcome could not follow.
- **censored**: left the roll first, or the schools attended sent nothing for most of the window.
- **immature**: the extract was taken before everything could have been reported, 30 days after the window
  closed.

A suspension or permanent exclusion that was withdrawn or ended in reinstatement is no event, whenever that
was decided; one whose review is pending stands. All is read as known on the day of the extract.
"""


def page() -> str:
    """The text of ``docs/reference/labels.md``: each label's meaning, and what its file says of it."""
    parts = [HEAD]
    for name, label in LABELS.items():
        _, _, more = (import_module(f"earlywarning.labels.{name}").__doc__ or "").partition("\n\n")
        parts.append(f"\n## {name}\n\n{label.meaning}\n")
        parts.append(f"\n{more}" if more else "")
    return "".join(parts)
