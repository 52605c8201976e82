#include <gtest/gtest.h>

#include "adapters/alipay/certificates.hpp"
#include "adapters/alipay/client.hpp"
#include "support/alipay_world.hpp"
#include "support/certificate_maker.hpp"

// Certificate mode, when Alipay signs with a certificate that we do not have yet.
namespace doorbuster::alipay {
namespace {

using pay_wire::to_base64;
using test::text_at;

const Time kNow = *from_rfc3339("2026-11-22T02:00:00Z");

std::string pem_of(const char* owner, const char* name) {
    return text_at(test::payment_vectors("wechat-keys").at(owner), name);
}

class Rotation : public testing::Test {
protected:
    // Keys: of the root, of what Alipay and we sign with, and one that Alipay will sign with.
    const std::string root_key_ = pem_of("stranger", "private_key_pem");
    const std::string app_key_ = text_at(test::alipay_keys().at("app"), "private_key_pkcs8_pem");
    const std::string old_key_ = text_at(test::alipay_keys().at("alipay"), "private_key_pem");
    const std::string new_key_ = pem_of("public_key_mode", "private_key_pem");

    std::string certificate(const std::string& organisation, const std::string& key, long serial) {
        return test::make_certificate(leaf(organisation, key, serial));
    }
    test::CertificateOrder leaf(
        const std::string& organisation, const std::string& key, long serial
    ) {
        return {
            .organisation = organisation,
            .name = organisation,
            .key_pem = key,
            .issuer_organisation = "Root",
            .issuer_name = "Root",
            .issuer_key_pem = root_key_,
            .serial = serial,
            .from = kNow - std::chrono::hours{24},
            .until = kNow + std::chrono::hours{240}};
    }
    std::string root() {
        test::CertificateOrder order = leaf("Root", root_key_, 1);
        order.issuer_key_pem.clear();
        order.authority = true;
        return test::make_certificate(order);
    }
    Config config() {
        Config made = test::alipay_config();
        made.public_key.clear();
        made.root_certificates = root();
        made.app_certificate = certificate("Shop", app_key_, 2);
        made.alipay_certificate = certificate("Pay", old_key_, 3);
        return made;
    }

    // The gateway signs with `key` and says so; when asked for a certificate it gives `offered`.
    void answer(const std::string& sn, const std::string& key, const std::string& offered) {
        answers_ = [=](const OutboundRequest& request) {
            const bool asked = request.url.find("alipaycert.download") != std::string::npos;
            const std::string node =
                asked ? R"({"code":"10000","alipay_cert_content":")" + to_base64(offered) + "\"}"
                      : R"({"code":"10000","out_trade_no":"SK1","trade_status":"WAIT_BUYER_PAY"})";
            const std::string name = asked ? "alipay_open_app_alipaycert_download_response"
                                           : "alipay_trade_query_response";
            const std::string sign = to_base64(read_private_key(key)->sign(node));
            return OutboundResponse{
                .status = 200,
                .body = "{\"" + name + "\":" + node + ",\"alipay_cert_sn\":\"" + sn +
                        "\",\"sign\":\"" + sign + "\"}"};
        };
    }
    bool believed() {
        const std::string number = "SK1";
        return test::run(provider_.query(number)).value.has_value();
    }
    std::size_t requests() const { return http_.requests().size(); }

    test::ManualClock clock_{kNow};
    test::ScriptedHttpClient::Answer answers_;
    test::ScriptedHttpClient http_{[this](const OutboundRequest& r) { return answers_(r); }};
    Alipay provider_{config(), http_, clock_};
};

TEST_F(Rotation, to_a_certificate_of_alipays_is_followed) {
    const std::string fresh = certificate("Pay", new_key_, 4);
    answer(read_certificate(fresh)->sn, new_key_, fresh);
    EXPECT_TRUE(believed());
    EXPECT_EQ(requests(), 2u) << "the question, and the certificate";
    EXPECT_TRUE(believed());
    EXPECT_EQ(requests(), 3u);
    answer(read_certificate(config().alipay_certificate)->sn, old_key_, "");
    EXPECT_TRUE(believed()) << "the old one is still on its way in some answers";
}

TEST_F(Rotation, to_a_certificate_of_another_merchant_is_refused) {
    const std::string theirs = certificate("Another shop", new_key_, 5);
    answer(read_certificate(theirs)->sn, new_key_, theirs);
    EXPECT_FALSE(believed()) << "it leads to the same root and is no certificate of Alipay's";
}

TEST_F(Rotation, to_our_own_certificate_is_refused) {
    const std::string own = certificate("Pay", app_key_, 6);
    answer(read_certificate(own)->sn, app_key_, own);
    EXPECT_FALSE(believed());
}

TEST_F(Rotation, to_a_certificate_of_another_root_is_refused) {
    test::CertificateOrder order = leaf("Pay", new_key_, 7);
    order.issuer_key_pem = new_key_;
    const std::string forged = test::make_certificate(order);
    answer(read_certificate(forged)->sn, new_key_, forged);
    EXPECT_FALSE(believed());
}

TEST_F(Rotation, to_an_expired_certificate_is_refused) {
    test::CertificateOrder order = leaf("Pay", new_key_, 8);
    order.until = kNow - std::chrono::hours{1};
    const std::string expired = test::make_certificate(order);
    answer(read_certificate(expired)->sn, new_key_, expired);
    EXPECT_FALSE(believed());
}

TEST_F(Rotation, to_another_certificate_than_the_one_that_was_named_is_refused) {
    const std::string fresh = certificate("Pay", new_key_, 9);
    answer("0123456789abcdef0123456789abcdef", new_key_, fresh);
    EXPECT_FALSE(believed());
    answer(read_certificate(fresh)->sn, new_key_, "no certificate");
    clock_.advance(std::chrono::minutes{2});
    EXPECT_FALSE(believed());
}

TEST_F(Rotation, is_looked_into_once_a_minute_however_many_ask) {
    answer("0123456789abcdef0123456789abcdef", new_key_, "no certificate");
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(believed());
    EXPECT_EQ(requests(), 6u) << "five questions, one certificate";
    clock_.advance(std::chrono::minutes{1});
    EXPECT_FALSE(believed());
    EXPECT_EQ(requests(), 8u);
    answer("not an SN\\n", new_key_, "no certificate");
    clock_.advance(std::chrono::minutes{1});
    EXPECT_FALSE(believed());
    EXPECT_EQ(requests(), 9u) << "nobody is asked for what cannot be";
}

TEST_F(Rotation, that_a_notification_tells_of_is_followed_at_the_next_call) {
    const std::string fresh = certificate("Pay", new_key_, 10);
    const std::string sn = read_certificate(fresh)->sn;
    Params params{
        {"notify_id", "n1"},
        {"notify_type", "trade_status_sync"},
        {"out_trade_no", "SK1"},
        {"trade_no", "42"},
        {"trade_status", "TRADE_SUCCESS"},
        {"total_amount", "1.00"},
        {"alipay_cert_sn", sn}};
    params["sign"] = to_base64(read_private_key(new_key_)->sign(joined(params)));
    params["sign_type"] = "RSA2";
    const auto taken = [&] {
        std::string reason;
        return provider_.verify_notification({}, to_form(params), kNow, reason).has_value();
    };
    EXPECT_FALSE(taken());
    answer(sn, new_key_, fresh);
    EXPECT_TRUE(believed());
    EXPECT_TRUE(taken()) << "when Alipay sends it again";
}

}  // namespace
}  // namespace doorbuster::alipay
