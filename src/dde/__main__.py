"""``python -m dde`` is the command ``dde``."""

import sys

from dde_command import main

sys.exit(main())
