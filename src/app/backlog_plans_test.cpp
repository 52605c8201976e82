#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "app/watched_backlogs.hpp"
#include "support/manual_clock.hpp"
#include "support/test_database.hpp"

namespace doorbuster::app {
namespace {

// Asks the database how it would run each query, and has nothing else of it.
class Explainer final : public sql::Reader {
public:
    explicit Explainer(sql::Reader& reader) : reader_{reader} {}

    sql::Dialect dialect() const override { return reader_.dialect(); }
    void query(
        const sql::Statement& statement, std::span<const sql::Param> params, const EachRow& each
    ) override {
        const bool sqlite = dialect() == sql::Dialect::sqlite;
        // Adapters know a statement by its address.
        const std::string& text = texts_.emplace_back(
            sqlite ? "EXPLAIN QUERY PLAN " + std::string{statement.sqlite}
                   : "EXPLAIN " + std::string{statement.postgres}
        );
        const sql::Statement& explain =
            statements_.emplace_back(sql::Statement{"test.explain", text, text});
        reader_.query(explain, params, [&](const sql::Row& line) {
            plan += line.string(sqlite ? 3 : 0) + "\n";
        });
        reader_.query(statement, params, each);
    }
    std::string plan;

private:
    sql::Reader& reader_;
    std::deque<std::string> texts_;
    std::deque<sql::Statement> statements_;
};

// A table that is read from its beginning to its end. What the queries count is called `waiting`.
std::string whole_tables_in(const std::string& plan) {
    std::istringstream lines{plan};
    std::string found;
    for (std::string line; std::getline(lines, line);) {
        const bool scans = line.find("Seq Scan") != std::string::npos ||
                           (line.starts_with("SCAN ") && line.find(" INDEX ") == std::string::npos);
        if (scans && line.find("waiting") == std::string::npos) found += line + "\n";
    }
    return found;
}

class BacklogPlans : public test::DatabaseTest {};
DOORBUSTER_ON_BOTH_ENGINES(BacklogPlans);

// They are measured every fifteen seconds, in a shop with any number of orders.
TEST_P(BacklogPlans, go_along_an_index_of_what_waits) {
    const test::ManualClock clock;
    // An empty table is read faster than an index; a large one is not.
    const sql::Statement prefer_indexes{
        "test.prefer_indexes", "SELECT 1", "SELECT set_config('enable_seqscan', 'off', true)"};
    database().write_blocking([&](sql::Transaction& tx) {
        tx.query(prefer_indexes, {}, [](const sql::Row&) {});
        for (const WatchedBacklog& watched : watched_backlogs()) {
            Explainer explainer{tx};
            watched.read(explainer, clock.now());
            EXPECT_NE(explainer.plan, "") << watched.name;
            EXPECT_EQ(whole_tables_in(explainer.plan), "") << watched.name << "\n"
                                                           << explainer.plan;
        }
    });
}

}  // namespace
}  // namespace doorbuster::app
