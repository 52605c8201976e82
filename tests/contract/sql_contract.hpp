#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "runtime/migrator.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// What every database keeps, whichever engine: an empty one with a few tables to try things on.
class SqlContract : public DatabaseTest {
protected:
    SqlContract() : DatabaseTest{TestDatabase::Schema::empty} {}

    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        script(
            "CREATE TABLE things (id @int NOT NULL PRIMARY KEY, i @int, r @real, t TEXT, b @bytes)"
            " @table;\n"
            "CREATE TABLE owners (id @int NOT NULL PRIMARY KEY,"
            " name TEXT NOT NULL CONSTRAINT owners_name_unique UNIQUE,"
            " age @int NOT NULL CONSTRAINT owners_age_check CHECK (age >= 0)) @table;\n"
            "CREATE TABLE pets (id @id, owner @int NOT NULL CONSTRAINT pets_owner REFERENCES"
            " owners (id), name TEXT NOT NULL) @table;\n"
            "CREATE TABLE promises (owner @int NOT NULL CONSTRAINT promises_owner REFERENCES"
            " owners (id) DEFERRABLE INITIALLY DEFERRED) @table;\n"
        );
    }

    // Runs a text of statements, with the words that migrations use and "@real".
    void script(std::string text) {
        const std::string real = on_sqlite() ? "REAL" : "DOUBLE PRECISION";
        for (std::size_t at; (at = text.find("@real")) != text.npos;) text.replace(at, 5, real);
        const std::string rendered = runtime::render_migration(text, GetParam());
        database().write_blocking([&](sql::Transaction& tx) { tx.run_script(rendered); });
    }

    void add_owner(std::int64_t id, std::string_view name = "someone") {
        execute(
            "INSERT INTO owners (id, name, age) VALUES ($1, $2, 1)",
            {id, std::string{name} + std::to_string(id)}
        );
    }
    std::int64_t owners() const { return integer("SELECT COUNT(*) FROM owners"); }
};

// A job that a test submits without waiting for it.
class Submitted final : public sql::Job {
public:
    using Work = std::function<bool(sql::Transaction&)>;

    Submitted(sql::Database& database, Work work, sql::JobOptions with = {})
        : work_{std::move(work)}, done_{finished_.get_future()} {
        options = with;
        database.submit_write(*this);
    }

    bool run(sql::Transaction& tx) override {
        ++runs_;
        return work_(tx);
    }
    bool run(sql::Reader&) override { return false; }
    void finished(std::exception_ptr error) noexcept override {
        std::promise<void> promise = std::move(finished_);
        error ? promise.set_exception(error) : promise.set_value();
    }

    // Waits for its end; throws what it ended in.
    void wait() { done_.get(); }
    bool over() const {
        return done_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }
    int runs() const { return runs_; }

private:
    Work work_;
    std::promise<void> finished_;
    std::future<void> done_;
    int runs_ = 0;
};

// Keeps a database thread busy until `release`.
class Blocker {
public:
    explicit Blocker(sql::Database& database)
        : job_{database, [this](sql::Transaction&) {
                   running_.set_value();
                   go_.get_future().wait();
                   return true;
               }} {
        running_.get_future().wait();
    }
    void release() {
        go_.set_value();
        job_.wait();
    }

private:
    std::promise<void> running_;
    std::promise<void> go_;
    Submitted job_;
};

// A constant statement of one text for both engines.
constexpr sql::Statement statement(std::string_view text) { return {"test", text, text}; }

}  // namespace doorbuster::test
