"""ssmm as an installer leaves it: a virtual environment with the script in it that people and units call."""

from __future__ import annotations

import shutil
import site
import sys
import venv
from pathlib import Path

import ssmm_core

REPOSITORY = Path(ssmm_core.__file__).parent.parent
LAUNCHER = REPOSITORY / "ssmm_core/cli/launcher.sh"
PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


def install(folder: Path) -> Path:
    """Make the environment in `folder`; the path of `ssmm` in it."""
    venv.create(folder, symlinks=True)
    (folder / PACKAGES / "ssmm.pth").write_text("\n".join([str(REPOSITORY), *site.getsitepackages()]), encoding="utf-8")
    program = folder / "bin/ssmm"
    shutil.copy(LAUNCHER, program)
    return program
