"""``python -m dde`` is the command ``dde``."""

import sys

from dde.command import main

sys.exit(main())
