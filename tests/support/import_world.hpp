#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catalog/exchange/product_export.hpp"
#include "catalog/exchange/product_import.hpp"
#include "support/manual_clock.hpp"
#include "support/test_database.hpp"

// What the tests of product files share.
namespace doorbuster::catalog::import_test {

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline std::string fixture(const std::string& name) {
    return read_file(std::filesystem::path{DOORBUSTER_SOURCE_DIR} / "tests/data/csv" / name);
}

// The folder with real shops' files; it lies beside the source tree on machines that have it.
inline std::filesystem::path shared_data() {
    const char* const set = std::getenv("DOORBUSTER_SHARED");
    const std::filesystem::path source{DOORBUSTER_SOURCE_DIR};
    return (set != nullptr ? std::filesystem::path{set} : source / "../shared") / "data";
}

inline constexpr const char* kHeader =
    "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Compare At Price,"
    "Variant Inventory Qty,Variant Grams,Image Src,Image Position,Status,Published,Variant SKU,"
    "Product Category\n";

struct Recorder final : ImportListener {
    std::vector<RowError> errors;
    std::vector<std::string> ignored;
    std::vector<ImportProgress> steps;
    std::size_t stop_after = 1'000'000;

    void columns_ignored(const std::vector<std::string>& names) override { ignored = names; }
    void row_refused(const RowError& error) override { errors.push_back(error); }
    bool progressed(const ImportProgress& progress) override {
        steps.push_back(progress);
        return steps.size() < stop_after;
    }
};

class ImportWorld : public test::DatabaseTest {
protected:
    ImportWorld() { stock_.add_observer(changes_); }

    Result<ImportCounts> try_import(
        const std::string& csv, Recorder& recorder, ImportOptions options = {}
    ) {
        clock_.advance(std::chrono::minutes{1});
        std::istringstream stream{csv};
        ProductImport import{
            database(), {products_, categories_, media_, stock_}, options, recorder};
        return import.run(bytes_of(stream));
    }

    ImportCounts import(const std::string& csv, ImportOptions options = {}) {
        Recorder recorder;
        const auto counts = try_import(csv, recorder, options);
        for (const RowError& error : recorder.errors) {
            ADD_FAILURE() << "line " << error.line << ", " << error.column << ": " << error.reason;
        }
        return counts.value();
    }

    std::vector<RowError> errors_of(const std::string& csv, ImportOptions options = {}) {
        Recorder recorder;
        EXPECT_TRUE(try_import(csv, recorder, options).has_value());
        return recorder.errors;
    }

    std::string exported() {
        std::string csv;
        ProductExport out{database(), {products_, categories_, stock_}};
        out.run([&](std::string_view bytes) { csv += bytes; });
        return csv;
    }

    Product product(const std::string& handle) {
        const auto work = [&](sql::Reader& reader) {
            return products_.find_by_handle(reader, handle);
        };
        return database().read_blocking(work).value();
    }

    std::int64_t available(SkuId sku) {
        return integer("SELECT available FROM stock WHERE sku_id = $1", {sku});
    }
    std::int64_t ledger_rows() { return integer("SELECT COUNT(*) FROM stock_ledger"); }
    std::int64_t product_count() { return integer("SELECT COUNT(*) FROM products"); }

    // Everything that an import may write, as numbers that any change moves.
    std::vector<std::int64_t> fingerprint() {
        std::vector<std::int64_t> sums;
        for (const char* const query :
             {"SELECT COALESCE(CAST(SUM(updated_at) AS BIGINT), 0) FROM products",
              "SELECT COALESCE(CAST(SUM(updated_at) AS BIGINT), 0) FROM skus",
              "SELECT COALESCE(CAST(SUM(updated_at) AS BIGINT), 0) FROM categories",
              "SELECT COUNT(*) FROM products",
              "SELECT COUNT(*) FROM skus",
              "SELECT COUNT(*) FROM categories",
              "SELECT COUNT(*) FROM media",
              "SELECT COUNT(*) FROM product_media",
              "SELECT COUNT(*) FROM stock",
              "SELECT COUNT(*) FROM stock_ledger"}) {
            sums.push_back(integer(query));
        }
        return sums;
    }

    // A1 of the audit: columns equal the ledger's sums.
    std::int64_t stock_that_disagrees_with_its_ledger() {
        return integer(
            "SELECT COUNT(*) FROM stock s WHERE s.available <> (SELECT COALESCE(SUM(quantity), 0) "
            "FROM stock_ledger l WHERE l.sku_id = s.sku_id)"
        );
    }

    test::ManualClock clock_;
    CatalogChanges changes_;
    ProductService products_{clock_, changes_};
    CategoryService categories_{clock_, changes_};
    MediaService media_{clock_};
    inventory::InventoryService stock_{clock_};
};

}  // namespace doorbuster::catalog::import_test
