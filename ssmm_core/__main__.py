"""`python -m ssmm_core` is `ssmm`."""

from ssmm_core.cli.main import run

run()
