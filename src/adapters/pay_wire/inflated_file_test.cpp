#include "adapters/pay_wire/inflated_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "adapters/pay_wire/digest.hpp"
#include "ports/payment_bills.hpp"

namespace doorbuster::pay_wire {
namespace {

namespace fs = std::filesystem;
using Format = InflatedFile::Format;

// What zlib makes of a text, with a gzip frame or with none.
std::string packed(std::string text, Format format) {
    z_stream stream{};
    const int window = format == Format::gzip ? 16 + MAX_WBITS : -MAX_WBITS;
    deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
    std::string result(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

class Inflated : public testing::Test {
protected:
    Inflated() {
        std::string pattern = (fs::temp_directory_path() / "inflatedXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~Inflated() override { fs::remove_all(folder_); }

    fs::path write(const std::string& bytes) const {
        std::ofstream{folder_ / "file", std::ios::binary} << bytes;
        return folder_ / "file";
    }
    // All of it, or what is wrong with it.
    static std::string read(InflatedFile&& file) {
        std::string all;
        try {
            for (auto piece = file.next(); !piece.empty(); piece = file.next()) all += piece;
        } catch (const BadBill& bad) {
            return bad.what();
        }
        return all;
    }

    fs::path folder_;
};

std::string a_text() {
    std::string text;
    for (int i = 0; i < 40'000; ++i) text += std::to_string(i * i) + ",";
    return text;
}

TEST_F(Inflated, brings_back_what_was_packed) {
    const std::string text = a_text();
    EXPECT_EQ(read({write(packed(text, Format::gzip)), Format::gzip}), text);
    EXPECT_EQ(read({write(packed(text, Format::deflate)), Format::deflate}), text);
    EXPECT_EQ(read({write(text), Format::plain}), text);
    EXPECT_EQ(read({write(packed("", Format::gzip)), Format::gzip}), "");
}

// The last bytes of what was packed can say more than there is room for in a piece.
TEST_F(Inflated, brings_back_what_ends_about_where_a_piece_does) {
    for (const std::size_t size : {65'535u, 65'536u, 65'537u, 65'600u, 65'793u, 131'073u}) {
        const std::string text(size, 'a');
        EXPECT_EQ(read({write(packed(text, Format::deflate)), Format::deflate}), text) << size;
        EXPECT_EQ(read({write(packed(text, Format::gzip)), Format::gzip}), text) << size;
    }
}

TEST_F(Inflated, reads_a_part_of_a_file) {
    const std::string inner = packed("inner", Format::deflate);
    const auto file = write("before" + inner + "behind");
    EXPECT_EQ(read({file, Format::deflate, {6, inner.size()}}), "inner");
    EXPECT_EQ(read({file, Format::plain, {0, 6}}), "before");
}

TEST_F(Inflated, tells_gzip_from_plain_by_its_first_bytes) {
    EXPECT_EQ(InflatedFile::format_of(write(packed("x", Format::gzip))), Format::gzip);
    EXPECT_EQ(InflatedFile::format_of(write("x")), Format::plain);
    EXPECT_EQ(InflatedFile::format_of(write("")), Format::plain);
}

TEST_F(Inflated, refuses_what_is_cut_damaged_or_followed_by_something) {
    const std::string whole = packed(a_text(), Format::gzip);
    EXPECT_EQ(
        read({write(whole.substr(0, whole.size() - 1)), Format::gzip}), "the file is cut short"
    );
    EXPECT_EQ(read({write(""), Format::gzip}), "the file is cut short");
    std::string damaged = whole;
    damaged[whole.size() - 6] = static_cast<char>(damaged[whole.size() - 6] ^ 1);
    EXPECT_EQ(read({write(damaged), Format::gzip}), "the file is damaged") << "its checksum";
    EXPECT_EQ(read({write(whole + "x"), Format::gzip}), "there is something behind the file's end");
    EXPECT_EQ(read({write("no gzip"), Format::gzip}), "the file is damaged");
}

TEST_F(Inflated, unpacks_no_mountain) {
    const auto file = write(packed(std::string(10'000'000, '0'), Format::gzip));
    EXPECT_LT(fs::file_size(file), 20'000u);
    EXPECT_EQ(read({file, Format::gzip, {}, 1'000'000}), "the file unpacks to more than it may");
}

TEST_F(Inflated, a_file_that_is_not_there_is_a_bad_bill) {
    EXPECT_THROW(InflatedFile(folder_ / "missing", Format::plain), BadBill);
}

// The examples of FIPS 180.
TEST(Digest, is_that_of_the_bytes_however_they_come) {
    Digest sha1 = Digest::sha1();
    sha1.add("a");
    sha1.add("bc");
    EXPECT_EQ(sha1.hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
    Digest sha256 = Digest::sha256();
    sha256.add("abc");
    EXPECT_EQ(sha256.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace doorbuster::pay_wire
