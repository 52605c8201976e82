#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <future>
#include <memory>

#include "core/task.hpp"
#include "ports/sql.hpp"

namespace doorbuster::sql {

// How long a job may wait for its turn. It is refused with Unavailable if it has not begun by then;
// once begun it runs to its end, because a commit must not be cut short. A read that has begun is
// cut short by the adapter's own limit, also with Unavailable.
struct JobOptions {
    std::chrono::milliseconds wait_max{5000};
    // Payment notifications and timers are not refused while the queue is full for everyone else.
    bool urgent = false;
};

// A piece of work for a database thread. It belongs to whoever submitted it and stays alive until
// `finished` has been called, exactly once.
class Job {
public:
    virtual ~Job() = default;
    // True: the work may be committed. False: it asks for a rollback (its result is an error).
    virtual bool run(Transaction& tx) = 0;
    virtual bool run(Reader& reader) = 0;
    // After the durable commit or rollback; `error` when the work threw or the commit failed.
    virtual void finished(std::exception_ptr error) noexcept = 0;

    JobOptions options;
    std::chrono::steady_clock::time_point submitted{};
    Job* next = nullptr;  // for the adapter's queue
};

// A database. Thread-safe. Every job submitted is finished before the destructor returns. The event
// loops whose coroutines await it live longer than the database: its threads wake them.
class Database {
public:
    virtual ~Database() = default;
    virtual Dialect dialect() const = 0;
    // True when another process may write to it (PostgreSQL): what is cached here can be stale.
    virtual bool shared() const = 0;

    virtual void submit_write(Job& job) = 0;
    virtual void submit_read(Job& job) = 0;

    // Runs `work(Transaction&)` in a transaction and resumes when it is durable. An error Result
    // rolls back and is returned; an exception rolls back and is thrown here.
    template <class Work>
    auto write(Work work, JobOptions options = {})
        -> Task<std::invoke_result_t<Work&, Transaction&>> {
        co_return co_await run<Transaction>(std::move(work), options);
    }
    // Runs `work(Reader&)` in a read-only snapshot.
    template <class Work>
    auto read(Work work, JobOptions options = {}) -> Task<std::invoke_result_t<Work&, Reader&>> {
        co_return co_await run<Reader>(std::move(work), options);
    }

    // The same for threads that may block: commands and tests, never an event loop.
    template <class Work>
    auto write_blocking(Work work, JobOptions options = {}) {
        return run_blocking<Transaction>(std::move(work), options);
    }
    template <class Work>
    auto read_blocking(Work work, JobOptions options = {}) {
        return run_blocking<Reader>(std::move(work), options);
    }

private:
    template <class Access>
    void submit(Job& job) {
        if constexpr (std::is_same_v<Access, Transaction>) {
            submit_write(job);
        } else {
            submit_read(job);
        }
    }

    template <class Access, class Work>
    auto run(Work work, JobOptions options) -> Task<std::invoke_result_t<Work&, Access&>>;
    template <class Access, class Work>
    auto run_blocking(Work work, JobOptions options) -> std::invoke_result_t<Work&, Access&>;
};

namespace detail {

// Holds the value that a piece of work returns; void has none.
template <class T>
struct Slot {
    std::optional<T> value;
    template <class Work, class Access>
    bool fill(Work& work, Access& access) {
        value.reset();
        value.emplace(work(access));
        if constexpr (is_result<T>) return value->has_value();
        return true;
    }
    T take() { return std::move(*value); }
};
template <>
struct Slot<void> {
    template <class Work, class Access>
    bool fill(Work& work, Access& access) {
        work(access);
        return true;
    }
    void take() {}
};

template <class Access, class Work>
class WorkJob : public Job {
public:
    WorkJob(Work work, JobOptions with) : work_{std::move(work)} { options = with; }

    bool run(Transaction& tx) override {
        if constexpr (std::is_same_v<Access, Transaction>) return slot_.fill(work_, tx);
        return false;
    }
    bool run(Reader& reader) override {
        if constexpr (std::is_same_v<Access, Reader>) return slot_.fill(work_, reader);
        return false;
    }
    auto take() {
        if (error_) std::rethrow_exception(error_);
        return slot_.take();
    }

protected:
    std::exception_ptr error_;

private:
    Work work_;
    Slot<std::invoke_result_t<Work&, Access&>> slot_;
};

}  // namespace detail

template <class Access, class Work>
auto Database::run(Work work, JobOptions options) -> Task<std::invoke_result_t<Work&, Access&>> {
    using Handler = typename boost::asio::
        async_result<boost::asio::use_awaitable_t<Executor>, void()>::handler_type;

    class AsyncJob final : public detail::WorkJob<Access, Work> {
    public:
        AsyncJob(Work w, JobOptions o, Executor executor)
            : detail::WorkJob<Access, Work>{std::move(w), o}, executor_{executor} {}
        void wait_with(Handler handler) { handler_.emplace(std::move(handler)); }
        void finished(std::exception_ptr error) noexcept override {
            this->error_ = std::move(error);
            // After the post this object may already be gone: the coroutine owns it.
            auto handler = std::move(*handler_);
            const Executor executor = executor_;
            boost::asio::post(executor, std::move(handler));
        }

    private:
        Executor executor_;
        std::optional<Handler> handler_;
    };

    const Executor executor = co_await boost::asio::this_coro::executor;
    AsyncJob job{std::move(work), options, executor};
    constexpr boost::asio::use_awaitable_t<Executor> token;
    const auto start = [&](auto handler) {
        job.wait_with(std::move(handler));
        submit<Access>(job);
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
        start, token
    );
    co_return job.take();
}

template <class Access, class Work>
auto Database::run_blocking(Work work, JobOptions options) -> std::invoke_result_t<Work&, Access&> {
    class BlockingJob final : public detail::WorkJob<Access, Work> {
    public:
        using detail::WorkJob<Access, Work>::WorkJob;
        void finished(std::exception_ptr error) noexcept override {
            this->error_ = std::move(error);
            // The future shares its state with the promise, so this object may go right after.
            std::promise<void> done = std::move(done_);
            done.set_value();
        }
        std::future<void> future() { return done_.get_future(); }

    private:
        std::promise<void> done_;
    };
    BlockingJob job{std::move(work), options};
    const auto done = job.future();
    submit<Access>(job);
    done.wait();
    return job.take();
}

}  // namespace doorbuster::sql
