#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "catalog/exchange/csv_reader.hpp"
#include "catalog/exchange/csv_writer.hpp"

namespace {

using namespace doorbuster::catalog;

// Hands out at most `chunk` bytes at a time.
std::vector<CsvRecord> read(std::string_view text, std::size_t chunk) {
    CsvReader reader{
        [&](std::span<char> into) {
            const std::size_t count = std::min({chunk, into.size(), text.size()});
            std::copy_n(text.data(), count, into.data());
            text.remove_prefix(count);
            return count;
        },
        {.field_bytes_max = 64, .record_bytes_max = 128, .fields_max = 8}};
    std::vector<CsvRecord> records;
    for (CsvRecord record; reader.next(record);) records.push_back(record);
    return records;
}

}  // namespace

// Any bytes read the same in one piece and byte by byte, within the limits; a sound record survives
// being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto whole = read(input, 4096);
    const auto single = read(input, 1);
    if (whole.size() != single.size()) std::abort();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const CsvRecord& record = whole[i];
        if (record.fields != single[i].fields || record.line != single[i].line) std::abort();
        if (record.fields.size() > 8) std::abort();
        if (record.fault) continue;
        std::string text;
        CsvWriter{[&](std::string_view bytes) { text += bytes; }}.write(record.fields);
        const auto again = read(text, 4096);
        if (again.size() != 1 || again[0].fields != record.fields) std::abort();
    }
    return 0;
}
