#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/exchange/product_import_columns.hpp"
#include "catalog/model/product.hpp"

// The rows of a product file as products: pure, no I/O.
namespace doorbuster::catalog {

// What is wrong with one row.
struct RowError {
    std::uint64_t line = 0;  // the physical line on which the row begins, from 1
    std::string column;      // as the file names it; may be empty
    std::string reason;      // for a person

    friend bool operator==(const RowError&, const RowError&) = default;
};

struct FileSku {
    std::uint64_t line = 0;
    Sku sku;  // without id and image
    std::optional<std::int64_t> quantity;
    std::string image_url;
};

struct FileImage {
    std::uint64_t line = 0;
    std::string url;
    std::string alt;
    std::int64_t position = 0;
};

// What consecutive rows with one handle say. Fields of the product itself are taken from the first
// of them.
struct FileProduct {
    std::uint64_t line = 0;  // of the first row
    std::string handle;
    bool continues = false;  // the file has had rows of this product before, and others since
    bool readable = true;    // its first row told enough to read the others
    std::string title;
    std::string body_html;  // sanitised
    std::string vendor;
    std::string product_type;
    std::vector<std::string> tags;
    std::vector<std::string> category;    // names from the root; empty: none
    std::optional<ProductStatus> status;  // nothing: the file does not say
    std::vector<std::string> option_names;
    std::vector<FileSku> skus;
    std::vector<FileImage> images;  // in order of position
    bool refused = false;           // a row of it is bad

    std::size_t bytes() const;  // about how much memory it holds
};

// Puts rows together. Keep one per file; feed it every record after the header. Holds the product
// at hand, and of earlier ones the handle and the names of the options.
class ProductRows {
public:
    explicit ProductRows(ColumnMap columns) : columns_{std::move(columns)} {}

    struct Step {
        std::optional<FileProduct> product;  // complete: this row begins another
        std::optional<RowError> error;       // of this row
    };
    Step add(const CsvRecord& record);
    // The last product, when the file is at its end.
    std::optional<FileProduct> finish();

    const ColumnMap& columns() const { return columns_; }

private:
    void begin(std::string handle, std::uint64_t line);
    std::optional<RowError> read(const CsvRecord& record);

    ColumnMap columns_;
    std::optional<FileProduct> current_;
    std::unordered_map<std::string, std::vector<std::string>> begun_;
};

}  // namespace doorbuster::catalog
