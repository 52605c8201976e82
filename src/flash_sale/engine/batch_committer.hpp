#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "flash_sale/engine/order_writer.hpp"
#include "ports/database.hpp"

namespace doorbuster::flash_sale {

// Commits flash orders in batches: what has arrived while one batch was being committed is the next
// one. Thread-safe. The queue is bounded; what waits too long is not begun.
class BatchCommitter {
public:
    struct Options {
        std::size_t queue_max = 4096;     // requests that wait; one more is refused
        std::size_t batch_max = 512;      // requests in one transaction
        Milliseconds wait_max{2'000};     // in the queue
        Milliseconds queue_age_max{250};  // of the oldest that waits, for `crowded`
        int tries_max = 8;                // of one batch, when others are in its way
    };
    BatchCommitter(
        sql::Database& database, const OrderWriter& writer, const Clock& clock, Options options
    );
    // Waits until no batch is in progress.
    ~BatchCommitter();

    // Resumes when the request's outcome is durable. Nothing: nothing of it was done, because the
    // queue was full, the wait too long, or the database failed. kUnavailable: it failed in such a
    // way that nobody knows; a retry with the same key finds out.
    Task<std::optional<Result<PlacedOrder>>> commit(const OrderRequest& request);

    std::size_t waiting() const;
    // No more should come for now: the queue is full, or who is first in it waits too long already.
    // Costs next to nothing, so that it can be asked before any work is done for a request.
    bool crowded() const;

private:
    struct Ticket;
    class Batch;

    void enqueue(Ticket& ticket);
    void take(std::vector<Ticket*>& tickets);
    void batch_ended();
    void note_queue();

    sql::Database& database_;
    const OrderWriter& writer_;
    const Clock& clock_;
    const Options options_;

    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<Ticket*> queue_;
    // What `crowded` looks at without the mutex.
    std::atomic<std::size_t> queued_ = 0;
    std::atomic<std::chrono::steady_clock::time_point> oldest_{};  // when any is queued
    bool running_ = false;
    std::unique_ptr<Batch> batch_;
};

}  // namespace doorbuster::flash_sale
