#include "adapters/wechat_pay/aead.hpp"

#include <gtest/gtest.h>

#include "support/payment_vectors.hpp"

namespace doorbuster::wechat_pay {
namespace {

using test::text_at;

TEST(Aead, opens_or_refuses_every_case_of_the_vectors) {
    const auto& cases = test::payment_cases("wechat-aead");
    ASSERT_EQ(cases.size(), 13u);
    for (const auto& a_case : cases) {
        const auto plain = open_sealed(
            text_at(a_case, "key"),
            text_at(a_case, "nonce"),
            text_at(a_case, "associated_data"),
            text_at(a_case, "ciphertext")
        );
        const bool good = text_at(a_case, "expected") == "ok";
        EXPECT_EQ(plain.has_value(), good) << text_at(a_case, "name");
        if (good) {
            EXPECT_EQ(plain, text_at(a_case, "plaintext")) << text_at(a_case, "name");
        }
    }
}

TEST(Aead, refuses_keys_and_nonces_of_another_length) {
    const auto& a_case = test::payment_cases("wechat-aead").at(0);
    const std::string key = text_at(a_case, "key");
    const std::string nonce = text_at(a_case, "nonce");
    const std::string data = text_at(a_case, "associated_data");
    const std::string sealed = text_at(a_case, "ciphertext");
    EXPECT_TRUE(open_sealed(key, nonce, data, sealed));
    EXPECT_FALSE(open_sealed(key.substr(1), nonce, data, sealed));
    EXPECT_FALSE(open_sealed(key + "x", nonce, data, sealed));
    EXPECT_FALSE(open_sealed(key, nonce.substr(1), data, sealed));
    EXPECT_FALSE(open_sealed(key, nonce + "x", data, sealed));
    EXPECT_FALSE(open_sealed(key, nonce, data, sealed.substr(0, sealed.size() - 1)));
    EXPECT_FALSE(open_sealed(key, nonce, data, ""));
}

}  // namespace
}  // namespace doorbuster::wechat_pay
