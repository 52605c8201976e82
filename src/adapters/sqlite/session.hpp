#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "adapters/sqlite/connection.hpp"

namespace doorbuster::sqlite {

// What a piece of work sees of a connection. One session serves the connection's jobs one after the
// other; `begin_job` makes it new. It keeps the rule that after a failed statement nothing works.
class Session final : public sql::Transaction {
public:
    explicit Session(Connection& connection) : connection_{connection} {}

    // From here on a new job uses it.
    void begin_job();
    // The first exception that a statement of this job ended in; null: none.
    const std::exception_ptr& failure() const { return failure_; }
    // True if that was the file's fault, so that no more may be written.
    bool broken() const { return broken_; }
    // True if this job has changed something that is not undone by its statement's failure.
    bool changed() const;

    // Hooks of all jobs since the last were run, in order.
    std::size_t hook_count() const { return hooks_.size(); }
    void drop_hooks_after(std::size_t count) { hooks_.resize(count); }
    std::vector<std::function<void()>>& hooks() { return hooks_; }

    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
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
    // Rows changed by the statement that just ended, given the total before it.
    std::int64_t changes_since(std::int64_t total_before) const;

    Prepared& bulk(const sql::BulkInsert& insert);

    Connection& connection_;
    std::unordered_map<const void*, std::string> bulk_texts_;
    std::vector<std::function<void()>> hooks_;
    std::exception_ptr failure_;
    std::int64_t changes_at_start_ = 0;
    bool uncounted_change_ = false;  // by a script, or by a CREATE and the like
    bool broken_ = false;
};

}  // namespace doorbuster::sqlite
