#include "catalog/exchange/product_import.hpp"

#include <algorithm>

#include "catalog/model/errors.hpp"

namespace doorbuster::catalog {

namespace {

// How a dry run has its transaction rolled back. Never leaves this file.
constexpr ErrorKind kDryRun{2101, "dry_run", Condition::conflict, "Nothing was changed."};

// An import is patient: a busy shop comes first.
constexpr sql::JobOptions kPatient{.wait_max = std::chrono::minutes{2}, .urgent = false};

std::uint64_t& counter(ImportCounts& counts, ImportOutcome outcome) {
    switch (outcome) {
        case ImportOutcome::created:
            return counts.created;
        case ImportOutcome::updated:
            return counts.updated;
        case ImportOutcome::unchanged:
            return counts.unchanged;
        case ImportOutcome::failed:
            break;
    }
    return counts.failed;
}

// What two parts of one product amount to.
ImportOutcome combined(ImportOutcome before, ImportOutcome now) {
    for (const auto outcome :
         {ImportOutcome::failed, ImportOutcome::created, ImportOutcome::updated}) {
        if (before == outcome || now == outcome) return outcome;
    }
    return ImportOutcome::unchanged;
}

template <class AnId>
void keep_common(std::vector<AnId>& ids, const std::vector<AnId>& others) {
    std::erase_if(ids, [&](AnId id) { return std::ranges::find(others, id) == others.end(); });
}

}  // namespace

Result<ImportCounts> ProductImport::run(ByteSource source) {
    CsvReader reader{std::move(source)};
    CsvRecord header;
    if (!reader.next(header)) return Error{kNotAProductFile, "", "the file is empty"};
    auto columns = ColumnMap::from_header(header);
    if (columns.has_error()) return columns.error();
    listener_.columns_ignored(columns->ignored());

    const ProductImportWriter writer{services_, *columns, options_.actor};
    writer_ = &writer;
    reader_ = &reader;
    ProductRows rows{*std::move(columns)};
    read_rows(reader, rows);
    // What has not been read cannot be missing.
    if (!stopped_) {
        remove_leftovers();
        retry_refused();
        remove_leftovers();
    }
    report_progress();
    return counts_;
}

void ProductImport::read_rows(CsvReader& reader, ProductRows& rows) {
    for (CsvRecord record; !stopped_ && reader.next(record);) {
        ++counts_.rows;
        ProductRows::Step step = rows.add(record);
        if (step.product) take(*std::move(step.product));
        if (step.error) report(*step.error);
    }
    if (stopped_) return;
    if (auto last = rows.finish()) take(*std::move(last));
    flush();
}

void ProductImport::take(FileProduct product) {
    // Whether its first rows could be loaded must be known.
    if (product.continues) flush();
    if (refused_at_once(product)) return;
    batch_bytes_ += product.bytes();
    batch_.push_back(std::move(product));
    if (batch_.size() >= kBatchProducts || batch_bytes_ >= kBatchBytes) flush();
}

bool ProductImport::refused_at_once(const FileProduct& product) {
    if (product.refused) {
        count(product.handle, ImportOutcome::failed);
        return true;
    }
    const auto earlier = outcomes_.find(product.handle);
    if (earlier != outcomes_.end() && earlier->second == ImportOutcome::failed) {
        report(
            {product.line,
             std::string{name_of(Column::handle)},
             "rows of this product further up were refused"}
        );
        return true;
    }
    for (const FileSku& row : product.skus) {
        const auto claimed = dry_run_codes_.find(row.sku.code);
        if (claimed == dry_run_codes_.end() || claimed->second == product.handle) continue;
        report({row.line, std::string{name_of(Column::sku)}, "another product has it"});
        count(product.handle, ImportOutcome::failed);
        return true;
    }
    return false;
}

void ProductImport::flush() {
    Batch batch = std::exchange(batch_, {});
    batch_bytes_ = 0;
    if (batch.empty()) return;
    const auto imported = write(batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (imported.has_value())
            settle(batch[i], (*imported)[i]);
        else
            write_one(std::move(batch[i]), true);
    }
    report_progress();
}

Result<ProductImport::Imported> ProductImport::write(std::span<const FileProduct> batch) {
    Imported imported;
    const auto work = [&](sql::Transaction& tx) -> Result<void> {
        imported.clear();
        for (const FileProduct& product : batch) {
            auto one = writer_->apply(tx, product);
            if (one.has_error()) return one.error();
            imported.push_back(*std::move(one));
        }
        if (options_.dry_run) return kDryRun;
        return {};
    };
    const auto done = database_.write_blocking(work, kPatient);
    if (done.has_error() && !done.error().is(kDryRun)) return done.error();
    return imported;
}

void ProductImport::write_one(FileProduct product, bool may_retry) {
    // Its first rows are waiting to be tried again: so must these.
    const bool waits = product.continues && !outcomes_.contains(product.handle);
    const bool room = may_retry && !options_.dry_run && retries_.size() < kRetriesMax;
    if (waits && room) return retries_.push_back(std::move(product));

    auto imported = write({&product, 1});
    if (imported.has_value()) return settle(product, std::move(imported->front()));
    if (imported.error().is(kSkuCodeTaken) && room) return retries_.push_back(std::move(product));
    refuse(product, imported.error());
}

void ProductImport::settle(const FileProduct& product, ImportedProduct imported) {
    count(product.handle, imported.outcome);
    if (options_.dry_run) {
        for (const FileSku& row : product.skus) {
            if (!row.sku.code.empty()) dry_run_codes_[row.sku.code] = product.handle;
        }
        return;
    }
    if (!product.continues) {
        if (!imported.leftover.empty()) leftovers_[product.handle] = std::move(imported.leftover);
        return;
    }
    // Left over is what neither the earlier rows nor these have named.
    const auto open = leftovers_.find(product.handle);
    if (open == leftovers_.end()) return;
    keep_common(open->second.skus, imported.leftover.skus);
    keep_common(open->second.images, imported.leftover.images);
}

void ProductImport::remove_leftovers() {
    for (const auto& [handle, leftover] : std::exchange(leftovers_, {})) {
        if (leftover.empty()) continue;
        const auto work = [&](sql::Transaction& tx) {
            return writer_->remove(tx, handle, leftover);
        };
        const auto removed = database_.write_blocking(work, kPatient);
        const bool changed = removed.has_value() && *removed;
        if (changed) count(handle, ImportOutcome::updated);
        if (removed.has_error()) count(handle, ImportOutcome::failed);
    }
}

void ProductImport::retry_refused() {
    for (FileProduct& product : std::exchange(retries_, {})) {
        if (!refused_at_once(product)) write_one(std::move(product), false);
    }
}

void ProductImport::refuse(const FileProduct& product, const Error& error) {
    for (const RowError& each : row_errors(product, error)) report(each);
    count(product.handle, ImportOutcome::failed);
    leftovers_.erase(product.handle);
}

void ProductImport::count(const std::string& handle, ImportOutcome outcome) {
    const auto [place, first] = outcomes_.try_emplace(handle, outcome);
    if (!first) {
        --counter(counts_, place->second);
        place->second = combined(place->second, outcome);
    }
    ++counter(counts_, place->second);
    if (place->second == ImportOutcome::failed) leftovers_.erase(handle);
}

void ProductImport::report(const RowError& error) {
    ++counts_.bad_rows;
    listener_.row_refused(error);
}

void ProductImport::report_progress() {
    if (!listener_.progressed({reader_->bytes_read(), counts_})) stopped_ = true;
}

}  // namespace doorbuster::catalog
