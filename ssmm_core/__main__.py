"""`python -m ssmm_core` is `ssmm`."""

import sys

from ssmm_core.cli.main import main

sys.exit(main())
