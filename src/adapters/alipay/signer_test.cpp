#include "adapters/alipay/signer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/alipay_fixture.hpp"

namespace doorbuster::alipay {
namespace {

using test::text_at;

Params params_of(const boost::json::value& a_case) {
    Params params;
    for (const auto& [name, value] : a_case.at("params").as_object()) {
        params.emplace(name, value.as_string());
    }
    return params;
}

Params signed_by_us(Params params) {
    Signer{test::alipay_private_key("app")}.sign(params);
    return params;
}

std::string signed_text(Params params) {
    params.erase("sign");
    return joined(params);
}

TEST(Signer, signs_every_request_of_the_vectors_to_the_byte) {
    const auto& cases = test::payment_cases("alipay-request-sign");
    ASSERT_EQ(cases.size(), 10u);
    for (const auto& a_case : cases) {
        const std::string name = text_at(a_case, "name");
        const Params params = signed_by_us(params_of(a_case));
        EXPECT_EQ(signed_text(params), text_at(a_case, "sign_content")) << name;
        EXPECT_EQ(params.at("sign"), text_at(a_case, "sign")) << name;
    }
}

TEST(Signer, writes_the_same_parameters_as_the_official_sdk) {
    for (const auto& a_case : test::payment_cases("alipay-request-sign")) {
        const auto* http = a_case.as_object().if_contains("sdk_http");
        if (!http || !http->is_object()) continue;
        const std::string url = text_at(*http, "url_path_query");
        auto theirs = parse_form(url.substr(url.find('?') + 1));
        ASSERT_TRUE(theirs);
        const std::string body = text_at(*http, "body");
        const auto content = body.empty() ? Params{} : parse_form(body).value();
        theirs->insert(content.begin(), content.end());
        EXPECT_EQ(signed_by_us(params_of(a_case)), *theirs) << text_at(a_case, "name");
    }
}

TEST(Signer, signs_every_page_of_the_vectors_to_the_byte) {
    const auto& cases = test::payment_cases("alipay-page-pay");
    ASSERT_EQ(cases.size(), 4u);
    for (const auto& a_case : cases) {
        const Params params = signed_by_us(params_of(a_case));
        EXPECT_EQ(signed_text(params), text_at(a_case, "sign_content"));
        EXPECT_EQ(params.at("sign"), text_at(a_case, "sign"));
        const std::string url = text_at(a_case, "get_url");
        EXPECT_EQ(parse_form(url.substr(url.find('?') + 1)), params);
        EXPECT_EQ(parse_form(to_form(params)), params);
    }
}

TEST(Signer, neither_signs_nor_sends_what_is_empty) {
    const Params params = signed_by_us({{"a", "1"}, {"b", ""}, {"sign", "old"}});
    EXPECT_EQ(params.size(), 2u);
    EXPECT_NE(params.at("sign"), "old");
}

TEST(KeyText, is_read_in_every_form_that_people_have) {
    const auto& app = test::alipay_keys().at("app");
    const std::string der = test::alipay_private_key("app").public_der();
    for (const char* name :
         {"private_key_pkcs1_pem",
          "private_key_pkcs8_pem",
          "private_key_pkcs1_bare",
          "private_key_pkcs8_bare"}) {
        const auto key = read_private_key(text_at(app, name));
        ASSERT_TRUE(key) << name;
        EXPECT_EQ(key->public_der(), der) << name;
    }
    for (const char* name : {"public_key_pem", "public_key_bare"}) {
        EXPECT_EQ(read_public_key(text_at(app, name))->public_der(), der) << name;
    }
    std::string lines = text_at(app, "public_key_bare");
    lines.insert(100, "\r\n");
    EXPECT_TRUE(read_public_key(" " + lines + "\n"));
}

TEST(KeyText, is_refused_when_it_is_no_such_key) {
    const auto& app = test::alipay_keys().at("app");
    for (const std::string& text :
         {std::string{},
          std::string{"key"},
          std::string{"AAAA"},
          text_at(app, "public_key_pem"),
          text_at(app, "public_key_bare"),
          text_at(app, "private_key_pkcs8_bare").substr(4),
          text_at(app, "private_key_pkcs8_bare") + "!",
          std::string(100'000, 'A')}) {
        EXPECT_FALSE(read_private_key(text)) << text.substr(0, 40);
    }
    EXPECT_FALSE(read_public_key(text_at(app, "private_key_pkcs8_pem")));
    EXPECT_FALSE(read_public_key(text_at(app, "private_key_pkcs8_bare")));
}

}  // namespace
}  // namespace doorbuster::alipay
