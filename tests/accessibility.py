"""axe-core on a page: labels, names, roles, contrast, order of headings."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


async def violations(page: Page) -> list[str]:
    """What axe-core finds, a line for each element."""
    found = await Axe().run(page, options=RULES)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
