#include "flash_sale/engine/batch_committer.hpp"

#include <algorithm>

#include "core/planted.hpp"
#include "core/sleeper.hpp"
#include "flash_sale/model/errors.hpp"
#include "ports/log.hpp"

namespace doorbuster::flash_sale {

// A request that waits.
struct BatchCommitter::Ticket : Sleeper {
    Ticket(const OrderRequest& the_request, Executor loop, std::chrono::steady_clock::time_point at)
        : Sleeper{loop}, request{the_request}, arrived{at} {}

    const OrderRequest& request;
    const std::chrono::steady_clock::time_point arrived;
    std::optional<Result<PlacedOrder>> outcome;
};

namespace {

// Why a batch failed, and whether that says that nothing of it was done.
enum class Failure { none, nothing_done, unknown };

Failure failure_of(const std::exception_ptr& error) {
    if (!error) return Failure::none;
    try {
        std::rethrow_exception(error);
    } catch (const sql::CommitUnknown&) {
        return Failure::unknown;
    } catch (const std::exception& failed) {
        log::warn("flash_sale.batch_failed", {{"reason", failed.what()}});
        return Failure::nothing_done;
    }
}

template <class Tickets>
void wake_all(const Tickets& tickets) {
    std::vector<Sleeper*> sleepers{tickets.begin(), tickets.end()};
    wake(sleepers);
}

}  // namespace

// The batch in progress. One object is used again for every batch; only one is ever under way, so a
// request is always decided after all that came before it.
class BatchCommitter::Batch final : public sql::Job {
public:
    explicit Batch(BatchCommitter& owner) : owner_{owner} {}

    // Whatever has arrived until the database gets to it is in the batch.
    bool run(sql::Transaction& tx) override {
        if (tickets_.empty()) owner_.take(tickets_);
        requests_.clear();
        for (const Ticket* ticket : tickets_) requests_.push_back(&ticket->request);
        outcomes_ = owner_.writer_.write(tx, requests_, lock_first_);
        if (outcomes_ && planted(Bug::answers_before_commit)) deliver(true);
        return outcomes_.has_value();
    }
    bool run(sql::Reader&) override { return false; }

    void finished(std::exception_ptr error) noexcept override {
        Failure failure = failure_of(error);
        if (failure == Failure::unknown && planted(Bug::unknown_commit_taken_as_failure)) {
            failure = Failure::nothing_done;
        }
        in_doubt_ = in_doubt_ || failure == Failure::unknown;
        if (failure != Failure::none || !outcomes_) owner_.writer_.not_committed(requests_);
        const bool in_the_way = failure == Failure::none && !outcomes_ && !tickets_.empty();
        // After an unknown commit the same requests find out by their keys what was placed. Rows
        // that are still being committed hold this run up until they are there or gone.
        if ((in_the_way || failure == Failure::unknown) && ++tries_ < owner_.options_.tries_max) {
            lock_first_ = true;
            owner_.database_.submit_write(*this);
            return;
        }
        // Refused before it began: then those who waited for it have waited in vain.
        if (tickets_.empty() && failure != Failure::none) owner_.take(tickets_);
        deliver(failure == Failure::none);
        owner_.batch_ended();
    }

    void begin() {
        tries_ = 0;
        lock_first_ = false;
        in_doubt_ = false;
        outcomes_.reset();
        options = {.wait_max = owner_.options_.wait_max};
        owner_.database_.submit_write(*this);
    }

private:
    void deliver(bool durable) {
        for (std::size_t i = 0; i < tickets_.size(); ++i) {
            if (durable && outcomes_) {
                tickets_[i]->outcome = std::move((*outcomes_)[i]);
            } else if (in_doubt_) {
                const bool refuse = planted(Bug::doubt_told_as_refusal);
                tickets_[i]->outcome = Result<PlacedOrder>{refuse ? kSoldOut : kUnavailable};
            }
        }
        wake_all(tickets_);
        tickets_.clear();
        requests_.clear();  // they belong to those who were woken
    }

    BatchCommitter& owner_;
    std::vector<Ticket*> tickets_;
    std::vector<const OrderRequest*> requests_;
    std::optional<OrderWriter::Outcomes> outcomes_;
    bool lock_first_ = false;
    bool in_doubt_ = false;  // a commit of it may have happened
    int tries_ = 0;
};

BatchCommitter::BatchCommitter(
    sql::Database& database, const OrderWriter& writer, const Clock& clock, Options options
)
    : database_{database},
      writer_{writer},
      clock_{clock},
      options_{options},
      batch_{std::make_unique<Batch>(*this)} {
    queue_.reserve(options_.queue_max);
}

BatchCommitter::~BatchCommitter() {
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [&] { return !running_; });
}

Task<std::optional<Result<PlacedOrder>>> BatchCommitter::commit(const OrderRequest& request) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    Ticket ticket{request, executor, clock_.steady()};
    const auto lie_down = [&] { enqueue(ticket); };
    co_await sleep_until_woken(ticket, lie_down);
    co_return std::move(ticket.outcome);
}

std::size_t BatchCommitter::waiting() const { return queued_; }

bool BatchCommitter::crowded() const {
    const std::size_t queued = queued_.load(std::memory_order_acquire);
    if (queued >= options_.queue_max) return true;
    if (queued == 0) return false;
    return clock_.steady() - oldest_.load(std::memory_order_relaxed) > options_.queue_age_max;
}

// The mutex is held.
void BatchCommitter::note_queue() {
    if (!queue_.empty()) oldest_.store(queue_.front()->arrived, std::memory_order_relaxed);
    queued_.store(queue_.size(), std::memory_order_release);
}

void BatchCommitter::enqueue(Ticket& ticket) {
    std::unique_lock lock{mutex_};
    if (queue_.size() >= options_.queue_max) {
        lock.unlock();
        Sleeper* refused = &ticket;
        wake({&refused, 1});
        return;
    }
    queue_.push_back(&ticket);
    note_queue();
    if (running_) return;
    running_ = true;
    lock.unlock();
    batch_->begin();
}

void BatchCommitter::take(std::vector<Ticket*>& tickets) {
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
        note_queue();
    }
    if (!late.empty()) wake_all(late);
}

void BatchCommitter::batch_ended() {
    {
        const std::lock_guard lock{mutex_};
        if (queue_.empty()) {
            running_ = false;
            idle_.notify_all();
            return;
        }
    }
    batch_->begin();
}

}  // namespace doorbuster::flash_sale
