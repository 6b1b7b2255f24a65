"""``python -m earlywarning``: the same as the command ``earlywarning``."""

import sys

from earlywarning.cli import main

sys.exit(main())
