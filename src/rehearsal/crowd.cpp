#include "rehearsal/crowd.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// When which visit is due, and which connection serves it. What happens in a visit is in
// visits.cpp.
namespace doorbuster::rehearsal {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Await = asio::use_awaitable_t<Executor>;
constexpr asio::as_tuple_t<Await> kAwait{Await{}};

constexpr auto kLookAround = 100ms;  // how late an expired request or an end is noticed
constexpr double kNever = 1e-9;      // arrivals a second
constexpr int kPatience = 12;        // times the time to settle

// For a heap whose front is the earliest.
constexpr auto kLaterFirst = [](const auto& a, const auto& b) { return a.at > b.at; };

}  // namespace

Load::Crowd::Crowd(Load& load, int number, bool preparing)
    : load_{load},
      preparing_{preparing},
      random_{load.plan_.seed * 7919 + static_cast<std::uint64_t>(number)},
      next_buyer_{static_cast<std::uint64_t>(number)},
      step_{static_cast<std::uint64_t>(load.plan_.threads)},
      end_buyer_{load.buyers_.size() - load.bots_},
      arrivals_{preparing ? 1e9 : load.plan_.rate / load.plan_.threads, random_()},
      bot_arrivals_{
          preparing || load.bots_ == 0
              ? kNever
              : std::max(
                    load.plan_.rate * load.plan_.shares.bots / 100 / load.plan_.threads, kNever
                ),
          random_()},
      next_bot_{load.start_ + bot_arrivals_.next()},
      last_arrival_{load.start_},
      prefix_{"/api/v1/flash-sales/" + load.target_.item + '/'} {
    const int lines = std::max(load.plan_.connections / load.plan_.threads, 1);
    for (int i = 0; i < lines; ++i) {
        lines_.push_back(std::make_unique<HttpLine>(loop_.get_executor(), load.target_.port));
        idle_.push_back(lines_.back().get());
    }
    if (next_buyer_ < end_buyer_) next_arrival_ = load.start_ + arrivals_.next();
}

void Load::Crowd::run() {
    asio::co_spawn(loop_, dispatch(), asio::detached);
    loop_.run();
}

Task<void> Load::Crowd::dispatch() {
    for (;;) {
        const Instant now = Clock::now();
        admit_arrivals(now);
        admit_later(now);
        launch();
        expire(now);
        if (finished()) co_return;
        timer_.expires_at(next_due(now));
        co_await timer_.async_wait(kAwait);
    }
}

void Load::Crowd::admit_arrivals(Instant now) {
    const auto end = plan().duration.count() > 0 ? load_.start_ + plan().duration : Instant::max();
    while (next_arrival_ && *next_arrival_ <= now) {
        Visit visit{.at = *next_arrival_, .buyer = next_buyer_};
        if (!preparing_) {
            tally_.arrived(visit.at - load_.start_);
            ++load_.progress_.arrived;
            if (plan().tokens_first) visit.errand = Errand::order;
        }
        last_arrival_ = visit.at;
        ready_.push_back(std::move(visit));
        next_buyer_ += step_;
        next_arrival_ = load_.start_ + arrivals_.next();
        if (next_buyer_ >= end_buyer_ || *next_arrival_ > end) next_arrival_.reset();
    }
    while (next_arrival_ && next_bot_ <= now) {
        const std::uint64_t bot = end_buyer_ + random_() % load_.bots_;
        ready_.push_back({.at = next_bot_, .buyer = bot, .errand = Errand::bot});
        next_bot_ = load_.start_ + bot_arrivals_.next();
    }
}

void Load::Crowd::admit_later(Instant now) {
    while (!later_.empty() && later_.front().at <= now) {
        std::pop_heap(later_.begin(), later_.end(), kLaterFirst);
        Visit visit = std::move(later_.back());
        later_.pop_back();
        if (is_too_late(visit, now)) {
            give_up(visit);
        } else {
            ready_.push_back(std::move(visit));
        }
    }
}

void Load::Crowd::later(Visit visit) {
    later_.push_back(std::move(visit));
    std::push_heap(later_.begin(), later_.end(), kLaterFirst);
}

void Load::Crowd::launch() {
    while (!ready_.empty() && !idle_.empty()) {
        HttpLine* const line = idle_.back();
        idle_.pop_back();
        Visit visit = std::move(ready_.front());
        ready_.pop_front();
        asio::co_spawn(loop_, serve(*line, std::move(visit)), asio::detached);
    }
}

Instant Load::Crowd::next_due(Instant now) const {
    Instant due = now + kLookAround;
    if (next_arrival_) due = std::min({due, *next_arrival_, next_bot_});
    if (!later_.empty()) due = std::min(due, later_.front().at);
    return due;
}

// Once the time to settle is over nobody begins anew; what was begun goes on until that time has
// passed many times over: payments, and above all the orders that are in doubt.
bool Load::Crowd::is_too_late(const Visit& visit, Instant now) const {
    if (preparing_ || next_arrival_ || now < last_arrival_ + plan().settle) return false;
    const bool begins = visit.errand == Errand::arrive || visit.errand == Errand::order;
    return (begins && !visit.doubtful) || now > last_arrival_ + plan().settle * kPatience;
}

void Load::Crowd::give_up(const Visit& visit) {
    if (visit.doubtful) ++findings_.in_doubt;
    if (!visit.hoping) ++findings_.gave_up;
}

bool Load::Crowd::finished() const {
    return !next_arrival_ && ready_.empty() && later_.empty() && idle_.size() == lines_.size();
}

void Load::Crowd::expire(Instant now) {
    for (const auto& line : lines_) line->expire(now);
}

Task<void> Load::Crowd::serve(HttpLine& line, Visit visit) {
    for (;;) {
        Task<void> running = run_visit(line, std::move(visit));
        co_await std::move(running);
        if (ready_.empty()) break;
        visit = std::move(ready_.front());
        ready_.pop_front();
    }
    idle_.push_back(&line);
}

}  // namespace doorbuster::rehearsal
