"""Discord's markdown as the page draws it; expected trees follow Discord's own rendering."""

import pytest
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="package")

DRAW = """async (text) => {
  const { markdown } = await import("/page/markdown.js");
  const world = {
    user: (id) => (id === "1" ? { username: "ada" } : null),
    role: () => ({ name: "Traders" }),
    channel: (id) => (id === "3" ? { id, name: "alerts" } : null),
  };
  const holder = document.createElement("div");
  holder.append(markdown(text, { world }));
  return holder.innerHTML;
}"""
SET_CLOCK = "async (now) => (await import('/page/stamps.js')).setMarketNow(now)"
PARAGRAPH = '<div class="paragraph">{}</div>'


async def drawn(desk: Page, text: str) -> str:
    return str(await desk.evaluate(DRAW, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
        ("***both***", "<em><strong>both</strong></em>"),
        ("**b _i_**", "<strong>b <em>i</em></strong>"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*plain\*", "*plain*"),
        ("`a **b**`", "<code>a **b**</code>"),
        ("``a ` b``", "<code>a ` b</code>"),
        ("<@1> <@&2> <#3>", "ada Traders alerts"),
        ("<:up:123>", ":up:"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("**open", "**open"),
    ],
)
async def test_what_stands_in_a_line(desk: Page, text: str, expected: str) -> None:
    html = await drawn(desk, text)
    for name in ("ada", "Traders"):
        html = html.replace(f'<span class="mention">@{name}</span>', name)
    html = html.replace('<span class="mention">#alerts</span>', "alerts")
    assert html == PARAGRAPH.format(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title", '<div role="heading" aria-level="3" class="heading-1">Title</div>'),
        ("-# small", '<small class="subtext">small</small>'),
        ("> a\n> b", '<blockquote><div class="paragraph">a\nb</div></blockquote>'),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    ],
)
async def test_blocks(desk: Page, text: str, expected: str) -> None:
    assert await drawn(desk, text) == expected


async def test_a_code_block_keeps_its_table(desk: Page) -> None:
    html = await drawn(desk, "before\n```text\nSPY   1.0\nQQQ  **2**\n```\nafter")
    assert "<code>SPY   1.0\nQQQ  **2**</code></pre>" in html
    assert html.startswith(PARAGRAPH.format("before"))
    assert html.endswith(PARAGRAPH.format("after"))


async def test_a_link_keeps_its_address_and_drops_the_dot_after_it(desk: Page) -> None:
    html = await drawn(desk, "see https://example.com/a_b_c.")
    assert 'href="https://example.com/a_b_c"' in html
    assert html.endswith("</a>.</div>")


async def test_a_time_is_shown_with_its_moment(desk: Page) -> None:
    html = await drawn(desk, "<t:1776436860:D>")
    assert 'datetime="2026-04-17T14:41:00.000Z"' in html
    assert ">17 April 2026</time>" in html


async def test_a_relative_time_counts_from_the_market_clock(desk: Page) -> None:
    await desk.evaluate(SET_CLOCK, "2026-04-17T14:41:00Z")
    assert ">2 hours ago</time>" in await drawn(desk, "<t:1776429600:R>")


async def test_deep_nesting_ends_as_text_instead_of_an_error(desk: Page) -> None:
    assert "x" in await drawn(desk, "> " * 40 + "x")
    assert "y" in await drawn(desk, "**_" * 300 + "y" + "_**" * 300)


async def test_four_thousand_hostile_characters_are_drawn_at_once(desk: Page) -> None:
    texts = ["*" * 4096, "_~|" * 1365, "[" * 4096, "<t:" * 1365, "`" * 4095, "> - " * 1024]
    texts += ["*a" + "**b" * 1365, "_a" + "__b" * 1365, "* " * 2048, "\\" * 4096, " " * 4096]
    for text in texts:
        spent = await desk.evaluate(
            f"async (text) => {{ const start = performance.now(); await ({DRAW})(text);"
            " return performance.now() - start; }",
            text,
        )
        assert spent < 1000, text[:4]
