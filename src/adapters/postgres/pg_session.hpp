#pragma once

#include <exception>
#include <functional>
#include <vector>

#include "adapters/postgres/pg_connection.hpp"

namespace doorbuster::postgres {

// What a piece of work sees of a connection; made new by `begin_job`. After a failed statement
// nothing works, as the port promises.
class PgSession final : public sql::Transaction {
public:
    explicit PgSession(PgConnection& connection) : connection_{connection} {}

    void begin_job();
    // The first exception that a statement of this job ended in; null: none.
    const std::exception_ptr& failure() const { return failure_; }
    void run_hooks();

    sql::Dialect dialect() const override { return sql::Dialect::postgres; }
    void query(
        const sql::Statement& statement, std::span<const sql::Param> params, const EachRow& each
    ) override;
    std::int64_t execute(const sql::Statement& statement, std::span<const sql::Param> params)
        override;
    std::int64_t insert_many(const sql::BulkInsert& insert, std::span<const sql::Param> values)
        override;
    void run_script(std::string_view script) override;
    void after_commit(std::function<void()> hook) override { hooks_.push_back(std::move(hook)); }

private:
    // Runs `work` unless an earlier statement failed; remembers its failure.
    template <class Work>
    decltype(auto) guarded(Work work);

    PgConnection& connection_;
    Arguments arguments_;
    std::vector<std::function<void()>> hooks_;
    std::exception_ptr failure_;
};

}  // namespace doorbuster::postgres
