#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catalog/exchange/product_import.hpp"
#include "http/route.hpp"

namespace doorbuster::app {

// Runs imports for the admin socket, one at a time, each on a thread of its own: a command starts
// one and asks how far it is. Thread-safe.
class ImportJobs {
public:
    ImportJobs(sql::Database& database, catalog::ProductImportWriter::Services services);
    // Stops an import after its present batch.
    ~ImportJobs();

    struct State {
        std::int64_t id = 0;
        bool finished = false;
        std::string failure;  // why it stopped; empty: it did not
        std::uint64_t bytes_done = 0;
        std::uint64_t bytes_total = 0;
        catalog::ImportCounts counts;
        std::vector<std::string> ignored_columns;
        std::vector<catalog::RowError> errors;  // from the one asked for, at most kErrorsPerAnswer
        std::uint64_t error_count = 0;
    };
    static constexpr std::size_t kErrorsPerAnswer = 500;
    static constexpr std::size_t kErrorsMax = 10'000;  // more are only counted

    // Errors: kImportRunning, kValidationFailed when the file cannot be read.
    Result<std::int64_t> start(const std::string& path, bool dry_run);
    // Errors: kNotFound for any but the latest import.
    Result<State> state(std::int64_t id, std::uint64_t errors_from) const;

    // `POST /local/v1/imports` {path, dry_run} and `GET /local/v1/imports/{id}?errors_from=`.
    http::Routes routes();

private:
    class Job;
    sql::Database& database_;
    catalog::ProductImportWriter::Services services_;
    mutable std::mutex mutex_;
    std::unique_ptr<Job> job_;
    std::int64_t last_id_ = 0;
};

}  // namespace doorbuster::app
