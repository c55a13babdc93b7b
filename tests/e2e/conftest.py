"""Each test runs against servers on this machine, and against every live one that the environment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reengage.app.project import Project, read_project
from reengage.store.database import Database, open_database
from tests.conftest import KEYS, hasty
from tests.e2e.book import Book
from tests.e2e.crm import Crm
from tests.e2e.espocrm import EspoCrm
from tests.e2e.loopback import KEY, EspoServer, OdooServer, serving
from tests.e2e.odoo import connect


def named(*variables: str) -> list[str]:
    """What the environment says; skips the test where it says nothing."""
    missing = [name for name in variables if not os.environ.get(name)]
    if missing:
        pytest.skip(f"no live server is named: {', '.join(missing)} not set")
    return [os.environ[name] for name in variables]


def espo_here(stack: ExitStack) -> Crm:
    return EspoCrm(stack.enter_context(serving(EspoServer())), KEY)


def odoo_19_here(stack: ExitStack) -> Crm:
    return connect(stack.enter_context(serving(OdooServer(19))), "trial", "admin", KEY)


def odoo_17_here(stack: ExitStack) -> Crm:
    return connect(stack.enter_context(serving(OdooServer(17))), "trial", "admin", KEY)


def espo_live(_: ExitStack) -> Crm:
    return EspoCrm(*named("REENGAGE_E2E_ESPO_URL", "REENGAGE_E2E_ESPO_KEY"))


def odoo_live(_: ExitStack) -> Crm:
    url, database, key = named("REENGAGE_E2E_ODOO_URL", "REENGAGE_E2E_ODOO_DB", "REENGAGE_E2E_ODOO_KEY")
    return connect(url.rstrip("/"), database, os.environ.get("REENGAGE_E2E_ODOO_LOGIN", "admin"), key)


@pytest.fixture(params=[espo_here, odoo_19_here, odoo_17_here, espo_live, odoo_live], ids=lambda make: make.__name__)
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    """A CRM, from which everything is deleted afterwards that the test has made."""
    with ExitStack() as stack:
        made: Crm = request.param(stack)
        stack.callback(made.clean_up)
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "reengage.toml").write_text('database = "sqlite:///unused.db"\n')
    return read_project(tmp_path)


@pytest.fixture
def database(new_database: Callable[[str, Path], str], tmp_path: Path) -> Iterator[Database]:
    opened = hasty(open_database(new_database("sqlite", tmp_path), KEYS))
    yield opened
    opened.close()


@pytest.fixture
def book(database: Database, project: Project, crm: Crm) -> Book:
    """Four contacts that the CRM has too, each with an open task."""
    return Book.of(database, project, crm)
