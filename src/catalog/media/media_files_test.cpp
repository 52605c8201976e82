#include "catalog/media/media_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "catalog/media/media.hpp"
#include "catalog/media/media_service.hpp"
#include "catalog/model/errors.hpp"
#include "support/catalog_world.hpp"
#include "support/pictures.hpp"
#include "support/run_task.hpp"

namespace doorbuster::catalog {
namespace {

namespace fs = std::filesystem;

class MediaFilesTest : public testing::Test {
protected:
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator{folder_.path()}) {
            found.push_back(entry.path().filename().string());
        }
        return found;
    }
    Result<MediaFiles::Stored> store(const std::string& bytes, const std::string& type) {
        return test::run(files_.store_async(bytes, type));
    }
    static std::string name_of(const MediaFiles::Stored& stored) {
        return stored.sha256 + std::string{extension_of(stored.content_type)};
    }

    test::TemporaryFolder folder_;
    test::ManualClock clock_;
    test::SeededRandom random_{1};
    MediaFiles files_{folder_.path(), random_, clock_, nullptr};
};

TEST_F(MediaFilesTest, stores_a_picture_under_its_hash_and_nothing_else) {
    const std::string bytes = test::png(3, 2);
    const auto stored = store(bytes, "image/png");
    ASSERT_TRUE(stored.has_value());
    EXPECT_EQ(stored->sha256.size(), 64u);
    EXPECT_EQ(stored->byte_count, static_cast<std::int64_t>(bytes.size()));
    EXPECT_EQ(names(), (std::vector<std::string>{name_of(*stored)}));
    ASSERT_TRUE(store(bytes, "image/png"));
    EXPECT_EQ(names().size(), 1u);
}

TEST_F(MediaFilesTest, serves_what_it_stored_and_then_from_memory) {
    const std::string bytes = test::jpeg(30, 20);
    const std::string name = name_of(*store(bytes, "image/jpeg"));
    EXPECT_EQ(files_.find_kept(name), nullptr);
    const auto document = *test::run(files_.load(name));
    ASSERT_NE(document, nullptr);
    EXPECT_EQ(document->body, bytes);
    EXPECT_EQ(document->content_type, "image/jpeg");
    EXPECT_EQ(document->cache_control, "public, max-age=31536000, immutable");
    EXPECT_EQ(files_.find_kept(name), document);
    EXPECT_EQ(*test::run(files_.load(std::string(64, 'a') + ".png")), nullptr);
}

TEST_F(MediaFilesTest, keeps_a_bounded_part_in_memory) {
    MediaFiles small{folder_.path(), random_, clock_, nullptr, 16 * 4096};
    std::vector<std::string> stored;
    for (int i = 0; i < 200; ++i) {
        const std::string pixels = std::string(1000, 'x') + std::to_string(i);
        const auto file = test::run(small.store_async(test::png(5, 5, pixels), "image/png"));
        stored.push_back(name_of(*file));
        ASSERT_NE(*test::run(small.load(stored.back())), nullptr);
    }
    int kept = 0;
    for (const std::string& name : stored) kept += small.find_kept(name) != nullptr;
    EXPECT_GT(kept, 0);
    EXPECT_LE(kept, 16 * 4096 / 1500);
}

TEST_F(MediaFilesTest, refuses_what_lies_about_its_type) {
    EXPECT_TRUE(store(test::png(3, 2), "image/jpeg").error().is(kUnsupportedMedia));
    EXPECT_TRUE(store(test::png(3, 2), "image/svg+xml").error().is(kUnsupportedMedia));
    EXPECT_TRUE(store(test::png(3, 2), "").error().is(kUnsupportedMedia));
    EXPECT_TRUE(store("<svg/>", "image/svg+xml").error().is(kUnsupportedMedia));
    EXPECT_TRUE(store(test::png(20'000, 2), "image/png").error().is(kBrokenMedia));
    EXPECT_TRUE(names().empty());
}

TEST_F(MediaFilesTest, tells_when_the_disk_takes_no_more) {
    fs::remove_all(folder_.path());
    EXPECT_TRUE(store(test::png(3, 2), "image/png").error().is(kUnavailable));
}

TEST_F(MediaFilesTest, clears_away_old_unfinished_uploads_at_start) {
    std::ofstream{folder_.path() / ".upload-old"} << "half";
    std::ofstream{folder_.path() / ".upload-new"} << "half";
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours{2};
    fs::last_write_time(folder_.path() / ".upload-old", long_ago);
    const MediaFiles again{folder_.path(), random_, clock_, nullptr};
    EXPECT_EQ(names(), (std::vector<std::string>{".upload-new"}));
}

TEST(MediaNames, are_hashes_with_a_known_ending) {
    const std::string hash(64, 'a');
    EXPECT_TRUE(is_media_name(hash + ".png"));
    EXPECT_TRUE(is_media_name(hash + ".webp"));
    for (const std::string& name :
         {hash,
          hash + ".svg",
          hash + ".png.exe",
          std::string(63, 'a') + ".png",
          std::string(64, 'A') + ".png",
          std::string{"../../etc/passwd"},
          hash + "/../x.png",
          std::string{".upload-x"},
          std::string{}}) {
        EXPECT_FALSE(is_media_name(name)) << name;
    }
}

TEST(MediaUrls, are_web_addresses_or_paths_of_this_server) {
    for (const char* good :
         {"https://example.com/a.jpg", "http://example.com", "/demo/a.svg", "/media/x.png?v=1"}) {
        EXPECT_TRUE(valid_media_url(good)) << good;
    }
    for (const char* bad :
         {"",
          "a.jpg",
          "/",
          "//evil.example/a.jpg",
          "javascript:alert(1)",
          "data:image/png;base64,xx",
          "https://",
          "https:///a",
          "ftp://example.com/a",
          "https://example.com/a b",
          "https://example.com/\"onerror=",
          "https://example.com/<x>",
          "https://例子.cn/a.jpg",
          "/a\\b"}) {
        EXPECT_FALSE(valid_media_url(bad)) << bad;
    }
    EXPECT_FALSE(valid_media_url("https://example.com/" + std::string(2000, 'a')));
}

}  // namespace
}  // namespace doorbuster::catalog
