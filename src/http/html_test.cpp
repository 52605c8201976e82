#include "http/html.hpp"

#include <gtest/gtest.h>

namespace doorbuster::http {
namespace {

TEST(EscapeHtml, leaves_no_character_that_html_would_read) {
    EXPECT_EQ(
        escape_html("<a href=\"x\" title='y'>&amp;</a>"),
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;"
    );
    EXPECT_EQ(escape_html("商品 100%"), "商品 100%");
    EXPECT_EQ(escape_html(""), "");
}

}  // namespace
}  // namespace doorbuster::http
