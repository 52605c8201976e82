#include "sandbox/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::sandbox {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;

class IdentityFolder : public testing::Test {
protected:
    IdentityFolder() {
        std::string pattern = (fs::temp_directory_path() / "sandboxXXXXXX").string();
        folder_ = fs::path{mkdtemp(pattern.data())} / "keys";
    }
    ~IdentityFolder() override { fs::remove_all(folder_.parent_path()); }

    Identity load() { return load_or_make_identity(folder_, random_, clock_.now()); }
    std::string failure() {
        try {
            load();
            return "";
        } catch (const std::runtime_error& failed) {
            return failed.what();
        }
    }

    test::SeededRandom random_{1};
    test::ManualClock clock_;
    fs::path folder_;
};

TEST_F(IdentityFolder, of_wechat_pay_is_made_once_and_found_again) {
    const wechat_pay::Identity made = load().wechat_pay;
    const wechat_pay::Identity found = load().wechat_pay;
    const MerchantSide& a = made.merchant;
    const MerchantSide& b = found.merchant;
    EXPECT_THAT(a.mchid, MatchesRegex("19[0-9]{8}"));
    EXPECT_THAT(a.appid, MatchesRegex("wx[0-9a-f]{16}"));
    EXPECT_THAT(a.merchant_serial, MatchesRegex("[0-9A-F]{40}"));
    EXPECT_THAT(a.public_key_id, MatchesRegex("PUB_KEY_ID_[0-9]+"));
    EXPECT_EQ(a.apiv3_key.reveal().size(), 32u);
    EXPECT_EQ(a.mchid, b.mchid);
    EXPECT_EQ(a.appid, b.appid);
    EXPECT_EQ(a.merchant_serial, b.merchant_serial);
    EXPECT_EQ(a.public_key_id, b.public_key_id);
    EXPECT_EQ(a.apiv3_key.reveal(), b.apiv3_key.reveal());
    EXPECT_EQ(a.private_key_pem.reveal(), b.private_key_pem.reveal());
    EXPECT_EQ(a.public_key_pem, b.public_key_pem);
    EXPECT_EQ(read_certificate(a.merchant_certificate_pem)->serial_hex, a.merchant_serial);
    EXPECT_NE(made.merchant_key.public_pem(), made.platform_key.public_pem());
}

TEST_F(IdentityFolder, of_alipay_is_made_once_and_found_again) {
    const alipay::Identity made = load().alipay;
    const alipay::Identity found = load().alipay;
    const AlipayMerchantSide& a = made.merchant;
    const AlipayMerchantSide& b = found.merchant;
    EXPECT_THAT(a.app_id, MatchesRegex("2021[0-9]{12}"));
    EXPECT_THAT(a.seller_id, MatchesRegex("2088[0-9]{12}"));
    EXPECT_EQ(a.app_id, b.app_id);
    EXPECT_EQ(a.seller_id, b.seller_id);
    EXPECT_EQ(a.seller_email, b.seller_email);
    EXPECT_EQ(a.private_key_pem.reveal(), b.private_key_pem.reveal());
    EXPECT_EQ(a.alipay_public_key_pem, b.alipay_public_key_pem);
    EXPECT_EQ(a.app_certificate_pem, b.app_certificate_pem);
    EXPECT_EQ(a.alipay_certificate_pem, b.alipay_certificate_pem);
    EXPECT_EQ(a.root_certificates_pem, b.root_certificates_pem);
    EXPECT_EQ(made.app_cert_sn, found.app_cert_sn);
    EXPECT_EQ(made.root_cert_sn, found.root_cert_sn);
    EXPECT_THAT(made.app_cert_sn, MatchesRegex("[0-9a-f]{32}"));
}

TEST_F(IdentityFolder, keeps_keys_that_were_changed_to) {
    const Identity first = load();
    first.wechat_pay.platform_keys->rotate(clock_.now(), random_);
    first.alipay.signing_keys->rotate(clock_.now(), random_);
    const Identity again = load();
    const auto serial = [](const Identity& identity) {
        return identity.wechat_pay.platform_keys->current().certificate.serial_hex;
    };
    const auto sn = [](const Identity& identity) {
        return identity.alipay.signing_keys->current().certificate.alipay_sn;
    };
    EXPECT_EQ(serial(again), serial(first));
    EXPECT_EQ(sn(again), sn(first));
    EXPECT_EQ(again.wechat_pay.platform_keys->alive(clock_.now()).size(), 2u);
    const auto old = read_certificate(again.alipay.merchant.alipay_certificate_pem)->alipay_sn;
    EXPECT_NE(old, sn(again));
    EXPECT_TRUE(again.alipay.signing_keys->find(old).has_value());
}

TEST_F(IdentityFolder, is_readable_by_its_owner_only) {
    load();
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator{folder_}) {
        if (entry.is_directory()) {
            EXPECT_EQ(entry.status().permissions() & fs::perms::all, fs::perms::owner_all);
            continue;
        }
        ++files;
        const auto mode = entry.status().permissions() & fs::perms::all;
        EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write) << entry.path();
    }
    EXPECT_EQ(files, 19);
}

TEST_F(IdentityFolder, that_was_cut_short_at_the_first_start_is_made_anew) {
    load();
    for (const char* name : {"wechat_pay", "alipay"}) {
        fs::remove(folder_ / name / "identity.json");
        EXPECT_EQ(failure(), "");
        EXPECT_TRUE(fs::exists(folder_ / name / "identity.json"));
    }
}

TEST_F(IdentityFolder, that_is_broken_is_an_error_that_names_the_file) {
    load();
    std::ofstream{folder_ / "wechat_pay" / "platform_private_key.pem"} << "no key";
    EXPECT_THAT(failure(), HasSubstr("platform_private_key.pem: is not a private key"));
    std::ofstream{folder_ / "wechat_pay" / "identity.json"} << "{";
    EXPECT_THAT(failure(), HasSubstr("identity.json: is not JSON"));
    std::ofstream{folder_ / "wechat_pay" / "identity.json"} << "{}";
    EXPECT_NE(failure(), "");
}

}  // namespace
}  // namespace doorbuster::sandbox
