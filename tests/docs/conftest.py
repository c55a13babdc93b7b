"""The commands of the pages are called as the tests of the command line call them."""

from __future__ import annotations

from tests.cli.conftest import project, reengage, starter_project

__all__ = ["project", "reengage", "starter_project"]
