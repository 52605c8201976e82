#include "catalog/model/rich_text.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fuzz/rich_text_checker.hpp"

namespace doorbuster::catalog {
namespace {

using test::RichTextChecker;

std::string repeat(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

struct Case {
    std::string_view name;
    std::string_view in;
    std::string_view out;
};

// One class of attack or damage a line; `out` is the whole answer.
constexpr Case kCases[]{
    // What must survive.
    {"text", "a & b < c", "a &amp; b &lt; c"},
    {"formatting",
     "<p><b>a</b><strong>b</strong><i>c</i><em>d</em><u>e</u><s>f</s></p>",
     "<p><b>a</b><strong>b</strong><i>c</i><em>d</em><u>e</u><s>f</s></p>"},
    {"lists",
     "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>",
     "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"},
    {"headings", "<h1>a</h1><h6>b</h6>", "<h1>a</h1><h6>b</h6>"},
    {"table",
     "<table><tr><td colspan=2 rowspan='3'>a<th>b</table>",
     "<table><tbody><tr><td colspan=\"2\" rowspan=\"3\">a</td><th>b</th></tr></tbody></table>"},
    {"figure",
     "<figure><img src=/m/a.png alt='A \"b\"' width=10 height=20><figcaption>c</figure>",
     "<figure><img src=\"/m/a.png\" alt=\"A &quot;b&quot;\" width=\"10\" height=\"20\">"
     "<figcaption>c</figcaption></figure>"},
    {"link",
     "<a href=\"https://e.com/?a=1&amp;b=2#c\" title=t target=_blank rel=opener>x</a>",
     "<a href=\"https://e.com/?a=1&amp;b=2#c\" title=\"t\" "
     "rel=\"nofollow noopener noreferrer\">x</a>"},
    {"pre keeps its line breaks", "<pre>\n\n a\n  b</pre>", "<pre>\n\n a\n  b</pre>"},
    {"chinese", "<p>纯棉 · 四件套</p>", "<p>纯棉 · 四件套</p>"},
    {"relative addresses",
     "<img src=\"../a b.png\"><img src=\"?x:y\"><img src=\"//cdn.cn/a.png\">",
     "<img src=\"../a b.png\"><img src=\"?x:y\"><img src=\"//cdn.cn/a.png\">"},
    // What is repaired.
    {"old html", "<p>a<p>b<ul><li>c<li>d</ul>", "<p>a</p><p>b</p><ul><li>c</li><li>d</li></ul>"},
    {"misnested", "<b><i>a</b></i>", "<b><i>a</i></b>"},
    {"unclosed", "<div><b>a", "<div><b>a</b></div>"},
    {"stray ends", "</div>a</p></b>", "a"},
    {"stray end in a cell",
     "<table><tr><td></table>",
     "<table><tbody><tr><td></td></tr></tbody></table>"},
    {"text in a table",
     "<table>a<tr><td>b</table>",
     "a<table><tbody><tr><td>b</td></tr></tbody></table>"},
    {"cell without a table", "<td>a</td>", "a"},
    {"sections", "<section><article>a</article></section>", "<div><div>a</div></div>"},
    {"unknown elements", "<blink>a<font color=red>b</font></blink>", "ab"},
    {"a picture without an address", "<img alt=x>a", "a"},
    {"style and class", "<p class=x style='color:red' id=y data-z=1 dir=rtl>a</p>", "<p>a</p>"},
    {"silly sizes", "<img src=a width=100% height=-1>", "<img src=\"a\">"},
    {"huge spans",
     "<table><td colspan=99999999999>a</table>",
     "<table><tbody><tr><td>a</td></tr></tbody></table>"},
    {"nul bytes", std::string_view{"a\0b<\0b>c", 8}, "ab&lt;b&gt;c"},
    {"invalid utf-8",
     "a\xff"
     "b\xc3",
     "a\uFFFD"
     "b\uFFFD"},
    // Scripts.
    {"script", "<script>alert(1)</script>a", "a"},
    {"script in capitals", "<SCRIPT SRC=//e.com/x.js></SCRIPT >a", "a"},
    {"script with slash", "<script/x>alert(1)</script/y>a", "a"},
    {"script unclosed", "a<script>alert(1)", "a"},
    {"script without an end", "a<script src=//e.com/x.js", "a"},
    {"script in a script", "<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;"},
    {"script with a comment", "<script><!--<script></script>-->a", "--&gt;a"},
    {"angle pile", "<<script>alert(1);//<</script>a", "&lt;a"},
    {"script in title", "<title><script>alert(1)</script></title>a", "a"},
    {"noscript breakout",
     "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
     "<img src=\"x\">\"&gt;"},
    {"textarea breakout",
     "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
     "<img src=\"x\">\"&gt;"},
    {"style breakout",
     "<style><a title=\"</style><img src=x onerror=alert(1)>\">",
     "<img src=\"x\">\"&gt;"},
    {"xmp", "<xmp><script>alert(1)</script></xmp>a", "a"},
    {"plaintext", "a<plaintext><script>alert(1)</script>", "a"},
    {"comment", "a<!-- <script>alert(1)</script> -->b", "ab"},
    {"conditional comment", "a<!--[if gte IE 4]><script>alert(1)</script><![endif]-->b", "ab"},
    {"short comment", "<!--><script>alert(1)</script>-->a", "--&gt;a"},
    {"comment bang end", "<!-- --!><img src=x onerror=alert(1)>-->", "<img src=\"x\">--&gt;"},
    {"unclosed comment", "a<!-- <b>c", "a"},
    {"bogus comment", "<!x><?php <script> ?>a</ x>b", " ?&gt;ab"},
    {"cdata", "<![CDATA[<script>alert(1)</script>]]>a", "alert(1)]]&gt;a"},
    {"doctype", "<!doctype html><html><head><title>t</title></head><body onload=alert(1)>a", "a"},
    // Event handlers.
    {"onerror", "<img src=x onerror=alert(1)>", "<img src=\"x\">"},
    {"onerror in capitals", "<IMG SRC=x ONERROR=alert(1)>", "<img src=\"x\">"},
    {"slashes for spaces", "<img/src=x/onerror=alert(1)>", "<img src=\"x/onerror=alert(1)\">"},
    {"onmouseover", "<p onmouseover=\"alert(1)\">a</p>", "<p>a</p>"},
    {"handler after a quote", "<img src=\"x\"onerror=\"alert(1)\">", "<img src=\"x\">"},
    {"handler after nul",
     std::string_view{"<img src=x \0onerror=alert(1)>", 29},
     "<img src=\"x\">"},
    {"form feed", "<img\fsrc=x\fonerror=alert(1)>", "<img src=\"x\">"},
    {"quote in attribute",
     "<img src='x\" onerror=\"alert(1)'>",
     "<img src=\"x&quot; onerror=&quot;alert(1)\">"},
    {"entity quote",
     "<img src=\"x&quot; onerror=&quot;alert(1)\">",
     "<img src=\"x&quot; onerror=&quot;alert(1)\">"},
    {"backtick", "<img src=`x` onerror=`alert(1)`>", "<img src=\"`x`\">"},
    {"doubled attribute", "<img src=a src=javascript:alert(1)>", "<img src=\"a\">"},
    {"equals in name",
     "<a =\"x\" href=/ok>a</a>",
     "<a href=\"/ok\" rel=\"nofollow noopener noreferrer\">a</a>"},
    {"marquee", "<marquee onstart=alert(1)>a</marquee>", "a"},
    {"details", "<details open ontoggle=alert(1)>a</details>", "<div>a</div>"},
    {"input", "<input autofocus onfocus=alert(1)>a", "a"},
    {"video", "<video><source onerror=alert(1)></video>a", "a"},
    {"button", "<button formaction=javascript:alert(1)>a</button>", "a"},
    {"form", "<form action=javascript:alert(1)><p>a</p></form>", "<div><p>a</p></div>"},
    // Addresses.
    {"javascript", "<a href=javascript:alert(1)>a</a>", "a"},
    {"javascript in capitals", "<a href=JaVaScRiPt:alert(1)>a</a>", "a"},
    {"leading space", "<a href=\" \x01 javascript:alert(1)\">a</a>", "a"},
    {"tab inside", "<a href=\"java\tscript:alert(1)\">a</a>", "a"},
    {"line break inside", "<a href=\"java\nscript:alert(1)\">a</a>", "a"},
    {"entity tab", "<a href=\"java&#x09;script:alert(1)\">a</a>", "a"},
    {"entity newline", "<a href=\"java&NewLine;script:alert(1)\">a</a>", "a"},
    {"entity colon", "<a href=\"javascript&colon;alert(1)\">a</a>", "a"},
    {"decimal entities", "<a href=\"&#106;&#97;&#118;&#97;script:alert(1)\">a</a>", "a"},
    {"entities without semicolons", "<a href=\"&#0000106avascript&#58alert(1)\">a</a>", "a"},
    {"hex entities", "<a href=\"&#x6A;&#X61vascript:alert(1)\">a</a>", "a"},
    {"nul inside", std::string_view{"<a href=\"java\0script:alert(1)\">a</a>", 36}, "a"},
    {"soft hyphen before", "<a href=\"\u00ADjavascript:alert(1)\">a</a>", "a"},
    {"no-break space before", "<a href=\"\u00A0javascript:alert(1)\">a</a>", "a"},
    {"byte order mark before", "<a href=\"\uFEFFjavascript:alert(1)\">a</a>", "a"},
    {"full-width colon",
     "<a href=\"javascript\uFF1Aalert(1)\">a</a>",
     "<a href=\"javascript\uFF1Aalert(1)\" rel=\"nofollow noopener noreferrer\">a</a>"},
    {"view-source", "<a href=view-source:http://e.com>a</a>", "a"},
    {"vbscript", "<a href=vbscript:msgbox(1)>a</a>", "a"},
    {"data html", "<a href=\"data:text/html,<script>alert(1)</script>\">a</a>", "a"},
    {"data image", "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">a", "a"},
    {"file", "<img src=file:///etc/passwd>a", "a"},
    {"blob", "<img src=blob:https://e.com/1>a", "a"},
    {"mailto", "<a href=mailto:a@b.cn>a</a>", "a"},
    {"one slash", "<a href=http:/e.com>a</a>", "a"},
    {"dynsrc and lowsrc",
     "<img src=a dynsrc=javascript:alert(1) lowsrc=javascript:alert(1)>",
     "<img src=\"a\">"},
    {"srcset", "<img src=a srcset='javascript:alert(1) 1x'>", "<img src=\"a\">"},
    {"background",
     "<table background=javascript:alert(1)><tr><td background=x>a</table>",
     "<table><tbody><tr><td>a</td></tr></tbody></table>"},
    {"base",
     "<base href=javascript:alert(1)//><a href=x>a</a>",
     "<a href=\"x\" rel=\"nofollow noopener noreferrer\">a</a>"},
    {"link and meta",
     "<link rel=stylesheet href=x><meta http-equiv=refresh content=0;url=x>a",
     "a"},
    {"link in a link",
     "<a href=/a>x<a href=/b>y</a>z</a>",
     "<a href=\"/a\" rel=\"nofollow noopener noreferrer\">x</a>"
     "<a href=\"/b\" rel=\"nofollow noopener noreferrer\">y</a>z"},
    // Styles.
    {"style element", "<style>@import 'x'; p{background:url(javascript:alert(1))}</style>a", "a"},
    {"style attribute",
     "<div style=\"width:expression(alert(1));-moz-binding:url(x)\">a</div>",
     "<div>a</div>"},
    // Foreign and embedded content.
    {"svg onload", "<svg onload=alert(1)>", ""},
    {"svg script", "<svg><script>alert(1)</script></svg>a", "a"},
    {"svg script by entities", "<svg><script>&#97;lert(1)</script></svg>a", "a"},
    {"svg in svg", "<svg><svg/><svg></svg><p>x</p></svg>a", "a"},
    {"svg use", "<svg><use href=\"data:image/svg+xml,x\"/></svg>a", "a"},
    {"svg animate",
     "<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>a",
     "a"},
    {"svg style mutation", "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">", ""},
    {"math",
     "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
     "onerror=alert(1)&gt;\">",
     ""},
    {"math href", "<math><a xlink:href=javascript:alert(1)>x</a></math>a", "a"},
    {"math and form",
     "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
     "<div></div>"},
    {"foreign object",
     "<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>a",
     "a"},
    {"iframe", "<iframe src=javascript:alert(1)>x</iframe>a", "a"},
    {"iframe srcdoc", "<iframe srcdoc='<script>alert(1)</script>'></iframe>a", "a"},
    {"object", "<object data=javascript:alert(1)>x<p>y</p></object>a", "a"},
    {"embed", "<embed src=javascript:alert(1)>a", "a"},
    {"applet", "<applet code=x>y</applet>a", "a"},
    {"frameset", "<frameset><frame src=javascript:alert(1)></frameset>a", "a"},
    {"template", "<template><script>alert(1)</script></template>a", "a"},
    {"select", "<select><option><style></select><img src=x onerror=alert(1)></style>a", ""},
    {"namespaced",
     "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
     "alert(1)"},
    {"custom element", "<x-a onclick=alert(1) is=x>a</x-a>", "a"},
    {"xml", "<?xml version=1?><xml><i>a</i></xml>", "<i>a</i>"},
    // Double decoding.
    {"escaped stays escaped",
     "&lt;script&gt;alert(1)&lt;/script&gt;",
     "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"twice escaped", "&amp;lt;script&amp;gt;", "&amp;lt;script&amp;gt;"},
    {"utf-7", "+ADw-script+AD4-alert(1)", "+ADw-script+AD4-alert(1)"},
    {"full-width brackets", "\uFF1Cscript\uFF1E", "\uFF1Cscript\uFF1E"},
    {"template braces",
     "{{constructor.constructor('alert(1)')()}}",
     "{{constructor.constructor('alert(1)')()}}"},
    {"sql", "'; DROP TABLE products; --", "'; DROP TABLE products; --"},
};

TEST(RichText, meets_every_case_of_the_table) {
    for (const Case& each : kCases) {
        SCOPED_TRACE(each.name);
        const std::string out = sanitize_rich_text(each.in);
        EXPECT_EQ(out, each.out);
        EXPECT_EQ(RichTextChecker::complaint(out), "");
        EXPECT_EQ(sanitize_rich_text(out), out);
    }
}

TEST(RichText, the_checker_finds_what_must_not_pass) {
    for (const std::string_view bad :
         {"<script>x</script>",
          "<p onclick=\"x\">a</p>",
          "<b>",
          "</b>",
          "<img src=\"data:x\">",
          "<a href=\"java&amp;script:x\">a</a>",
          "a > b",
          "&nbsp;",
          "<p><b></p></b>",
          "<p class=\"a\"></p>"}) {
        EXPECT_NE(RichTextChecker::complaint(bad), "") << bad;
    }
}

// Random cuts, doublings and joins of the table's inputs: the classes in all their combinations.
TEST(RichText, stays_harmless_and_fixed_under_mutation) {
    constexpr std::uint64_t kSeed = 20261123;
    std::mt19937_64 random{kSeed};
    const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
    for (int round = 0; round < 4000; ++round) {
        std::string input;
        for (std::size_t parts = 1 + pick(5); parts > 0; --parts) {
            const std::string_view part = kCases[pick(std::size(kCases))].in;
            const std::size_t from = pick(part.size() + 1);
            input += pick(3) == 0 ? part : part.substr(from, pick(part.size() + 1));
        }
        for (std::size_t edits = pick(4); edits > 0 && !input.empty(); --edits) {
            constexpr std::string_view kBytes{"<>/\"'=&;!-\0\t\n\r pbai\xff", 21};
            input[pick(input.size())] = kBytes[pick(kBytes.size())];
        }
        const std::string out = sanitize_rich_text(input);
        ASSERT_EQ(RichTextChecker::complaint(out), "") << "round " << round << ": " << input;
        ASSERT_EQ(sanitize_rich_text(out), out) << "round " << round << ": " << input;
    }
}

TEST(RichText, survives_hostile_nesting) {
    const std::string open = repeat("<div>", 100'000);
    const std::string out = sanitize_rich_text(open + "x" + repeat("</div>", 2'000));
    EXPECT_EQ(out, repeat("<div>", 100) + "x" + repeat("</div>", 100));
    for (const std::string_view unit :
         {"<b><p>",
          "<table><tr><td>",
          "<a href=x><b><i>",
          "<ul><li>",
          "<p><b><i><u><s><code>x",
          "<font><b id=x>",
          "</p>",
          "<table>",
          "<td>",
          "<svg>",
          "<svg/>",
          "<!--",
          "<<",
          "<pre>\n",
          "<blockquote><h1>",
          "<x a='",
          "<li>",
          "<select><b>",
          "<b></i>"}) {
        SCOPED_TRACE(unit);
        const std::string hostile =
            sanitize_rich_text(repeat(unit, kRichTextBytesMax / unit.size()));
        EXPECT_EQ(RichTextChecker::complaint(hostile), "");
        EXPECT_LE(hostile.size(), kRichTextBytesMax);
    }
}

TEST(RichText, keeps_a_tag_closed_far_out_from_closing_what_was_kept) {
    const std::string deep = repeat("<div>", 120) + "a" + repeat("</div>", 120) + "<p>b</p>";
    EXPECT_EQ(
        sanitize_rich_text(deep), repeat("<div>", 100) + "a" + repeat("</div>", 100) + "<p>b</p>"
    );
}

TEST(RichText, is_cut_at_its_limit_between_characters) {
    const std::string out = sanitize_rich_text(repeat("货", kRichTextBytesMax / 3 + 10));
    EXPECT_EQ(out, repeat("货", kRichTextBytesMax / 3));
}

TEST(RichText, becomes_plain_text_when_escaping_would_pass_the_limit) {
    const std::string out = sanitize_rich_text("<b>x</b>" + repeat("&", kRichTextBytesMax - 10));
    EXPECT_LE(out.size(), kRichTextBytesMax);
    EXPECT_EQ(RichTextChecker::complaint(out), "");
    EXPECT_EQ(sanitize_rich_text(out), out);
    EXPECT_EQ(out.substr(0, 11), "x&amp;&amp;");
}

TEST(RichText, of_a_thousand_open_paragraphs_keeps_them_all) {
    const std::string out = sanitize_rich_text(repeat("<p>a", 1000));
    EXPECT_EQ(out, repeat("<p>a</p>", 1000));
}

TEST(PlainText, has_no_markup_and_single_spaces) {
    EXPECT_EQ(text_of("<p>纯棉</p><p>四件套</p>"), "纯棉 四件套");
    EXPECT_EQ(text_of("a<b>b</b>c<br>d &amp; e&nbsp; f\n\n g\u3000h"), "abc d & e f g h");
    EXPECT_EQ(text_of("<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>"), "a b c d");
    EXPECT_EQ(text_of("x<script>y</script><style>z</style>"), "x");
    EXPECT_EQ(text_of("&lt;b&gt;"), "<b>");
    EXPECT_EQ(text_of(""), "");
}

}  // namespace
}  // namespace doorbuster::catalog
