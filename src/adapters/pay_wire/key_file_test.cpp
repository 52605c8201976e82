#include "adapters/pay_wire/key_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace doorbuster::pay_wire {
namespace {

using testing::HasSubstr;

class KeyFile : public testing::Test {
protected:
    KeyFile() {
        std::string pattern = (std::filesystem::temp_directory_path() / "keysXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~KeyFile() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(const std::string& text, std::filesystem::perms mode) {
        const auto file = folder_ / "key.pem";
        std::ofstream{file} << text;
        std::filesystem::permissions(file, mode);
        return file;
    }
    std::string refusal_of(const std::filesystem::path& file) {
        try {
            return "read " + read_key_file(file);
        } catch (const BadConfig& bad) {
            return bad.what();
        }
    }
    std::filesystem::path folder_;
};

TEST_F(KeyFile, is_read_when_only_its_owner_can) {
    using std::filesystem::perms;
    EXPECT_EQ(refusal_of(write("pem", perms::owner_read | perms::owner_write)), "read pem");
    EXPECT_THAT(refusal_of(write("pem", perms::owner_all | perms::group_read)), HasSubstr("0600"));
    EXPECT_THAT(refusal_of(write("pem", perms::owner_all | perms::others_read)), HasSubstr("0600"));
}

TEST_F(KeyFile, of_a_public_key_may_be_read_by_all_but_changed_by_its_owner_only) {
    using std::filesystem::perms;
    const auto readable = perms::owner_read | perms::group_read | perms::others_read;
    EXPECT_EQ(read_public_file(write("pem", readable)), "pem");
    for (const perms by_others : {perms::group_write, perms::others_write}) {
        const auto file = write("pem", perms::owner_all | by_others);
        EXPECT_THROW(read_public_file(file), BadConfig);
    }
    EXPECT_THROW(read_public_file(folder_ / "missing"), BadConfig);
    EXPECT_THROW(read_public_file(write("", perms::owner_read)), BadConfig);
}

TEST_F(KeyFile, is_refused_when_missing_empty_or_large) {
    using std::filesystem::perms;
    EXPECT_THAT(refusal_of(folder_ / "missing"), HasSubstr("cannot be read"));
    EXPECT_THAT(refusal_of(folder_), HasSubstr("cannot be read"));
    EXPECT_THAT(refusal_of(write("", perms::owner_read)), HasSubstr("cannot be read"));
    const auto large = write(std::string(70'000, 'x'), perms::owner_read | perms::owner_write);
    EXPECT_THAT(refusal_of(large), HasSubstr("64 KiB"));
}

}  // namespace
}  // namespace doorbuster::pay_wire
