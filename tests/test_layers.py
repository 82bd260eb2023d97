"""The import contracts of pyproject.toml: the house is read top to bottom."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_no_import_goes_up():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    checked = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
