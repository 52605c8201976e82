#include "adapters/alipay/zip_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "ports/payment_bills.hpp"
#include "support/seeded_random.hpp"
#include "support/zip_writer.hpp"

namespace doorbuster::alipay {
namespace {

class Zip : public testing::Test {
protected:
    Zip() {
        std::string pattern = (std::filesystem::temp_directory_path() / "zipXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~Zip() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path file(const std::string& bytes) {
        const auto path = folder_ / "bill.zip";
        std::ofstream{path, std::ios::binary} << bytes;
        return path;
    }
    // The content of all entries, one after the other; "refused" when something is wrong.
    std::string all(const std::string& bytes, ZipLimits limits = {}) {
        std::string content;
        try {
            ZipFile zip{file(bytes), limits};
            for (std::size_t entry = 0; entry < zip.entries(); ++entry) {
                zip.read(entry, [&](std::string_view piece) {
                    content.append(piece);
                    return true;
                });
            }
        } catch (const BadBill&) {
            return "refused";
        }
        return content;
    }
    std::filesystem::path folder_;
};

std::string one(const test::ZipWriter& settings, std::string_view content) {
    test::ZipWriter writer = settings;
    writer.add("../../etc/passwd", content);
    return writer.archive();
}

TEST_F(Zip, is_read_entry_by_entry_whatever_the_names) {
    test::ZipWriter writer;
    writer.add("../../etc/cron.d/evil", "first ");
    writer.deflated = false;
    writer.add("", "second ");
    writer.deflated = true;
    writer.add("x", std::string(200'000, 'z'));
    EXPECT_EQ(all(writer.archive()), "first second " + std::string(200'000, 'z'));
    EXPECT_EQ(all(one({}, "")), "");
}

TEST_F(Zip, stops_when_it_is_told_to) {
    test::ZipWriter writer;
    writer.checksum_off = 1;
    writer.add("a", std::string(1'000'000, 'a'));
    ZipFile zip{file(writer.archive())};
    int pieces = 0;
    zip.read(0, [&](std::string_view) { return ++pieces < 3; });
    EXPECT_EQ(pieces, 3);
}

TEST_F(Zip, that_is_not_as_it_says_is_refused) {
    EXPECT_EQ(all(one({.checksum_off = 1}, "text")), "refused");
    EXPECT_EQ(all(one({.unpacked_off = 1}, "text")), "refused");
    EXPECT_EQ(all(one({.unpacked_off = -1}, "text")), "refused");
    EXPECT_EQ(all(one({.method_told = 9}, "text")), "refused");
    EXPECT_EQ(all(one({.method_told = 0}, std::string(99, 'a'))), "refused");
    EXPECT_EQ(all(one({.flags = 1}, "text")), "refused") << "encrypted";
    EXPECT_EQ(all(""), "refused");
    EXPECT_EQ(all("PK"), "refused");
    EXPECT_EQ(all("<html>not found</html>"), "refused");
    EXPECT_EQ(all(test::ZipWriter{}.archive()), "refused") << "no entry";
    EXPECT_THROW(ZipFile{folder_ / "missing"}, BadBill);
}

TEST_F(Zip, that_unpacks_to_a_mountain_is_refused) {
    const std::string mountain(8 * 1024 * 1024, '0');
    EXPECT_EQ(all(one({}, mountain)), "refused") << "a thousand times its size";
    EXPECT_EQ(all(one({}, mountain), {.ratio_max = 2000}), mountain);
    EXPECT_EQ(all(one({}, mountain), {.bytes_max = 1024 * 1024, .ratio_max = 2000}), "refused");
    test::ZipWriter two;
    two.add("a", std::string(800, 'x'));
    two.add("b", std::string(800, 'x'));
    EXPECT_EQ(all(two.archive(), {.bytes_max = 1000}), "refused") << "all entries together";
    test::ZipWriter many;
    for (int i = 0; i < 9; ++i) many.add("a", "x");
    EXPECT_EQ(all(many.archive()), "refused");
}

TEST_F(Zip, cut_anywhere_is_refused) {
    test::ZipWriter writer;
    writer.add("a", "the text of a bill, some of it, the text of a bill");
    writer.add("b", "a summary");
    const std::string whole = writer.archive();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_EQ(all(whole.substr(0, length)), "refused") << length;
    }
}

TEST_F(Zip, with_any_bytes_changed_is_refused_or_the_same) {
    test::ZipWriter writer;
    writer.add("a", "the text of a bill, some of it, the text of a bill");
    writer.add("b", "a summary");
    const std::string whole = writer.archive();
    const std::string content = all(whole);
    test::SeededRandom random{5};
    int same = 0;
    for (int i = 0; i < 600; ++i) {
        std::string changed = whole;
        for (auto left = 1 + random.next_u64() % 3; left > 0; --left) {
            changed[random.next_u64() % changed.size()] = static_cast<char>(random.next_u64());
        }
        const std::string read = all(changed);
        // Two entries may be told to be the same one, and each may be left out; never another text.
        same += read == content ? 1 : 0;
        const bool known =
            read == "refused" || read == content || content.find(read) != std::string::npos;
        EXPECT_TRUE(known) << read;
    }
    EXPECT_GT(same, 20) << "names and times are of no interest";
}

}  // namespace
}  // namespace doorbuster::alipay
