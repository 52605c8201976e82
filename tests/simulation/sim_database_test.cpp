#include "simulation/sim_database.hpp"

#include <gtest/gtest.h>

namespace doorbuster::simulation {
namespace {

constexpr sql::Statement both(std::string_view text) { return {"test.statement", text, text}; }
constexpr auto kAdd = both("INSERT INTO things (id) VALUES ($1)");
constexpr auto kCount = both("SELECT COUNT(*) FROM things");
constexpr ErrorKind kRefused{9999, "refused", Condition::conflict, "No."};

Image image_of_things() {
    Disk disk;
    disk.connection().run("CREATE TABLE things (id INTEGER PRIMARY KEY)");
    return disk.image();
}

// One database of a world in which nothing else happens.
class SimDatabaseTest : public testing::Test {
protected:
    explicit SimDatabaseTest(DatabaseManner manner = {})
        : database_{std::make_unique<SimDatabase>(disk_, scheduler_, dice_, manner)} {}

    void behave(DatabaseManner manner) {
        database_ = std::make_unique<SimDatabase>(disk_, scheduler_, dice_, manner);
    }
    std::int64_t things() {
        return *disk_.committed().find(kCount, {}, [](const auto& row) { return row.integer(0); });
    }
    // Adds one thing; what became of it is appended to `told_`.
    void add(std::int64_t id, sql::JobOptions options = {}) {
        scheduler_.start(adding(id, options));
        scheduler_.settle();
    }
    void rest() {
        scheduler_.settle();
        while (scheduler_.step()) {
        }
    }

    Task<void> adding(std::int64_t id, sql::JobOptions options) {
        const auto work = [this, id](sql::Transaction& tx) {
            ++runs_;
            tx.after_commit([this] { ++hooks_; });
            tx.execute(kAdd, {id});
            return id;
        };
        std::string told;
        try {
            told = std::to_string(co_await database_->write(work, options));
        } catch (const sql::Unavailable&) {
            told = "unavailable";
        } catch (const sql::CommitUnknown&) {
            told = "unknown";
        } catch (const sql::ConstraintViolation&) {
            told = "constraint";
        }
        told_.push_back(told);
    }

    Trace trace_{true};
    Dice dice_{1};
    Disk disk_{image_of_things()};
    Scheduler scheduler_{trace_};
    std::unique_ptr<SimDatabase> database_;
    std::vector<std::string> told_;
    int runs_ = 0;
    int hooks_ = 0;
};

using Told = std::vector<std::string>;

TEST_F(SimDatabaseTest, commits_then_runs_hooks_then_answers) {
    database_->on_commit([&] {
        EXPECT_EQ(things(), 1);
        EXPECT_EQ(hooks_, 0);
    });
    add(1);
    while (hooks_ == 0) ASSERT_TRUE(scheduler_.step());
    EXPECT_TRUE(told_.empty());
    rest();
    EXPECT_EQ(told_, Told{"1"});
}

TEST_F(SimDatabaseTest, a_failed_statement_leaves_nothing) {
    add(1);
    rest();
    add(1);
    rest();
    EXPECT_EQ(told_, (Told{"1", "constraint"}));
    EXPECT_EQ(hooks_, 1);
    EXPECT_EQ(things(), 1);
}

TEST_F(SimDatabaseTest, an_error_result_rolls_back) {
    std::optional<Result<int>> result;
    const auto refuse = [](sql::Transaction& tx) -> Result<int> {
        tx.execute(kAdd, {1});
        return kRefused;
    };
    const auto body = [&]() -> Task<void> { result = co_await database_->write(refuse); };
    scheduler_.start(body());
    rest();
    EXPECT_TRUE(result->error().is(kRefused));
    EXPECT_EQ(things(), 0);
}

TEST_F(SimDatabaseTest, a_refused_job_never_runs) {
    behave({.refused = 1000});
    add(1);
    rest();
    EXPECT_EQ(told_, Told{"unavailable"});
    EXPECT_EQ(runs_, 0);
}

TEST_F(SimDatabaseTest, a_job_that_waited_too_long_never_runs) {
    behave({.begin_max = Microseconds{50'000}});
    add(1, {.wait_max = Milliseconds{-1}});
    rest();
    EXPECT_EQ(told_, Told{"unavailable"});
    EXPECT_EQ(runs_, 0);
}

TEST_F(SimDatabaseTest, a_job_run_twice_counts_once) {
    behave({.run_twice = 1000});
    add(1);
    rest();
    EXPECT_EQ(told_, Told{"1"});
    EXPECT_EQ(runs_, 2);
    EXPECT_EQ(hooks_, 1);
    EXPECT_EQ(things(), 1);
}

TEST_F(SimDatabaseTest, an_unknown_commit_has_either_truth) {
    behave({.unknown_done = 1000});
    add(1);
    rest();
    EXPECT_EQ(things(), 1);
    behave({.unknown_lost = 1000});
    add(2);
    rest();
    EXPECT_EQ(things(), 1);
    EXPECT_EQ(told_, (Told{"unknown", "unknown"}));
    EXPECT_EQ(hooks_, 0);
}

TEST_F(SimDatabaseTest, a_reader_sees_what_was_committed_when_it_began) {
    std::int64_t seen = -1;
    const auto count = [](sql::Reader& reader) {
        return *reader.find(kCount, {}, [](const sql::Row& row) { return row.integer(0); });
    };
    const auto body = [&]() -> Task<void> { seen = co_await database_->read(count); };
    add(1);
    rest();
    scheduler_.start(body());
    rest();
    EXPECT_EQ(seen, 1);
}

// Killed after each number of steps, from none to all.
TEST_F(SimDatabaseTest, dies_at_every_step_and_ends_every_job) {
    for (int steps = 0; steps < 8; ++steps) {
        behave({});
        told_.clear();
        const auto before = things();
        add(100 + steps);
        for (int i = 0; i < steps; ++i) scheduler_.step();
        database_->die();
        add(200 + steps);
        scheduler_.settle();
        EXPECT_TRUE(database_->idle());
        ASSERT_EQ(told_.size(), 2u) << steps;
        EXPECT_EQ(told_[1], "unavailable");
        const bool answered = told_[0] != "unavailable";
        EXPECT_TRUE(!answered || things() == before + 1);
        rest();
    }
}

TEST_F(SimDatabaseTest, nothing_of_a_dead_life_reaches_the_disk) {
    add(1);
    database_->die();
    database_.reset();
    rest();
    EXPECT_EQ(told_, Told{"unavailable"});
    EXPECT_EQ(things(), 0);
}

TEST(Disk, copies_are_independent) {
    const Image image = image_of_things();
    Disk one{image};
    Disk two{image};
    StraightDatabase{one}.write_blocking([](sql::Transaction& tx) { tx.execute(kAdd, {1}); });
    const auto count = [](Disk& disk) {
        return disk.committed().find(kCount, {}, [](const auto& row) { return row.integer(0); });
    };
    EXPECT_EQ(count(one), 1);
    EXPECT_EQ(count(two), 0);
}

}  // namespace
}  // namespace doorbuster::simulation
