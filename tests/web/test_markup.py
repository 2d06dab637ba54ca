"""Card markdown as HTML: ours is shown, foreign text stays text."""

import pytest

from bot.web.markup import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**IWM** `</p>` \\*", "<p><strong>IWM</strong> <code>&lt;/p&gt;</code> *</p>"),
        ("-# small <b>", "<p class='small'>small &lt;b&gt;</p>"),
        ("```\nA  1\n```", "<pre>A  1</pre>"),
        ("see <#123> at <t:0:R>", '<p>see  at <time datetime="1970-01-01T00:00:00+00:00">'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ('[a"b](https://example.com/?a="b)', '<a href="https://example.com/?a=&#34;b"'),
        ("<img src=x onerror=1>", "<p>&lt;img src=x onerror=1&gt;</p>"),
    ],
)
def test_foreign_text_stays_text(text: str, html: str) -> None:
    assert html in to_html(text)
