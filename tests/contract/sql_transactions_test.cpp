#include <atomic>
#include <thread>

#include "adapters/sqlite/sqlite_database.hpp"
#include "contract/sql_contract.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

// All or nothing, each on its own, and known to be so: what every database promises.
namespace doorbuster {
namespace {

using namespace std::chrono_literals;
using sql::Reader;
using sql::Row;
using sql::Transaction;
using test::Blocker;
using test::statement;
using test::Submitted;

constexpr ErrorKind kRefused{9999, "refused", Condition::conflict, "No."};
constexpr auto kAddOwner = statement("INSERT INTO owners (id, name, age) VALUES ($1, $2, $3)");
constexpr auto kAddPromise = statement("INSERT INTO promises (owner) VALUES ($1)");
constexpr auto kCountOwners = statement("SELECT COUNT(*) FROM owners");
constexpr auto kGrowOlder = statement("UPDATE owners SET age = age + 1 WHERE id = $1");

std::int64_t count_owners(Reader& reader) {
    return *reader.find(kCountOwners, {}, [](const Row& row) { return row.integer(0); });
}

void insert_owner(Transaction& tx, std::int64_t id, std::int64_t age = 1) {
    tx.execute(kAddOwner, {id, "name" + std::to_string(id), age});
}

class SqlTransactions : public test::SqlContract {
protected:
    sqlite::SqliteStats stats() {
        return dynamic_cast<sqlite::SqliteDatabase&>(database()).stats();
    }
};
DOORBUSTER_ON_BOTH_ENGINES(SqlTransactions);

TEST_P(SqlTransactions, an_error_result_rolls_back_and_is_returned) {
    const auto refuse = [](Transaction& tx) -> Result<int> {
        insert_owner(tx, 1);
        return kRefused;
    };
    const auto result = database().write_blocking(refuse);
    ASSERT_TRUE(result.has_error());
    EXPECT_TRUE(result.error().is(kRefused));
    EXPECT_EQ(owners(), 0);
}

TEST_P(SqlTransactions, a_value_commits_and_is_returned) {
    const auto add = [](Transaction& tx) -> Result<std::string> {
        insert_owner(tx, 1);
        return std::string{"done"};
    };
    EXPECT_EQ(*database().write_blocking(add), "done");
    const auto add_silently = [](Transaction& tx) -> Result<void> {
        insert_owner(tx, 2);
        return {};
    };
    EXPECT_TRUE(database().write_blocking(add_silently));
    EXPECT_EQ(owners(), 2);
}

TEST_P(SqlTransactions, an_exception_rolls_back_and_is_thrown) {
    const auto fail = [](Transaction& tx) {
        insert_owner(tx, 1);
        throw std::logic_error{"mine"};
    };
    EXPECT_THROW(database().write_blocking(fail), std::logic_error);
    EXPECT_EQ(owners(), 0);
}

TEST_P(SqlTransactions, nothing_works_after_a_failed_statement_even_if_it_is_caught) {
    add_owner(1);
    int later_statements = 0;
    const auto swallow = [&](Transaction& tx) -> Result<void> {
        insert_owner(tx, 2);
        try {
            insert_owner(tx, 1);
        } catch (const sql::ConstraintViolation&) {
        }
        later_statements = 0;
        try {
            insert_owner(tx, 3);
            ++later_statements;
        } catch (const sql::Error&) {
        }
        try {
            count_owners(tx);
            ++later_statements;
        } catch (const sql::Error&) {
        }
        return {};
    };
    EXPECT_THROW((void)database().write_blocking(swallow), sql::ConstraintViolation);
    EXPECT_EQ(later_statements, 0);
    EXPECT_EQ(owners(), 1);
}

TEST_P(SqlTransactions, a_caught_violation_may_become_an_error_result) {
    add_owner(1);
    const auto translate = [](Transaction& tx) -> Result<void> {
        try {
            insert_owner(tx, 1);
        } catch (const sql::ConstraintViolation&) {
            return kRefused;
        }
        return {};
    };
    const auto result = database().write_blocking(translate);
    ASSERT_TRUE(result.has_error());
    EXPECT_TRUE(result.error().is(kRefused));
}

TEST_P(SqlTransactions, what_a_row_callback_throws_fails_no_statement) {
    add_owner(1);
    const auto work = [](Transaction& tx) {
        try {
            tx.query(kCountOwners, {}, [](const Row&) { throw std::logic_error{"mine"}; });
        } catch (const std::logic_error&) {
        }
        insert_owner(tx, 2);
    };
    database().write_blocking(work);
    EXPECT_EQ(owners(), 2);
}

TEST_P(SqlTransactions, a_deferred_constraint_refuses_the_commit) {
    const auto break_promise = [](Transaction& tx) { tx.execute(kAddPromise, {77}); };
    try {
        database().write_blocking(break_promise);
        FAIL() << "the commit was not refused";
    } catch (const sql::ConstraintViolation& violation) {
        EXPECT_EQ(violation.kind(), sql::ConstraintViolation::Kind::foreign_key);
    }
    EXPECT_EQ(integer("SELECT COUNT(*) FROM promises"), 0);
}

TEST_P(SqlTransactions, own_writes_are_read_inside_and_after) {
    const auto add = [](Transaction& tx) {
        insert_owner(tx, 1);
        return count_owners(tx);
    };
    EXPECT_EQ(database().write_blocking(add), 1);
    EXPECT_EQ(database().read_blocking(count_owners), 1);
}

TEST_P(SqlTransactions, a_reader_cannot_write) {
    static constexpr auto kInsert =
        statement("INSERT INTO owners (id, name, age) VALUES (1, 'a', 1) RETURNING id");
    const auto write = [](Reader& reader) { reader.query(kInsert, {}, [](const Row&) {}); };
    EXPECT_THROW(database().read_blocking(write), sql::Error);
    EXPECT_EQ(owners(), 0);
}

TEST_P(SqlTransactions, a_reader_sees_one_moment) {
    add_owner(1);
    const auto look_twice = [&](Reader& reader) {
        const auto before = count_owners(reader);
        add_owner(2);  // another transaction, committed before the second look
        return std::pair{before, count_owners(reader)};
    };
    EXPECT_EQ(database().read_blocking(look_twice), (std::pair<std::int64_t, std::int64_t>{1, 1}));
    EXPECT_EQ(owners(), 2);
}

TEST_P(SqlTransactions, hooks_run_in_order_after_the_commit_and_before_the_caller_is_told) {
    std::vector<std::string> order;
    const auto work = [&](Transaction& tx) {
        insert_owner(tx, 1);
        tx.after_commit([&] { order.push_back("first, owners: " + std::to_string(owners())); });
        tx.after_commit([&] { order.push_back("second"); });
    };
    database().write_blocking(work);
    order.push_back("told");
    EXPECT_EQ(order, (std::vector<std::string>{"first, owners: 1", "second", "told"}));
}

TEST_P(SqlTransactions, hooks_of_what_was_rolled_back_do_not_run) {
    std::atomic<int> ran = 0;
    const auto refuse = [&](Transaction& tx) -> Result<void> {
        tx.after_commit([&] { ++ran; });
        insert_owner(tx, 1);
        return kRefused;
    };
    EXPECT_TRUE(database().write_blocking(refuse).has_error());
    const auto fail = [&](Transaction& tx) {
        tx.after_commit([&] { ++ran; });
        throw std::logic_error{"mine"};
    };
    EXPECT_THROW(database().write_blocking(fail), std::logic_error);
    const auto fine = [&](Transaction& tx) { insert_owner(tx, 2); };
    database().write_blocking(fine);
    EXPECT_EQ(ran, 0);
}

TEST_P(SqlTransactions, coroutines_get_the_same_answers) {
    const auto all = [&]() -> Task<void> {
        const auto add = [](Transaction& tx) -> Result<int> {
            insert_owner(tx, 1);
            return 7;
        };
        const Result<int> added = co_await database().write(add);
        EXPECT_EQ(*added, 7);
        const auto refuse = [](Transaction& tx) -> Result<int> {
            insert_owner(tx, 2);
            return kRefused;
        };
        const Result<int> refused = co_await database().write(refuse);
        EXPECT_TRUE(refused.has_error());
        const std::int64_t count = co_await database().read(&count_owners);
        EXPECT_EQ(count, 1);
        const auto violate = [](Transaction& tx) { insert_owner(tx, 3, -1); };
        co_await database().write(violate);
    };
    EXPECT_THROW(test::run(all()), sql::ConstraintViolation);
    EXPECT_EQ(owners(), 1);
}

TEST_P(SqlTransactions, a_failing_one_does_not_fail_its_neighbours) {
    test_database().reopen({.threads = 1});
    std::atomic<int> hooks = 0;
    const auto neighbour = [&](std::int64_t id) {
        return [&, id](Transaction& tx) {
            insert_owner(tx, id);
            tx.after_commit([&] { ++hooks; });
            return true;
        };
    };
    const auto violating = [&](std::int64_t id) {
        return [&, id](Transaction& tx) {
            insert_owner(tx, id);
            tx.after_commit([&] { hooks += 1000; });
            insert_owner(tx, id + 1, -1);
            return true;
        };
    };
    const auto refusing = [&](std::int64_t id) {
        return [&, id](Transaction& tx) {
            insert_owner(tx, id);
            tx.after_commit([&] { hooks += 1000; });
            return false;
        };
    };
    const auto throwing = [](Transaction&) -> bool { throw std::logic_error{"mine"}; };

    Blocker blocker{database()};
    Submitted a{database(), neighbour(1)};
    Submitted b{database(), violating(10)};
    Submitted c{database(), neighbour(2)};
    Submitted d{database(), refusing(20)};
    Submitted e{database(), throwing};
    Submitted f{database(), neighbour(3)};
    const auto commits_before = on_sqlite() ? stats().commits : 0;
    blocker.release();
    a.wait();
    EXPECT_THROW(b.wait(), sql::ConstraintViolation);
    c.wait();
    d.wait();
    EXPECT_THROW(e.wait(), std::logic_error);
    f.wait();

    EXPECT_EQ(owners(), 3);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM owners WHERE id <= 3"), 3);
    EXPECT_EQ(hooks, 3);
    if (on_sqlite()) {
        // The blocker's commit, and one that all the others shared.
        EXPECT_EQ(stats().commits - commits_before, 2u);
        EXPECT_EQ(stats().reruns, 1u);
    }
}

TEST_P(SqlTransactions, a_neighbour_that_breaks_a_deferred_constraint_fails_alone) {
    test_database().reopen({.threads = 1});
    std::atomic<int> hooks = 0;
    const auto good = [&](std::int64_t id) {
        return [&, id](Transaction& tx) {
            insert_owner(tx, id);
            tx.after_commit([&] { ++hooks; });
            return true;
        };
    };
    const auto breaking = [&](Transaction& tx) {
        tx.execute(kAddPromise, {77});
        tx.after_commit([&] { hooks += 1000; });
        return true;
    };
    Blocker blocker{database()};
    Submitted a{database(), good(1)};
    Submitted b{database(), breaking};
    Submitted c{database(), good(2)};
    blocker.release();
    a.wait();
    EXPECT_THROW(b.wait(), sql::ConstraintViolation);
    c.wait();
    EXPECT_EQ(owners(), 2);
    EXPECT_EQ(hooks, 2);
}

TEST_P(SqlTransactions, a_failing_change_of_the_schema_leaves_nothing_among_its_neighbours) {
    test_database().reopen({.threads = 1});
    static constexpr auto kCreate = statement("CREATE TABLE half_made (id BIGINT)");
    const auto failing = [](Transaction& tx) {
        tx.execute(kCreate, {});
        return false;
    };
    const auto good = [](Transaction& tx) {
        insert_owner(tx, 1);
        return true;
    };
    Blocker blocker{database()};
    Submitted a{database(), failing};
    Submitted b{database(), good};
    blocker.release();
    a.wait();
    b.wait();
    EXPECT_EQ(owners(), 1);
    EXPECT_THROW(integer("SELECT COUNT(*) FROM half_made"), sql::Error);
}

TEST_P(SqlTransactions, many_that_succeed_share_a_commit_on_sqlite) {
    if (!on_sqlite()) GTEST_SKIP() << "PostgreSQL groups its commits itself";
    Blocker blocker{database()};
    std::vector<std::unique_ptr<Submitted>> jobs;
    for (int id = 1; id <= 100; ++id) {
        jobs.push_back(std::make_unique<Submitted>(database(), [id](Transaction& tx) {
            insert_owner(tx, id);
            return true;
        }));
    }
    const auto before = stats().commits;
    blocker.release();
    for (auto& job : jobs) job->wait();
    EXPECT_EQ(stats().commits - before, 2u);
    EXPECT_EQ(stats().reruns, 0u);
    EXPECT_EQ(owners(), 100);
}

TEST_P(SqlTransactions, writers_on_one_hot_row_lose_nothing) {
    add_owner(1);
    constexpr int kThreads = 8;
    constexpr int kEach = 40;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < kEach; ++n) {
                database().write_blocking([](Transaction& tx) { tx.execute(kGrowOlder, {1}); });
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(integer("SELECT age FROM owners"), 1 + kThreads * kEach);
}

class SqlWaiting : public SqlTransactions {
protected:
    void SetUp() override {
        SqlTransactions::SetUp();
        if (!IsSkipped()) test_database().reopen(tuning_);
    }
    // Before the clock that it reads.
    void TearDown() override { test_database().close(); }
    static bool nothing(Transaction&) { return true; }

    test::ManualClock clock_;
    const test::TestDatabase::Tuning tuning_{
        .queue = {.jobs_max = 3, .urgent_max = 2}, .threads = 1, .clock = &clock_};
};
DOORBUSTER_ON_BOTH_ENGINES(SqlWaiting);

TEST_P(SqlWaiting, a_full_queue_refuses_but_keeps_room_for_urgent_work) {
    const sql::JobOptions urgent{.urgent = true};
    std::vector<int> order;
    const auto note = [&](int number) {
        return [&order, number](Transaction&) {
            order.push_back(number);
            return true;
        };
    };
    Blocker blocker{database()};
    Submitted a{database(), note(1)};
    Submitted b{database(), note(2)};
    Submitted c{database(), note(3)};
    Submitted too_many{database(), note(4)};
    EXPECT_THROW(too_many.wait(), sql::Unavailable);
    Submitted d{database(), note(5), urgent};
    Submitted e{database(), note(6), urgent};
    Submitted too_many_urgent{database(), note(7), urgent};
    EXPECT_THROW(too_many_urgent.wait(), sql::Unavailable);
    blocker.release();
    for (Submitted* job : {&a, &b, &c, &d, &e}) job->wait();
    EXPECT_EQ(order, (std::vector<int>{5, 6, 1, 2, 3}));
}

TEST_P(SqlWaiting, a_job_whose_time_is_over_is_refused_while_the_writer_is_busy) {
    Blocker blocker{database()};
    Submitted impatient{database(), nothing, {.wait_max = 1000ms}};
    Submitted patient{database(), nothing, {.wait_max = 9000ms}};
    clock_.advance(1001ms);
    EXPECT_THROW(impatient.wait(), sql::Unavailable);  // the writer is still blocked
    EXPECT_FALSE(patient.over());
    blocker.release();
    patient.wait();
    EXPECT_EQ(impatient.runs(), 0);
    EXPECT_EQ(patient.runs(), 1);
}

TEST_P(SqlWaiting, a_job_that_has_begun_is_not_cut_short) {
    const auto slow = [&](Transaction& tx) {
        insert_owner(tx, 1);
        clock_.advance(60'000ms);
        insert_owner(tx, 2);
        return true;
    };
    Submitted job{database(), slow, {.wait_max = 10ms}};
    job.wait();
    EXPECT_EQ(owners(), 2);
}

TEST_P(SqlWaiting, closing_finishes_what_was_submitted) {
    auto blocker = std::make_unique<Blocker>(database());
    std::vector<std::unique_ptr<Submitted>> jobs;
    for (int id = 1; id <= 3; ++id) {
        jobs.push_back(std::make_unique<Submitted>(database(), [id](Transaction& tx) {
            insert_owner(tx, id);
            return true;
        }));
    }
    std::thread closing{[&] { test_database().close(); }};
    blocker->release();
    closing.join();
    for (auto& job : jobs) EXPECT_TRUE(job->over());
    for (auto& job : jobs) job->wait();
    test_database().reopen();
    EXPECT_EQ(owners(), 3);
}

}  // namespace
}  // namespace doorbuster
