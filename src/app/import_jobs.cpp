#include "app/import_jobs.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>

#include "catalog/exchange/csv_reader.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

constexpr ErrorKind kImportRunning{
    2090, "import_running", Condition::conflict, "Another import is running. Wait for its end."};

}  // namespace

class ImportJobs::Job final : public catalog::ImportListener {
public:
    // What an import is made from.
    struct Work {
        sql::Database& database;
        catalog::ProductImportWriter::Services services;
        bool dry_run;
    };

    Job(std::int64_t id, std::ifstream file, std::uint64_t bytes, Work work)
        : file_{std::move(file)} {
        state_.id = id;
        state_.bytes_total = bytes;
        thread_ = std::thread{[this, work] { run(work); }};
    }
    ~Job() override {
        stop_ = true;
        thread_.join();
    }

    void columns_ignored(const std::vector<std::string>& columns) override {
        const std::lock_guard lock{mutex_};
        state_.ignored_columns = columns;
    }
    void row_refused(const catalog::RowError& error) override {
        const std::lock_guard lock{mutex_};
        ++state_.error_count;
        if (state_.errors.size() < kErrorsMax) state_.errors.push_back(error);
    }
    bool progressed(const catalog::ImportProgress& progress) override {
        const std::lock_guard lock{mutex_};
        state_.bytes_done = progress.bytes_done;
        state_.counts = progress.counts;
        return !stop_;
    }

    bool finished() const {
        const std::lock_guard lock{mutex_};
        return state_.finished;
    }
    State state(std::uint64_t errors_from) const {
        const std::lock_guard lock{mutex_};
        State copy = state_;
        const std::size_t from = std::min<std::size_t>(errors_from, copy.errors.size());
        copy.errors.erase(
            copy.errors.begin(), copy.errors.begin() + static_cast<std::ptrdiff_t>(from)
        );
        if (copy.errors.size() > kErrorsPerAnswer) copy.errors.resize(kErrorsPerAnswer);
        return copy;
    }

private:
    void run(const Work& work) {
        std::string failure;
        catalog::ImportCounts counts;
        try {
            catalog::ProductImport import{
                work.database, work.services, {.dry_run = work.dry_run, .actor = {}}, *this};
            const auto done = import.run(catalog::bytes_of(file_));
            if (done.has_error()) {
                failure = done.error().kind().message;
            } else {
                counts = *done;
            }
        } catch (const std::exception& error) {
            failure = error.what();
        }
        const std::lock_guard lock{mutex_};
        if (failure.empty()) {
            state_.counts = counts;
            if (!stop_) state_.bytes_done = state_.bytes_total;
        }
        state_.failure =
            stop_ && failure.empty() ? "the server is stopping; run the import again" : failure;
        state_.finished = true;
    }

    std::ifstream file_;
    mutable std::mutex mutex_;
    State state_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;  // last: it uses all the others
};

ImportJobs::ImportJobs(sql::Database& database, catalog::ProductImportWriter::Services services)
    : database_{database}, services_{services} {}

ImportJobs::~ImportJobs() = default;

Result<std::int64_t> ImportJobs::start(const std::string& path, bool dry_run) {
    std::error_code failure;
    const bool is_file = std::filesystem::is_regular_file(path, failure);
    const auto bytes = is_file ? std::filesystem::file_size(path, failure) : 0;
    std::ifstream file{path, std::ios::binary};
    if (!is_file || !file)
        return Error{kValidationFailed, "path", "is no file that the server can read"};
    const std::lock_guard lock{mutex_};
    if (job_ && !job_->finished()) return kImportRunning;
    job_.reset();
    job_ = std::make_unique<Job>(
        ++last_id_, std::move(file), bytes, Job::Work{database_, services_, dry_run}
    );
    return last_id_;
}

Result<ImportJobs::State> ImportJobs::state(std::int64_t id, std::uint64_t errors_from) const {
    const std::lock_guard lock{mutex_};
    if (!job_ || id != last_id_) return kNotFound;
    return job_->state(errors_from);
}

namespace {

json::value to_json(const ImportJobs::State& state) {
    json::array errors;
    for (const catalog::RowError& error : state.errors) {
        errors.push_back({{"line", error.line}, {"column", error.column}, {"reason", error.reason}}
        );
    }
    const auto& counts = state.counts;
    return {
        {"id", std::to_string(state.id)},
        {"finished", state.finished},
        {"failure", state.failure},
        {"bytes_done", state.bytes_done},
        {"bytes_total", state.bytes_total},
        {"rows", counts.rows},
        {"bad_rows", counts.bad_rows},
        {"created", counts.created},
        {"updated", counts.updated},
        {"unchanged", counts.unchanged},
        {"failed", counts.failed},
        {"ignored_columns",
         json::array(state.ignored_columns.begin(), state.ignored_columns.end())},
        {"errors", std::move(errors)},
        {"error_count", state.error_count},
    };
}

http::Response start_import(ImportJobs& jobs, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string path = fields.text("path", {.max = 4096});
    const bool dry_run = fields.optional_boolean("dry_run").value_or(false);
    if (const auto bad = fields.check(); bad.has_error())
        return http::failure(request, bad.error());
    const auto render = [](std::int64_t id) { return json::value{{"id", std::to_string(id)}}; };
    return http::answer(request, jobs.start(path, dry_run), render, 201);
}

http::Response import_state(ImportJobs& jobs, http::Request& request) {
    http::Fields query = http::Fields::query(request);
    const auto from = query.optional_integer("errors_from", 0, 1'000'000'000).value_or(0);
    if (const auto bad = query.check(); bad.has_error()) return http::failure(request, bad.error());
    using JobId = Id<struct ImportJobTag>;
    const auto id = request.path_id<JobId>("id").value();
    return http::answer(request, jobs.state(id, static_cast<std::uint64_t>(from)), to_json);
}

}  // namespace

http::Routes ImportJobs::routes() {
    using http::Access;
    using http::Method;
    return {
        {Method::post,
         "/local/v1/imports",
         Access::local(),
         http::SyncHandler{[this](http::Request& r) { return start_import(*this, r); }}},
        {Method::get,
         "/local/v1/imports/{id}",
         Access::local(),
         http::SyncHandler{[this](http::Request& r) { return import_state(*this, r); }}},
    };
}

}  // namespace doorbuster::app
