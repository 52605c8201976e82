#include "adapters/wechat_pay/certificates.hpp"

#include <gtest/gtest.h>

#include "support/payment_vectors.hpp"

namespace doorbuster::wechat_pay {
namespace {

using test::text_at;

auto accept(const boost::json::value& a_case, std::string_view key) {
    return accept_certificates(
        key, test::headers_of(a_case), text_at(a_case, "body"), test::now_of(a_case)
    );
}

TEST(Certificates, are_accepted_or_refused_as_the_vectors_say) {
    const std::string key = text_at(test::payment_vectors("wechat-keys"), "apiv3_key");
    int judged = 0;
    for (const auto& a_case : test::payment_cases("wechat-certificates")) {
        if (a_case.as_object().at("status").as_int64() != 200) continue;  // nothing to accept
        const auto& expected = a_case.as_object().at("expected").as_object();
        const auto certificates = accept(a_case, key);
        ++judged;
        if (text_at(expected, "result") != "ok") {
            EXPECT_FALSE(certificates) << text_at(a_case, "name");
            continue;
        }
        ASSERT_TRUE(certificates) << text_at(a_case, "name");
        const auto& wanted = expected.at("certificates").as_array();
        ASSERT_EQ(certificates->size(), wanted.size());
        for (const auto& one : wanted)
            EXPECT_TRUE(certificates->contains(text_at(one, "serial_no")));
    }
    EXPECT_EQ(judged, 2);
}

TEST(Certificates, are_refused_with_another_key_and_with_a_changed_answer) {
    const auto& a_case = test::payment_cases("wechat-certificates").at(0);
    const std::string key = text_at(test::payment_vectors("wechat-keys"), "apiv3_key");
    EXPECT_FALSE(accept(a_case, "0123456789abcdef0123456789abcdef"));
    const std::string body = text_at(a_case, "body") + " ";
    EXPECT_FALSE(accept_certificates(key, test::headers_of(a_case), body, test::now_of(a_case)));
}

}  // namespace
}  // namespace doorbuster::wechat_pay
