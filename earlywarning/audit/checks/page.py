"""The reference page of the checks, made from their declarations."""

from earlywarning.audit.checks import CHECKS

HEAD = """\
# Checks

Every `earlywarning train` runs these. One that fails refuses the run (exit code 4) and nothing is registered.
*Not applicable* is a result of its own and never counts as passed. This page is made from the checks in
`earlywarning/audit/checks/`; a test compares them.

| code | fails when |
|---|---|
"""


def page() -> str:
    """The text of ``docs/reference/checks.md``."""
    index = "".join(f"| [{c.code}](#{c.code.lower()}) | {c.title} |\n" for c in CHECKS)
    parts = (
        f'\n<a id="{c.code.lower()}"></a>\n\n## {c.code}: {c.title}\n\n'
        f"**Looks for.** {c.looks_for}\n\n**Why.** {c.why}\n\n**What to do.** {c.to_do}\n"
        for c in CHECKS
    )
    return HEAD + index + "".join(parts)
