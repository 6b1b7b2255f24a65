"""Schools: which authority, which phase."""

from earlywarning.tables.declare import Column, Table

SCHOOLS = Table(
    name="schools",
    kind="static",
    forgiving=False,
    meaning="Schools that appear in any table.",
    key=("school_id",),
    columns=(
        Column("school_id", "string", "the school", "s0012"),
        Column("school_name", "string", "name as the panel knows it", "Alder Lane School"),
        Column("la", "string", "three-digit DfE code of the school's authority", "207", codes="la"),
        Column(
            "phase",
            "string",
            "nursery, primary, secondary, all_through, special, alternative_provision",
            "secondary",
            codes="phase",
        ),
    ),
)
