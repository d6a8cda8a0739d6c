"""Makes the README's two pictures of the real page, with the shipped models: `make screenshots`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.service import ROOT, Service

PICTURES = ROOT / "docs" / "images"
QUESTION = "security-group-vs-nacl"
ANSWER = ("A security group is a stateful firewall on the instance's network interface: replies to traffic it allowed "
          "come back by themselves. A network ACL filters a whole subnet and is stateful as well. Security groups "
          "can only allow. In an ACL you can also write deny rules.")
SIZE = {"width": 1080, "height": 760}


class Shipped(Service):
    """`grader serve` as a user starts it."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "grader", "serve", "--port", str(self.port), "--db", str(self.db)]


def picture(browser: Browser, url: str, scheme: str) -> Path:
    """One graded answer, photographed."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{url}#/q/{QUESTION}")
    page.fill("textarea", ANSWER)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".graded")
    page.evaluate("document.activeElement.blur()")
    path = PICTURES / f"practice-{scheme}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main() -> None:
    """Both pictures, under docs/images/."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        service = Shipped(Path(folder)).start()
        try:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for scheme in ("light", "dark"):
                path = picture(browser, service.url, scheme)
                sys.stderr.write(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB\n")
            browser.close()
        finally:
            service.stop()


if __name__ == "__main__":
    main()
