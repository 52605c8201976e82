#include "runtime/data_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace doorbuster::runtime {
namespace {

class DataFolderTest : public testing::Test {
protected:
    ~DataFolderTest() override { std::filesystem::remove_all(path_); }
    const std::filesystem::path path_ =
        testing::TempDir() + "doorbuster_folder_" + std::to_string(::getpid());
};

TEST_F(DataFolderTest, is_made_and_held_by_one) {
    EXPECT_FALSE(DataFolder::is_held(path_));
    {
        const DataFolder folder{path_};
        EXPECT_TRUE(DataFolder::is_held(path_));
        EXPECT_THROW(DataFolder{path_}, DataFolderError);
    }
    EXPECT_FALSE(DataFolder::is_held(path_));
    EXPECT_NO_THROW(DataFolder{path_});
}

TEST_F(DataFolderTest, that_others_may_look_into_shows_them_no_file) {
    namespace fs = std::filesystem;
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms{0755});
    const DataFolder folder{path_};
    std::ofstream{folder.database()} << "secrets";
    fs::create_directory(folder.media());
    EXPECT_EQ(fs::status(folder.database()).permissions(), fs::perms{0600});
    EXPECT_EQ(fs::status(folder.media()).permissions(), fs::perms{0700});
}

TEST_F(DataFolderTest, that_cannot_be_written_is_refused_with_what_to_do) {
    std::ofstream{path_} << "a file where the folder should be";
    try {
        const DataFolder folder{path_ / "inside"};
        FAIL();
    } catch (const DataFolderError& error) {
        EXPECT_NE(std::string{error.what()}.find("DOORBUSTER_DATA"), std::string::npos);
    }
}

}  // namespace
}  // namespace doorbuster::runtime
