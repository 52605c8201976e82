#include "sandbox/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

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

    std::string failure() {
        try {
            load_or_make_identity(folder_, random_);
            return "";
        } catch (const std::runtime_error& failed) {
            return failed.what();
        }
    }

    test::SeededRandom random_{1};
    fs::path folder_;
};

TEST_F(IdentityFolder, is_made_once_and_found_again) {
    const Identity made = load_or_make_identity(folder_, random_);
    const Identity found = load_or_make_identity(folder_, random_);
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
    EXPECT_NE(made.merchant_key.public_pem(), made.platform_key.public_pem());
}

TEST_F(IdentityFolder, is_readable_by_its_owner_only) {
    load_or_make_identity(folder_, random_);
    int files = 0;
    for (const auto& entry : fs::directory_iterator{folder_}) {
        ++files;
        const auto mode = entry.status().permissions() & fs::perms::all;
        EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write) << entry.path();
    }
    EXPECT_EQ(files, 4);
    EXPECT_EQ(fs::status(folder_).permissions() & fs::perms::all, fs::perms::owner_all);
}

TEST_F(IdentityFolder, that_was_cut_short_at_the_first_start_is_made_anew) {
    load_or_make_identity(folder_, random_);
    fs::remove(folder_ / "identity.json");
    EXPECT_EQ(failure(), "");
    EXPECT_TRUE(fs::exists(folder_ / "identity.json"));
}

TEST_F(IdentityFolder, that_is_broken_is_an_error_that_names_the_file) {
    load_or_make_identity(folder_, random_);
    std::ofstream{folder_ / "platform_private_key.pem"} << "no key";
    EXPECT_THAT(failure(), HasSubstr("platform_private_key.pem: is not a private key"));
    std::ofstream{folder_ / "identity.json"} << "{";
    EXPECT_THAT(failure(), HasSubstr("identity.json: is not JSON"));
    std::ofstream{folder_ / "identity.json"} << "{}";
    EXPECT_NE(failure(), "");
}

}  // namespace
}  // namespace doorbuster::sandbox
