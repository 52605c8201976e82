#include "adapters/alipay/certificates.hpp"

#include <gtest/gtest.h>

#include "support/alipay_fixture.hpp"

namespace doorbuster::alipay {
namespace {

using test::text_at;

const Time kNow = *from_rfc3339("2026-11-23T00:00:00Z");

std::string pem_of(const std::string& file) {
    for (const auto& a_case : test::payment_cases("alipay-cert-sn")) {
        if (text_at(a_case, "file") == file) return text_at(a_case, "pem");
    }
    return {};
}

TEST(Certificates, have_the_sn_of_the_vectors) {
    const auto& cases = test::payment_cases("alipay-cert-sn");
    ASSERT_EQ(cases.size(), 6u);
    for (const auto& a_case : cases) {
        const std::string file = text_at(a_case, "file");
        const auto certificate = read_certificate(text_at(a_case, "pem"));
        if (file == "ca2") {
            EXPECT_FALSE(certificate) << "its key is no RSA key";
            continue;
        }
        ASSERT_TRUE(certificate) << file;
        EXPECT_EQ(certificate->sn, text_at(a_case, "sn")) << file;
    }
}

TEST(Certificates, of_the_application_and_of_alipay_have_theirs) {
    const auto& expected = test::payment_vectors("alipay-cert-sn");
    const auto& files = test::alipay_keys().at("certificate_mode");
    const auto app = read_certificate(text_at(files, "app_cert_pem"));
    const auto alipay = read_certificate(text_at(files, "alipay_cert_pem"));
    EXPECT_EQ(app->sn, text_at(expected, "app_cert_sn"));
    EXPECT_EQ(alipay->sn, text_at(expected, "alipay_cert_sn"));
    EXPECT_EQ(alipay->organisation, "Vector Pay PUB");
    EXPECT_EQ(root_sn(text_at(files, "root_cert_pem")), text_at(expected, "alipay_root_cert_sn"));
}

TEST(Certificates, of_the_root_file_count_only_when_signed_with_rsa) {
    EXPECT_FALSE(root_sn(pem_of("ca2")));
    EXPECT_EQ(root_sn(pem_of("ca2") + pem_of("ca1")), root_sn(pem_of("ca1")));
    EXPECT_EQ(
        root_sn(pem_of("ca3") + pem_of("ca1")),
        *root_sn(pem_of("ca3")) + "_" + *root_sn(pem_of("ca1"))
    );
}

TEST(Certificates, that_cannot_be_read_are_refused_and_never_left_out) {
    const std::string good = pem_of("ca1");
    std::string damaged = pem_of("ca3");
    damaged[damaged.size() / 2] = '!';
    for (const std::string& text :
         {std::string{}, std::string{"no certificate"}, damaged, good + damaged, damaged + good}) {
        EXPECT_FALSE(root_sn(text));
    }
    EXPECT_FALSE(read_certificate(test::alipay_config().public_key));
    EXPECT_FALSE(root_sn(std::string(300'000, ' ') + good));
    EXPECT_TRUE(root_sn("# a comment\n" + good + "\n\n"));
}

TEST(Certificates, lead_to_the_root_over_those_behind_them_only) {
    const std::string roots = pem_of("ca1") + pem_of("ca2") + pem_of("ca3");
    const std::string alipay = pem_of("ali_alipay");
    const std::string between = pem_of("sub");
    EXPECT_TRUE(leads_to_root(alipay + between, "", roots, kNow));
    EXPECT_TRUE(leads_to_root(alipay, between, roots, kNow));
    EXPECT_FALSE(leads_to_root(alipay, "", roots, kNow)) << "the link is missing";
    EXPECT_FALSE(leads_to_root(alipay + between, "", pem_of("ca3"), kNow)) << "another root";
    EXPECT_FALSE(leads_to_root("", between, roots, kNow));
    EXPECT_FALSE(leads_to_root(alipay, between, "", kNow));
}

TEST(Certificates, lead_nowhere_once_they_have_expired) {
    const std::string chain = pem_of("ali_alipay") + pem_of("sub");
    const auto at = [&](const char* time) {
        return leads_to_root(chain, "", pem_of("ca1"), *from_rfc3339(time));
    };
    EXPECT_TRUE(at("2027-01-01T00:00:00Z"));
    EXPECT_FALSE(at("2026-11-01T00:00:00Z"));
    EXPECT_FALSE(at("2060-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace doorbuster::alipay
