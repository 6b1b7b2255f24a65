"""What the sources hold: every table declared once, listed here by name.

To add a table, write one file and one line in :data:`TABLES`.
"""

from types import MappingProxyType

from earlywarning.tables.attendance import ATTENDANCE
from earlywarning.tables.behaviour import BEHAVIOUR
from earlywarning.tables.coverage import COVERAGE
from earlywarning.tables.declare import Column, Table
from earlywarning.tables.enrolments import ENROLMENTS
from earlywarning.tables.identity import IDENTITY
from earlywarning.tables.ks2 import KS2
from earlywarning.tables.placements import PLACEMENTS
from earlywarning.tables.pupils import PUPILS
from earlywarning.tables.residence import RESIDENCE
from earlywarning.tables.restrictions import RESTRICTIONS
from earlywarning.tables.schools import SCHOOLS
from earlywarning.tables.sen import SEN
from earlywarning.tables.services import SERVICES
from earlywarning.tables.supports import SUPPORTS
from earlywarning.tables.suspensions import SUSPENSIONS
from earlywarning.tables.terms import TERMS
from earlywarning.tables.transition import TRANSITION

TABLES = MappingProxyType(
    {
        table.name: table
        for table in (
            PUPILS,
            ENROLMENTS,
            RESIDENCE,
            SEN,
            ATTENDANCE,
            BEHAVIOUR,
            SUSPENSIONS,
            KS2,
            TRANSITION,
            SERVICES,
            PLACEMENTS,
            SUPPORTS,
            RESTRICTIONS,
            SCHOOLS,
            COVERAGE,
            TERMS,
        )
    }
)

__all__ = ["IDENTITY", "TABLES", "Column", "Table"]
