#include "adapters/wechat_pay/verifier.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/wechat_pay/config.hpp"
#include "support/wechat_pay_fixture.hpp"

namespace doorbuster::wechat_pay {
namespace {

using test::text_at;

TrustedKeys trusted_keys() { return check(test::wechat_config()).keys; }

const boost::json::value& case_named(std::string_view name) {
    for (const auto& a_case : test::payment_cases("wechat-verify")) {
        if (text_at(a_case, "name") == name) return a_case;
    }
    throw std::runtime_error{"no such case"};
}

Verdict verify(const Verifier& verifier, const boost::json::value& a_case) {
    return verifier.verify(test::headers_of(a_case), text_at(a_case, "body"), test::now_of(a_case));
}

TEST(Verifier, agrees_with_every_case_of_the_vectors_and_on_the_reason) {
    const Verifier verifier{trusted_keys()};
    const auto& cases = test::payment_cases("wechat-verify");
    ASSERT_EQ(cases.size(), 28u);
    for (const auto& a_case : cases) {
        EXPECT_EQ(to_string(verify(verifier, a_case)), text_at(a_case, "expected"))
            << text_at(a_case, "name");
    }
}

TEST(Verifier, takes_header_names_in_any_case_and_refuses_repeated_ones) {
    const Verifier verifier{trusted_keys()};
    const auto& a_case = case_named("response, platform certificate 1");
    auto headers = test::headers_of(a_case);
    for (auto& [name, value] : headers) {
        for (char& c : name) c = static_cast<char>(std::tolower(c));
    }
    const std::string body = text_at(a_case, "body");
    EXPECT_EQ(verifier.verify(headers, body, test::now_of(a_case)), Verdict::ok);
    headers.push_back(headers.front());
    EXPECT_EQ(verifier.verify(headers, body, test::now_of(a_case)), Verdict::repeated_header);
}

TEST(Verifier, refuses_a_timestamp_that_is_no_plain_number) {
    const Verifier verifier{trusted_keys()};
    const auto& a_case = case_named("response, platform certificate 1");
    for (const char* timestamp :
         {"-1",
          "+1795315000",
          " 1795315000",
          "1795315000 ",
          "1795315000.0",
          "0x6B",
          "1e9",
          "99999999999999999999",
          "9223372036854775807",
          "-9223372036854775808",
          "now"}) {
        auto headers = test::headers_of(a_case);
        for (auto& [name, value] : headers) {
            if (name == "Wechatpay-Timestamp") value = timestamp;
        }
        EXPECT_EQ(
            verifier.verify(headers, text_at(a_case, "body"), test::now_of(a_case)),
            Verdict::bad_timestamp
        ) << timestamp;
    }
}

TEST(Verifier, trusts_new_keys_from_then_on) {
    Verifier verifier{{}};
    const auto& a_case = case_named("response, platform certificate 1");
    EXPECT_EQ(verify(verifier, a_case), Verdict::unknown_serial);
    verifier.trust(trusted_keys());
    EXPECT_EQ(verify(verifier, a_case), Verdict::ok);
}

TEST(Verifier, serves_many_threads_at_once) {
    const Verifier verifier{trusted_keys()};
    const auto& good = case_named("response, platform certificate 1");
    const auto& bad = case_named("one byte of the body changed");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 50; ++n) {
                EXPECT_EQ(verify(verifier, good), Verdict::ok);
                EXPECT_EQ(verify(verifier, bad), Verdict::bad_signature);
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace doorbuster::wechat_pay
