"""Headlines as an enemy would write them."""

BIDI = "\u202e\u2066\u200f"
ZALGO = "Z" + "\u0301" * 500
TITLES = (
    "<script>alert('x')</script>Profit jumps",
    "Profit <b onclick=evil()>jumps</b> &lt;img src=x onerror=alert(1)&gt;",
    "@everyone @here <@123456789> <@&42> <#7> <t:0:R> profit jumps",
    "**bold** __under__ ~~gone~~ `code` ||spoiler|| [click](https://evil.example) # head",
    f"Profit {BIDI}spmuj\u202c at the company",
    "Profit jumps \x00\x07\x1b[31m\r\n\r\n-# small print",
    "Read https://evil.example/a?b=c and discord.gg/abcdef now",
    ZALGO + " profit",
    "🚀🚀🚀",
    "Прибыль компании растёт, акции на максимуме",
    "利益が急増し株価は最高値を更新",
    "أرباح الشركة ترتفع بقوة",
    "profit jumps " * 80_000,
)
URLS = (
    "javascript:alert(1)",
    "https://user:pass@evil.example/",
    "https://ok.example/a) [x](https://evil.example",
    "http://[::1",
    "data:text/html,<script>",
    "https://ok.example/" + "a" * 5_000,
    "https://ok.example/\u202egnp",
    "ftp://ok.example/file",
    "https://localhost/admin",
)
