"""A headless Chromium that opens pages from disk; without it these tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
    "disable-background-networking", "disable-component-update", "disable-dev-shm-usage",
)  # fmt: skip
DESKTOP, PHONE = (1280, 900), (390, 844)

Show = Callable[..., "Chrome"]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    if not CHROMIUM or not DRIVER:
        pytest.skip("needs chromium and chromedriver (apt-get install chromium chromium-driver)")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield found
    found.quit()


@pytest.fixture
def show(chromium: Chrome, tmp_path: Path) -> Iterator[Show]:
    """Opens a page, at a size and in a theme; in the end nothing may stand on the console."""

    def shown(page: str, size: tuple[int, int] = DESKTOP, theme: str = "light") -> Chrome:
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        prefers: Any = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", prefers)
        chromium.get(path.as_uri())
        return chromium

    yield shown
    assert chromium.get_log("browser") == []
