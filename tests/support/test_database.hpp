#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/clock.hpp"
#include "ports/database.hpp"
#include "ports/job_queue.hpp"

namespace doorbuster::test {

// A fresh database of one engine, gone afterwards. With the schema of migrations/, unless empty.
// SQLite: a file in a temporary folder, not durable. PostgreSQL: a database of its own on the
// server that DOORBUSTER_TEST_POSTGRES (a conninfo) names, copied from a template.
class TestDatabase {
public:
    enum class Schema { migrated, empty };

    explicit TestDatabase(sql::Dialect dialect, Schema schema = Schema::migrated);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    // Whether this machine can provide that engine.
    static bool available(sql::Dialect dialect);

    sql::Database& get() const;
    sql::Database& operator*() const { return get(); }
    sql::Database* operator->() const { return &get(); }

    // How a second database object or another program reaches the same data: the path of the file,
    // or a conninfo.
    const std::string& location() const;
    // What a test of waiting and of failures turns down or up.
    struct Tuning {
        sql::JobQueue::Limits queue;         // for writing and for reading
        int threads = 4;                     // PostgreSQL only; half of it for reading
        Milliseconds statement_max{10'000};  // PostgreSQL only
        const Clock* clock = nullptr;
    };
    // Closes the database and opens it anew, as a restart does.
    void reopen();
    void reopen(const Tuning& tuning);
    // Closes it: every job is finished.
    void close();

private:
    struct Place;
    std::unique_ptr<Place> place_;
};

// Base of tests that run on both engines, each on a fresh migrated database:
//
//     class Orders : public test::DatabaseTest {
//     protected:
//         OrderStore store_{database()};
//     };
//     DOORBUSTER_ON_BOTH_ENGINES(Orders);
//     TEST_P(Orders, keep_what_was_bought) { ... }
//
// The PostgreSQL half is skipped where there is no server.
class DatabaseTest : public testing::TestWithParam<sql::Dialect> {
protected:
    explicit DatabaseTest(TestDatabase::Schema schema = TestDatabase::Schema::migrated);
    // A derived SetUp calls this first and returns if IsSkipped().
    void SetUp() override;

    sql::Database& database() const { return database_.get(); }
    TestDatabase& test_database() { return database_; }
    bool on_sqlite() const { return GetParam() == sql::Dialect::sqlite; }

    // One statement, for setting up and looking at a test's data. The text serves both engines.
    std::int64_t execute(std::string_view text, sql::Params params = {}) const;
    // The first column of the first row; fails the test when there is no row.
    std::int64_t integer(std::string_view text, sql::Params params = {}) const;
    std::string text(std::string_view text, sql::Params params = {}) const;

private:
    TestDatabase database_;
};

std::string engine_name(const testing::TestParamInfo<sql::Dialect>& info);

}  // namespace doorbuster::test

#define DOORBUSTER_ON_BOTH_ENGINES(Suite)                                                          \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        engines,                                                                                   \
        Suite,                                                                                     \
        testing::Values(::doorbuster::sql::Dialect::sqlite, ::doorbuster::sql::Dialect::postgres), \
        ::doorbuster::test::engine_name                                                            \
    )
