#include "payments/success_queue.hpp"

#include <boost/asio/this_coro.hpp>

#include "core/sleeper.hpp"
#include "ports/log.hpp"

namespace doorbuster::payments {

// A notification that waits.
struct SuccessQueue::Ticket : Sleeper {
    using TimePoint = std::chrono::steady_clock::time_point;
    Ticket(const Notice& the_notice, Executor loop, TimePoint at)
        : Sleeper{loop}, notice{the_notice}, arrived{at} {}

    const Notice& notice;
    const TimePoint arrived;
    Outcome outcome = Outcome::refused;
};

namespace {

template <class Tickets>
void wake_all(const Tickets& tickets) {
    std::vector<Sleeper*> sleepers{tickets.begin(), tickets.end()};
    wake(sleepers);
}

}  // namespace

// A batch in progress. One object is used again for many.
class SuccessQueue::Batch final : public sql::Job {
public:
    explicit Batch(SuccessQueue& owner) : owner_{owner} {}

    void begin() {
        options = {.wait_max = owner_.options_.wait_max, .urgent = true};
        owner_.database_.submit_write(*this);
    }

    // Whatever has arrived until the database gets to it is in the batch. Run again, it has the
    // same.
    bool run(sql::Transaction& tx) override {
        if (tickets_.empty()) owner_.take(tickets_);
        notices_.clear();
        for (const Ticket* ticket : tickets_) notices_.push_back(&ticket->notice);
        taken_.clear();
        if (notices_.empty()) return true;
        taken_ = owner_.successes_.take_in(tx, owner_.provider_, notices_);
        return true;
    }
    bool run(sql::Reader&) override { return false; }

    void finished(std::exception_ptr error) noexcept override {
        // Refused before it began: then those who waited for it have waited in vain.
        if (tickets_.empty() && error) owner_.take(tickets_);
        const Outcome failed = failure_of(error);
        for (std::size_t i = 0; i < tickets_.size(); ++i) {
            if (error) {
                tickets_[i]->outcome = failed;
            } else {
                tickets_[i]->outcome = taken_[i] ? Outcome::done : Outcome::alone;
            }
        }
        wake_all(tickets_);
        tickets_.clear();
        notices_.clear();  // they belong to those who were woken
        owner_.batch_ended(*this);
    }

private:
    // What becomes of each when all of them failed together.
    static Outcome failure_of(const std::exception_ptr& error) {
        if (!error) return Outcome::done;
        try {
            std::rethrow_exception(error);
        } catch (const sql::Unavailable& failed) {
            log::warn("notifications_not_stored", {{"reason", failed.what()}});
            return Outcome::refused;
        } catch (const std::exception& failed) {
            log::warn("notifications_one_by_one", {{"reason", failed.what()}});
            return Outcome::alone;
        }
    }

    SuccessQueue& owner_;
    std::vector<Ticket*> tickets_;
    std::vector<const Notice*> notices_;
    std::vector<bool> taken_;
};

SuccessQueue::SuccessQueue(
    sql::Database& database,
    const Successes& successes,
    const PaymentProvider& provider,
    const Clock& clock,
    Options options
)
    : database_{database},
      successes_{successes},
      provider_{provider},
      clock_{clock},
      options_{options} {
    for (std::size_t i = 0; i < options_.batches_max; ++i) {
        batches_.push_back(std::make_unique<Batch>(*this));
        resting_.push_back(batches_.back().get());
    }
}

SuccessQueue::~SuccessQueue() {
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [&] { return resting_.size() == batches_.size(); });
}

Task<SuccessQueue::Outcome> SuccessQueue::take_in(const Notice& notice) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    Ticket ticket{notice, executor, clock_.steady()};
    const auto lie_down = [&] { enqueue(ticket); };
    co_await sleep_until_woken(ticket, lie_down);
    co_return ticket.outcome;
}

void SuccessQueue::enqueue(Ticket& ticket) {
    std::unique_lock lock{mutex_};
    if (queue_.size() >= options_.queue_max) {
        lock.unlock();
        Sleeper* refused = &ticket;
        wake({&refused, 1});
        return;
    }
    queue_.push_back(&ticket);
    if (resting_.empty()) return;
    Batch* const batch = resting_.back();
    resting_.pop_back();
    lock.unlock();
    batch->begin();
}

void SuccessQueue::take(std::vector<Ticket*>& tickets) {
    std::vector<Ticket*> late;
    {
        const std::lock_guard lock{mutex_};
        const auto now = clock_.steady();
        std::size_t taken = 0;
        for (; taken < queue_.size() && tickets.size() < options_.batch_max; ++taken) {
            const bool is_late = now - queue_[taken]->arrived > options_.wait_max;
            (is_late ? late : tickets).push_back(queue_[taken]);
        }
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (!late.empty()) wake_all(late);
}

void SuccessQueue::batch_ended(Batch& batch) {
    {
        const std::lock_guard lock{mutex_};
        if (queue_.empty()) {
            resting_.push_back(&batch);
            idle_.notify_all();
            return;
        }
    }
    batch.begin();
}

}  // namespace doorbuster::payments
