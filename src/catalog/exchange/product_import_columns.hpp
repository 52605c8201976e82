#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/exchange/csv_reader.hpp"
#include "core/result.hpp"

// The columns of Shopify's product CSV that mean something here, for import and export.
namespace doorbuster::catalog {

inline constexpr ErrorKind kNotAProductFile{
    2100, "not_a_product_file", Condition::unprocessable, "This is not a product CSV file."};

// In the order in which they are exported, which is Shopify's.
enum class Column : std::size_t {
    handle,
    title,
    body,
    vendor,
    category,
    type,
    tags,
    published,
    option1_name,
    option1_value,
    option2_name,
    option2_value,
    option3_name,
    option3_value,
    sku,
    grams,
    quantity,
    price,
    compare_at_price,
    barcode,
    image,
    image_position,
    image_alt,
    variant_image,
    status,
};
inline constexpr std::size_t kColumnCount = static_cast<std::size_t>(Column::status) + 1;

inline constexpr std::array<std::string_view, kColumnCount> kColumnNames{
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Qty",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Variant Image",
    "Status",
};
constexpr std::string_view name_of(Column column) {
    return kColumnNames[static_cast<std::size_t>(column)];
}
constexpr Column option_name_column(std::size_t option) {
    return static_cast<Column>(static_cast<std::size_t>(Column::option1_name) + 2 * option);
}
constexpr Column option_value_column(std::size_t option) {
    return static_cast<Column>(static_cast<std::size_t>(Column::option1_value) + 2 * option);
}

// Which column of a file holds what, by the names in its first record: in any order, in any case of
// letters. A value; thread-safe.
class ColumnMap {
public:
    // Errors: kNotAProductFile when the record has a fault, lacks Handle or Title, or names a
    // column twice.
    static Result<ColumnMap> from_header(const CsvRecord& header);

    bool has(Column column) const { return place(column).has_value(); }
    // The field; empty when the file lacks the column or the record ends before it.
    std::string_view field(const CsvRecord& record, Column column) const;
    // Whether the field stands before what is wrong with the record.
    bool is_sound(const CsvRecord& record, Column column) const;
    // The name of the field at `index`, as the file has it; its number when it has none.
    std::string name_at(std::size_t index) const;

    // Columns of the file that have no meaning here.
    const std::vector<std::string>& ignored() const { return ignored_; }
    std::size_t size() const { return names_.size(); }

private:
    const std::optional<std::size_t>& place(Column column) const {
        return places_[static_cast<std::size_t>(column)];
    }

    std::array<std::optional<std::size_t>, kColumnCount> places_{};
    std::vector<std::string> names_;
    std::vector<std::string> ignored_;
};

}  // namespace doorbuster::catalog
