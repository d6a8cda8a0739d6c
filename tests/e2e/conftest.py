"""A real Chromium before the real service. Skipped where there is none, except in CI, which installs it."""

import os
import shutil

import pytest

from tests.e2e.service import Service

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = int(os.environ.get("E2E_PATIENCE", "60")) * 1000  # ms that a step may take on a busy machine


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """One service for all tests: every browser context is a learner of its own."""
    running = Service(tmp_path_factory.mktemp("service")).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI must not pass without it")
        pytest.skip("Chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    """Opens a browser of its own at an address; faults on the page's console fail the test."""
    contexts, faults = [], []

    def opening(url, *, viewport=(1280, 900), script=None, **options):
        width, height = viewport
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
        page.on("dialog", lambda dialog: faults.append(f"a script opened a dialog: {dialog.message}"))
        page.goto(url)
        page.wait_for_selector("main[aria-busy=false]")
        return page

    yield opening
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(said):
    # A service that is down, on purpose, also shows here; the page's own words about it are what is tested.
    return said.type in ("error", "warning") and "Failed to load resource" not in said.text and "net::" not in said.text
