"""An invented bi-borough that writes the declared tables, with the truth beside them."""

from earlywarning.synthetic.generate import Progress, Summary, generate
from earlywarning.synthetic.switches import Switches

__all__ = ["Progress", "Summary", "Switches", "generate"]
