#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "ports/database.hpp"

namespace doorbuster::test {

// A database that lets no write through until it is told to, so that a test knows what waits
// together. Thread-safe.
class GatedDatabase final : public sql::Database {
public:
    explicit GatedDatabase(sql::Database& database) : database_{database} {}

    sql::Dialect dialect() const override { return database_.dialect(); }
    bool shared() const override { return database_.shared(); }
    void submit_read(sql::Job& job) override { database_.submit_read(job); }
    void submit_write(sql::Job& job) override {
        {
            const std::lock_guard lock{mutex_};
            ++writes_;
            if (closed_) {
                held_.push_back(&job);
                return;
            }
        }
        database_.submit_write(job);
    }

    void close() {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    void open() {
        for (sql::Job* const job : let_in()) database_.submit_write(*job);
    }
    // What waits is not done, and `error` is why.
    void refuse(const std::exception_ptr& error) {
        for (sql::Job* const job : let_in()) job->finished(error);
    }
    // What waits is done, but those who asked for it never learn that.
    void lose_answers() {
        for (sql::Job* const job : let_in()) {
            lost_.push_back(std::make_unique<Lost>(*job));
            database_.submit_write(*lost_.back());
        }
    }
    int writes() const {
        const std::lock_guard lock{mutex_};
        return writes_;
    }

private:
    class Lost final : public sql::Job {
    public:
        explicit Lost(sql::Job& job) : job_{job} { options = job.options; }
        bool run(sql::Transaction& tx) override { return job_.run(tx); }
        bool run(sql::Reader& reader) override { return job_.run(reader); }
        void finished(std::exception_ptr) noexcept override {
            job_.finished(std::make_exception_ptr(sql::CommitUnknown{"nobody knows"}));
        }

    private:
        sql::Job& job_;
    };

    std::vector<sql::Job*> let_in() {
        const std::lock_guard lock{mutex_};
        closed_ = false;
        return std::exchange(held_, {});
    }

    sql::Database& database_;
    mutable std::mutex mutex_;
    std::vector<sql::Job*> held_;
    std::vector<std::unique_ptr<Lost>> lost_;
    bool closed_ = false;
    int writes_ = 0;
};

}  // namespace doorbuster::test
