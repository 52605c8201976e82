#include "adapters/wechat_pay/signer.hpp"

#include <gtest/gtest.h>

#include "adapters/pay_wire/base64.hpp"
#include "support/payment_vectors.hpp"

namespace doorbuster::wechat_pay {
namespace {

using test::text_at;

PrivateKey merchant_key() {
    const auto& merchant = test::payment_vectors("wechat-keys").at("merchant");
    return *PrivateKey::from_pem(text_at(merchant, "private_key_pkcs8_pem"));
}

// The vectors' authorizations carry the serial in lower case; it is sent as it is configured.
std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

TEST(Signer, writes_every_authorization_of_the_vectors_byte_for_byte) {
    const auto& file = test::payment_vectors("wechat-request-sign");
    const Signer signer{text_at(file, "mchid"), lower(text_at(file, "serial_no")), merchant_key()};
    const auto& cases = test::payment_cases("wechat-request-sign");
    ASSERT_EQ(cases.size(), 13u);
    for (const auto& a_case : cases) {
        const std::string authorization = signer.authorization(
            text_at(a_case, "method"),
            text_at(a_case, "url"),
            text_at(a_case, "timestamp"),
            text_at(a_case, "nonce"),
            text_at(a_case, "body")
        );
        EXPECT_EQ(authorization, text_at(a_case, "authorization")) << text_at(a_case, "name");
    }
}

TEST(Signer, signs_the_same_with_a_key_in_either_form) {
    const auto& merchant = test::payment_vectors("wechat-keys").at("merchant");
    const auto pkcs1 = PrivateKey::from_pem(text_at(merchant, "private_key_pkcs1_pem"));
    ASSERT_TRUE(pkcs1);
    EXPECT_EQ(pkcs1->sign("a\n"), merchant_key().sign("a\n"));
}

TEST(PrivateKey, refuses_what_is_no_private_rsa_key) {
    const auto& merchant = test::payment_vectors("wechat-keys").at("merchant");
    const std::string pem = text_at(merchant, "private_key_pkcs8_pem");
    for (const std::string& text :
         {std::string{},
          std::string{"key"},
          text_at(merchant, "public_key_pem"),
          text_at(merchant, "certificate_pem"),
          pem.substr(0, pem.size() / 2)}) {
        EXPECT_FALSE(PrivateKey::from_pem(text));
    }
}

}  // namespace
}  // namespace doorbuster::wechat_pay
