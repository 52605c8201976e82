#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/exchange/csv_reader.hpp"
#include "catalog/exchange/product_import_rows.hpp"
#include "catalog/exchange/product_import_write.hpp"
#include "ports/database.hpp"

namespace doorbuster::catalog {

struct ImportCounts {
    std::uint64_t rows = 0;  // records behind the header
    std::uint64_t bad_rows = 0;
    // Products.
    std::uint64_t created = 0;
    std::uint64_t updated = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t failed = 0;

    friend bool operator==(const ImportCounts&, const ImportCounts&) = default;
};

struct ImportProgress {
    std::uint64_t bytes_done = 0;
    ImportCounts counts;
};

// Told of an import as it goes on, on the thread that runs it.
class ImportListener {
public:
    virtual ~ImportListener() = default;
    // Columns of the file that mean nothing here; once, before everything else.
    virtual void columns_ignored(const std::vector<std::string>&) {}
    virtual void row_refused(const RowError&) {}
    // After every batch, and at the end. False: stop here; what is loaded stays.
    virtual bool progressed(const ImportProgress&) { return true; }
};

struct ImportOptions {
    // Checks everything against the shop as it is and changes nothing. A SKU code that the file
    // moves from one product to another is then reported as taken, though the import would do it.
    bool dry_run = false;
    std::optional<UserId> actor;  // for the stock ledger
};

// Loads products from Shopify's product CSV.
//
// Columns are found by name, in any order; Handle and Title must be there. Rows that follow each
// other with one handle are one product: each row with a price is a SKU, each with an Image Src a
// picture. The product with that handle is created or brought to the file's state: SKUs are
// recognised by their option values, then by their code; those that the file no longer has are
// taken off offer (kept for the orders that hold them). What a missing column would say stays as it
// is. Variant Inventory Qty sets the units available: GRANT for a new SKU, ADJUST for the
// difference later; an empty field leaves stock alone. Published=false makes an active product a
// draft; a file without Status and Published makes new products active. Missing categories are
// created.
//
// A bad row refuses its product and no other; a row whose handle cannot be read refuses the product
// between whose rows it stands. A handle that comes back after other products goes on
// with its product: its SKUs and pictures are added. So that such a file, too, changes nothing when
// it is loaded again, what a product has beyond the file is removed when the file is at its end. A
// product whose SKU code another one has is tried again then, when that may have given it up.
//
// Products are written in batches of kBatchProducts, each one transaction; those of a batch that is
// refused are written one by one. Memory: one batch, kRetriesMax products, and of every product of
// the file its handle, option names and what it has beyond the file. One object for one file, on
// one thread that may block.
class ProductImport {
public:
    static constexpr std::size_t kBatchProducts = 16;
    static constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;
    static constexpr std::size_t kRetriesMax = 256;

    ProductImport(
        sql::Database& database,
        ProductImportWriter::Services services,
        ImportOptions options,
        ImportListener& listener
    )
        : database_{database}, services_{services}, options_{options}, listener_{listener} {}

    // Errors: kNotAProductFile. Throws when the source or the database fails; batches done by then
    // stay, and importing again goes on from there.
    Result<ImportCounts> run(ByteSource source);

private:
    using Batch = std::vector<FileProduct>;
    using Imported = std::vector<ImportedProduct>;

    void read_rows(CsvReader& reader, ProductRows& rows);
    void take(FileProduct product);
    bool refused_at_once(const FileProduct& product);
    void flush();
    Result<Imported> write(std::span<const FileProduct> batch);
    void write_one(FileProduct product, bool may_retry);
    void remove_leftovers();
    void retry_refused();

    void settle(const FileProduct& product, ImportedProduct imported);
    void refuse(const FileProduct& product, const Error& error);
    void count(const std::string& handle, ImportOutcome outcome);
    void report(const RowError& error);
    void report_progress();

    sql::Database& database_;
    ProductImportWriter::Services services_;
    ImportOptions options_;
    ImportListener& listener_;
    const ProductImportWriter* writer_ = nullptr;
    const CsvReader* reader_ = nullptr;

    Batch batch_;
    std::size_t batch_bytes_ = 0;
    std::deque<FileProduct> retries_;
    ImportCounts counts_;
    std::unordered_map<std::string, ImportOutcome> outcomes_;     // by handle
    std::unordered_map<std::string, Leftover> leftovers_;         // by handle
    std::unordered_map<std::string, std::string> dry_run_codes_;  // SKU code to handle
    bool stopped_ = false;
};

}  // namespace doorbuster::catalog
