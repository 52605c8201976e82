#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "core/task.hpp"
#include "payments/successes.hpp"
#include "ports/database.hpp"

namespace doorbuster::payments {

// Notifications of successes of one provider, committed in batches: what has arrived while one
// batch was being committed is the next one. Thread-safe. The queue is bounded; what waits too long
// is not begun.
class SuccessQueue {
public:
    struct Options {
        std::size_t queue_max = 2048;  // notifications that wait; one more is refused
        std::size_t batch_max = 256;   // in one transaction
        std::size_t batches_max = 1;   // transactions at a time, for a database of several writers
        // In the queue. WeChat Pay waits five seconds for an answer, then it tells again.
        Milliseconds wait_max{3'000};
    };
    SuccessQueue(
        sql::Database& database,
        const Successes& successes,
        const PaymentProvider& provider,
        const Clock& clock,
        Options options
    );
    // Waits until everything in it has been dealt with.
    ~SuccessQueue();

    enum class Outcome {
        done,     // taken in: paid, kept and told, in a commit that is durable
        alone,    // it is not plain, or its batch failed: judge it in a transaction of its own
        refused,  // nothing of it was done: the queue or the database has no room or no time for it
    };
    // The notice must live until this resumes. After `alone` it may have been taken in all the same
    // (nobody knows of a commit whose answer was lost), which judging it finds out.
    Task<Outcome> take_in(const Notice& notice);

private:
    struct Ticket;
    class Batch;

    void enqueue(Ticket& ticket);
    void take(std::vector<Ticket*>& tickets);
    void batch_ended(Batch& batch);

    sql::Database& database_;
    const Successes& successes_;
    const PaymentProvider& provider_;
    const Clock& clock_;
    const Options options_;

    std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<Ticket*> queue_;
    std::vector<std::unique_ptr<Batch>> batches_;
    std::vector<Batch*> resting_;
};

}  // namespace doorbuster::payments
