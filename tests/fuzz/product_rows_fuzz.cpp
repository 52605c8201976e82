#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "catalog/exchange/product_import_rows.hpp"
#include "fuzz/rich_text_checker.hpp"

// Any file: rows become products within the limits, and what they say of a product is acceptable
// as text, markup and addresses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace doorbuster::catalog;
    std::string_view input{reinterpret_cast<const char*>(data), size};
    CsvReader reader{[&](std::span<char> into) {
        const std::size_t count = std::min(into.size(), input.size());
        std::copy_n(input.data(), count, into.data());
        input.remove_prefix(count);
        return count;
    }};
    CsvRecord record;
    if (!reader.next(record)) return 0;
    auto columns = ColumnMap::from_header(record);
    if (columns.has_error()) return 0;

    const auto judge = [](const std::optional<FileProduct>& product) {
        if (!product || product->refused) return;
        if (product->handle.empty()) std::abort();
        if (product->title.empty() && !product->continues) std::abort();
        if (product->skus.size() > kSkusMax + 1) std::abort();
        const auto complaint = doorbuster::test::RichTextChecker::complaint(product->body_html);
        if (!complaint.empty()) std::abort();
        for (const FileSku& sku : product->skus) {
            if (sku.sku.price.is_negative() || sku.sku.grams < 0) std::abort();
        }
    };
    ProductRows rows{*std::move(columns)};
    while (reader.next(record)) judge(rows.add(record).product);
    judge(rows.finish());
    return 0;
}
