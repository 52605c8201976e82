#include "http/page_policy.hpp"

#include <gtest/gtest.h>

namespace doorbuster::http {
namespace {

const std::string kBase =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

TEST(PagePolicy, allows_a_page_without_code_nothing) {
    EXPECT_EQ(page_policy("<!doctype html><p>hello"), kBase);
}

// The hashes are those of `printf TEXT | openssl dgst -sha256 -binary | base64`.
TEST(PagePolicy, allows_the_styles_and_scripts_of_the_page_by_their_hash) {
    EXPECT_EQ(
        page_policy("<style>p { color: red }</style><p>hello"),
        kBase + "; style-src 'sha256-ngewhhP73WDIbgwseeu52VAAJgKdGUsu1IUQQsAm8m4='"
    );
    EXPECT_EQ(
        page_policy("<script>go()</script><p>between<script>stop()</script>"),
        kBase +
            "; script-src 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw=' "
            "'sha256-+cxkFLprM1p+UYdsltwfzLJhu4c0AWgWWM2wCE77y2Q='; connect-src 'self'"
    );
}

}  // namespace
}  // namespace doorbuster::http
