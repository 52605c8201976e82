#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "catalog/exchange/csv_reader.hpp"
#include "catalog/exchange/csv_writer.hpp"

namespace doorbuster::catalog {
namespace {

using Row = std::vector<std::string>;

// Hands out at most `chunk` bytes at a time, as a slow pipe would.
ByteSource in_chunks(std::string text, std::size_t chunk) {
    return [text = std::move(text), chunk, at = std::size_t{0}](std::span<char> into) mutable {
        const std::size_t count = std::min({chunk, into.size(), text.size() - at});
        std::copy_n(text.data() + at, count, into.data());
        at += count;
        return count;
    };
}

std::vector<CsvRecord> read(
    const std::string& text, std::size_t chunk = 4096, CsvLimits limits = {}
) {
    CsvReader reader{in_chunks(text, chunk), limits};
    std::vector<CsvRecord> records;
    for (CsvRecord record; reader.next(record);) records.push_back(record);
    EXPECT_EQ(reader.bytes_read(), text.size());
    return records;
}

std::vector<Row> rows(const std::string& text) {
    std::vector<Row> result;
    for (const CsvRecord& record : read(text)) {
        EXPECT_FALSE(record.fault) << record.fault->reason;
        result.push_back(record.fields);
    }
    return result;
}

std::string written(const std::vector<Row>& all) {
    std::string text;
    CsvWriter writer{[&](std::string_view bytes) { text += bytes; }};
    for (const Row& row : all) writer.write(row);
    return text;
}

TEST(CsvReader, reads_fields_and_records) {
    EXPECT_EQ(rows("a,b\nc,d\n"), (std::vector<Row>{{"a", "b"}, {"c", "d"}}));
    EXPECT_EQ(rows("a,b"), (std::vector<Row>{{"a", "b"}}));
    EXPECT_EQ(rows("a,\n,b\n"), (std::vector<Row>{{"a", ""}, {"", "b"}}));
    EXPECT_EQ(rows("货,\"四件套\"\n"), (std::vector<Row>{{"货", "四件套"}}));
    EXPECT_EQ(rows(""), std::vector<Row>{});
}

TEST(CsvReader, ends_lines_at_lf_crlf_and_cr) {
    const std::vector<Row> expected{{"a", "b"}, {"c", "d"}, {"e", "f"}};
    EXPECT_EQ(rows("a,b\nc,d\ne,f\n"), expected);
    EXPECT_EQ(rows("a,b\r\nc,d\r\ne,f\r\n"), expected);
    EXPECT_EQ(rows("a,b\rc,d\re,f"), expected);
    EXPECT_EQ(rows("a,b\r\nc,d\re,f\n"), expected);
}

TEST(CsvReader, skips_a_byte_order_mark_at_the_start_only) {
    EXPECT_EQ(
        rows("\xEF\xBB\xBF"
             "a\n\xEF\xBB\xBF"
             "b\n"),
        (std::vector<Row>{
            {"a"},
            {"\xEF\xBB\xBF"
             "b"}})
    );
    EXPECT_EQ(rows("\xEF\xBB\xBF\"a,b\"\n"), (std::vector<Row>{{"a,b"}}));
    EXPECT_EQ(
        read(
            "\xEF\xBB\xBF"
            "a\n",
            1
        )[0]
            .fields,
        (Row{"a"})
    );
}

TEST(CsvReader, takes_quotes_commas_and_line_breaks_in_quoted_fields) {
    EXPECT_EQ(rows("\"a\"\"b\",\"c,d\"\n"), (std::vector<Row>{{"a\"b", "c,d"}}));
    EXPECT_EQ(rows("\"a\r\nb\rc\nd\",e\n"), (std::vector<Row>{{"a\r\nb\rc\nd", "e"}}));
    EXPECT_EQ(rows("\"\",\"\"\"\"\n"), (std::vector<Row>{{"", "\""}}));
}

TEST(CsvReader, takes_a_quote_inside_an_unquoted_field_as_it_stands) {
    EXPECT_EQ(rows("27\" screen,a\n"), (std::vector<Row>{{"27\" screen", "a"}}));
}

TEST(CsvReader, leaves_out_empty_lines_but_not_an_empty_quoted_field) {
    EXPECT_EQ(rows("\n\na\n\r\n\n\"\"\n"), (std::vector<Row>{{"a"}, {""}}));
}

TEST(CsvReader, tells_the_physical_line_a_record_begins_on) {
    const auto records = read("h\n\"a\nb\r\nc\"\r\n\nd\re\n\"f\n\ng\"\nh");
    std::vector<std::uint64_t> lines;
    for (const CsvRecord& record : records) lines.push_back(record.line);
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 6, 7, 8, 11}));
}

TEST(CsvReader, names_what_is_wrong_and_where_and_reads_on) {
    const auto records = read("a,\"b\"c,d\ne,f\n");
    ASSERT_EQ(records.size(), 2u);
    ASSERT_TRUE(records[0].fault);
    EXPECT_EQ(records[0].fault->column, 1u);
    EXPECT_EQ(records[0].fault->reason, "text follows the closing quote");
    EXPECT_FALSE(records[1].fault);
    EXPECT_EQ(records[1].fields, (Row{"e", "f"}));
}

TEST(CsvReader, tells_where_an_endless_quote_was_opened) {
    const auto records = read("a\nb,\"c\nd\ne\n");
    ASSERT_EQ(records.size(), 2u);
    ASSERT_TRUE(records[1].fault);
    EXPECT_EQ(records[1].line, 2u);
    EXPECT_EQ(records[1].fault->column, 1u);
    EXPECT_EQ(records[1].fault->reason, "the quote opened on line 2 is never closed");
}

TEST(CsvReader, reports_text_that_is_not_utf8_or_holds_nul) {
    const auto records =
        read(std::string{"a,\xB2\xE2\nb,\xED\xA0\x80\nc\0,d\ne,\xE8\xB4\xA7\n", 22});
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].fault->column, 1u);
    EXPECT_EQ(records[0].fault->reason, "not UTF-8; save the file as \"CSV UTF-8\"");
    EXPECT_EQ(records[1].fault->column, 1u);
    EXPECT_EQ(records[2].fault->column, 0u);
    EXPECT_EQ(records[2].fault->reason, "holds a NUL byte");
    EXPECT_FALSE(records[3].fault);
}

TEST(CsvReader, bounds_fields_records_and_columns) {
    const CsvLimits limits{.field_bytes_max = 4, .record_bytes_max = 6, .fields_max = 3};
    const auto records = read("abcde,x\nabc,abc,a\na,b,c,d\nok\n", 4096, limits);
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0].fault->reason, "longer than 4 bytes");
    EXPECT_EQ(records[0].fields[0], "abcd");
    EXPECT_EQ(records[1].fault->reason, "row longer than 6 bytes");
    EXPECT_EQ(records[1].fault->column, 2u);
    EXPECT_EQ(records[2].fault->reason, "more than 3 columns");
    EXPECT_EQ(records[2].fields.size(), 3u);
    EXPECT_EQ(records[3].fields, (Row{"ok"}));
}

TEST(CsvReader, keeps_only_what_fits_of_an_endless_field) {
    std::size_t left = 8 * 1024 * 1024;
    CsvReader reader{[&](std::span<char> into) {
        const std::size_t count = std::min(into.size(), left);
        std::fill_n(into.data(), count, '"');
        if (count > 0 && left % 2 == 1) into[0] = 'x';
        left -= count;
        return count;
    }};
    CsvRecord record;
    ASSERT_TRUE(reader.next(record));
    EXPECT_TRUE(record.fault);
    EXPECT_LE(record.fields[0].size(), CsvLimits{}.field_bytes_max);
}

TEST(CsvReader, reads_a_stream) {
    std::istringstream stream{"a,b\n"};
    CsvReader reader{bytes_of(stream)};
    CsvRecord record;
    ASSERT_TRUE(reader.next(record));
    EXPECT_EQ(record.fields, (Row{"a", "b"}));
    EXPECT_FALSE(reader.next(record));
}

TEST(CsvWriter, quotes_only_what_needs_it) {
    EXPECT_EQ(
        written({{"a", "b c", "d,e", "f\"g", "h\ni", " j", "", "=1+1"}}),
        "a,b c,\"d,e\",\"f\"\"g\",\"h\ni\",\" j\",,=1+1\n"
    );
    EXPECT_EQ(written({{""}}), "\"\"\n");
}

TEST(Csv, what_is_written_is_read_back) {
    constexpr std::uint64_t kSeed = 7;
    std::mt19937_64 random{kSeed};
    const std::vector<std::string> pieces{
        "a", ",", "\"", "\n", "\r", "\r\n", " ", "货", "\xEF\xBB\xBF", "="};
    for (int round = 0; round < 2000; ++round) {
        std::vector<Row> all(1 + random() % 4);
        for (Row& row : all) {
            row.resize(1 + random() % 4);
            for (std::string& field : row) {
                for (auto i = random() % 5; i > 0; --i) field += pieces[random() % pieces.size()];
            }
        }
        ASSERT_EQ(rows(written(all)), all) << "round " << round;
    }
}

// Whatever the bytes and however they arrive: the same records, in bounded memory, to the end.
TEST(Csv, damaged_input_reads_the_same_in_any_chunks) {
    constexpr std::uint64_t kSeed = 11;
    std::mt19937_64 random{kSeed};
    static constexpr char kText[] = "ab,,\"\"\n\n\r\r \xE8\xB4\xA7\xEF\xBB\xBF";
    constexpr std::string_view kBytes{kText, sizeof kText};  // with its NUL
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto i = random() % 60; i > 0; --i) text += kBytes[random() % kBytes.size()];
        const auto whole = read(text);
        const auto single = read(text, 1);
        ASSERT_EQ(whole.size(), single.size()) << "round " << round;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            ASSERT_EQ(whole[i].fields, single[i].fields) << "round " << round;
            ASSERT_EQ(whole[i].line, single[i].line) << "round " << round;
            ASSERT_EQ(whole[i].fault.has_value(), single[i].fault.has_value());
        }
    }
}

}  // namespace
}  // namespace doorbuster::catalog
