#include <barrier>
#include <cstdlib>
#include <memory>

#include "adapters/postgres/postgres_database.hpp"
#include "contract/sql_contract.hpp"
#include "support/manual_clock.hpp"

// What happens to transactions when the server, the connection or another transaction gets in the
// way.
namespace doorbuster {
namespace {

using namespace std::chrono_literals;
using sql::Reader;
using sql::Row;
using sql::Transaction;
using test::statement;
using test::Submitted;

constexpr auto kAddOwner = statement("INSERT INTO owners (id, name, age) VALUES ($1, $2, 1)");
constexpr auto kGrowOlder = statement("UPDATE owners SET age = age + 1 WHERE id = $1");
constexpr auto kMyBackend = statement("SELECT pg_backend_pid()");
constexpr auto kTerminate = statement("SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)");
constexpr auto kSleep = statement("SELECT pg_sleep(30)");

std::int64_t one_integer(Reader& reader, const sql::Statement& text, sql::Params params = {}) {
    return *reader.find(text, params, [](const Row& row) { return row.integer(0); });
}

class PostgresConnection : public test::SqlContract {
protected:
    // Ends a connection as an administrator or a network does, and waits until it is gone.
    void terminate(std::int64_t backend) {
        other().read_blocking([&](Reader& reader) { one_integer(reader, kTerminate, {backend}); });
    }
    void SetUp() override {
        SqlContract::SetUp();
        if (IsSkipped()) return;
        postgres::PostgresOptions options;
        options.conninfo =
            std::string{std::getenv("DOORBUSTER_TEST_POSTGRES")} + " dbname=postgres";
        options.writer_count = options.reader_count = 1;
        other_ = std::make_unique<postgres::PostgresDatabase>(options);
    }
    // Before the clock that it reads.
    void TearDown() override { test_database().close(); }
    // The administrator's connections.
    sql::Database& other() { return *other_; }
    // Runs `body` at the commit of every transaction that adds an owner.
    void at_commit(const std::string& body) {
        script(
            "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body +
            " RETURN NULL; END $$;\n"
            "CREATE CONSTRAINT TRIGGER owners_at_commit AFTER INSERT ON owners"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();\n"
        );
    }
    static void insert(Transaction& tx, std::int64_t id) {
        tx.execute(kAddOwner, {id, "name" + std::to_string(id)});
    }

    test::ManualClock clock_;

private:
    std::unique_ptr<sql::Database> other_;
};
INSTANTIATE_TEST_SUITE_P(
    engines, PostgresConnection, testing::Values(sql::Dialect::postgres), test::engine_name
);

TEST_P(PostgresConnection, lost_while_idle_is_made_anew) {
    test_database().reopen({.threads = 1});
    const auto backend =
        database().write_blocking([](Transaction& tx) { return one_integer(tx, kMyBackend); });
    terminate(backend);
    add_owner(1);
    EXPECT_EQ(owners(), 1);
}

TEST_P(PostgresConnection, lost_in_the_middle_of_a_job_runs_it_again) {
    int runs = 0;
    database().write_blocking([&](Transaction& tx) {
        insert(tx, 1);
        if (++runs == 1) terminate(one_integer(tx, kMyBackend));
        insert(tx, 2);
    });
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(owners(), 2);
}

TEST_P(PostgresConnection, lost_in_the_middle_of_a_read_runs_it_again) {
    add_owner(1);
    int runs = 0;
    const auto count = database().read_blocking([&](Reader& reader) {
        if (++runs == 1) terminate(one_integer(reader, kMyBackend));
        return one_integer(reader, statement("SELECT COUNT(*) FROM owners"));
    });
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count, 1);
}

TEST_P(PostgresConnection, lost_again_and_again_ends_in_unavailable) {
    int runs = 0;
    const auto unlucky = [&](Transaction& tx) {
        ++runs;
        insert(tx, 1);
        terminate(one_integer(tx, kMyBackend));
        insert(tx, 2);
    };
    EXPECT_THROW(database().write_blocking(unlucky), sql::Unavailable);
    EXPECT_EQ(runs, 6);
    EXPECT_EQ(owners(), 0);
}

TEST_P(PostgresConnection, lost_during_the_commit_leaves_the_outcome_unknown) {
    at_commit("PERFORM pg_terminate_backend(pg_backend_pid());");
    int runs = 0;
    const auto add = [&](Transaction& tx) {
        ++runs;
        tx.after_commit([&] { runs += 1000; });
        insert(tx, 1);
    };
    EXPECT_THROW(database().write_blocking(add), sql::CommitUnknown);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(owners(), 0);
}

TEST_P(PostgresConnection, a_warning_at_the_commit_is_not_taken_for_success) {
    at_commit("RAISE WARNING 'canceling wait for synchronous replication due to user request';");
    EXPECT_THROW(add_owner(1), sql::CommitUnknown);
    EXPECT_EQ(owners(), 1);  // committed here, but nobody knows about the standby
}

TEST_P(PostgresConnection, no_time_limit_applies_to_the_commit) {
    at_commit("PERFORM pg_sleep(0.3);");
    test_database().reopen({.statement_max = 100ms});
    add_owner(1);
    EXPECT_EQ(owners(), 1);
}

TEST_P(PostgresConnection, a_statement_that_takes_too_long_is_cut_short) {
    test_database().reopen({.statement_max = 50ms});
    const auto sleep = [](Reader& reader) { reader.query(kSleep, {}, [](const Row&) {}); };
    EXPECT_THROW(database().read_blocking(sleep), sql::Unavailable);
    EXPECT_THROW(database().write_blocking(sleep), sql::Unavailable);
    add_owner(1);
    EXPECT_EQ(owners(), 1);
}

TEST_P(PostgresConnection, a_deadlock_is_resolved_by_running_again) {
    add_owner(1);
    add_owner(2);
    std::barrier both_hold_one{2};
    std::atomic<int> runs = 0;
    const auto in_order = [&](std::int64_t first, std::int64_t second) {
        bool met = false;
        return [&, first, second, met](Transaction& tx) mutable {
            ++runs;
            tx.execute(kGrowOlder, {first});
            if (!std::exchange(met, true)) both_hold_one.arrive_and_wait();
            tx.execute(kGrowOlder, {second});
            return true;
        };
    };
    Submitted up{database(), in_order(1, 2)};
    Submitted down{database(), in_order(2, 1)};
    up.wait();
    down.wait();
    EXPECT_GE(runs, 3);
    EXPECT_EQ(integer("SELECT SUM(age) FROM owners"), 2 + 4);
}

TEST_P(PostgresConnection, a_plan_that_went_out_of_date_is_made_anew) {
    add_owner(1);
    static constexpr auto kAll = statement("SELECT * FROM owners");
    const auto columns = [](Reader& reader) {
        return *reader.find(kAll, {}, [](const Row& row) { return row.size(); });
    };
    test_database().reopen({.threads = 1});
    EXPECT_EQ(database().read_blocking(columns), 3);
    script("ALTER TABLE owners ADD COLUMN note TEXT;");
    EXPECT_EQ(database().read_blocking(columns), 4);
}

TEST_P(PostgresConnection, a_write_goes_by_the_index_however_small_the_table_was) {
    static constexpr auto kPlan =
        statement("EXPLAIN UPDATE owners SET age = age + 1 WHERE id = $1");
    add_owner(1);
    script("ANALYZE owners");
    const auto plan = database().write_blocking([](Transaction& tx) {
        std::string lines;
        tx.query(kPlan, {1}, [&](const Row& row) { lines += row.string(0) + '\n'; });
        return lines;
    });
    EXPECT_NE(plan.find("Index Scan using owners_pkey"), std::string::npos) << plan;
}

TEST_P(PostgresConnection, that_cannot_be_made_refuses_when_the_time_is_over) {
    test_database().reopen({.threads = 1, .clock = &clock_});
    const auto work = [](Transaction& tx) {
        insert(tx, 1);
        return true;
    };
    const std::string conninfo = test_database().location();
    const std::string name = conninfo.substr(conninfo.find("dbname=") + 7);
    const auto allow = [&](const std::string& yes) {
        other().write_blocking([&](Transaction& tx) {
            tx.run_script("ALTER DATABASE " + name + " ALLOW_CONNECTIONS " + yes);
        });
    };
    const auto backend =
        database().write_blocking([](Transaction& tx) { return one_integer(tx, kMyBackend); });
    allow("false");
    terminate(backend);
    Submitted held{database(), work, {.wait_max = 1000ms}};
    Submitted queued{database(), work, {.wait_max = 1000ms}};
    clock_.advance(1001ms);
    EXPECT_THROW(held.wait(), sql::Unavailable);
    EXPECT_THROW(queued.wait(), sql::Unavailable);
    allow("true");
    Submitted after{database(), work};
    after.wait();
    EXPECT_EQ(owners(), 1);
}

TEST(PostgresServer, that_is_not_there_is_one_line) {
    postgres::PostgresOptions options;
    options.conninfo = "host=127.0.0.1 port=1 user=nobody password=hunter2";
    try {
        const postgres::PostgresDatabase database{options};
        FAIL() << "connected to nothing";
    } catch (const sql::Unavailable& error) {
        const std::string line = error.what();
        EXPECT_EQ(line.rfind("cannot reach PostgreSQL: ", 0), 0u) << line;
        EXPECT_EQ(line.find('\n'), line.npos);
        EXPECT_EQ(line.find("hunter2"), line.npos);
    }
}

}  // namespace
}  // namespace doorbuster
