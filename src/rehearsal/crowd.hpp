#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>

#include "rehearsal/http_line.hpp"
#include "rehearsal/load.hpp"

namespace doorbuster::rehearsal {

// The buyers of one thread and the connections they share. Runs on one event loop.
class Load::Crowd {
public:
    Crowd(Load& load, int number, bool preparing);
    // Until all are done; on the caller's thread.
    void run();

    const Tally& tally() const { return tally_; }
    const Findings& findings() const { return findings_; }

private:
    enum class Errand { arrive, order, repeat, pay, scan, cancel, bot };
    // What a buyer has in hand between two errands.
    struct Held {
        std::string token;
        std::string key;
        std::string order_no;
        std::string code_url;
    };
    struct Visit {
        Instant at{};
        std::uint64_t buyer = 0;
        Errand errand = Errand::arrive;
        int tries = 0;          // of this errand
        int round = 0;          // orders begun; part of the key
        bool doubtful = false;  // an order was sent and not answered
        bool hoping = false;    // was told that it is sold out
        std::unique_ptr<Held> held;
    };
    using Clock = std::chrono::steady_clock;

    // What is due, and when the next thing is.
    Task<void> dispatch();
    void admit_arrivals(Instant now);
    void admit_later(Instant now);
    void launch();
    Instant next_due(Instant now) const;
    bool is_too_late(const Visit& visit, Instant now) const;
    void give_up(const Visit& visit);
    bool finished() const;
    Task<void> serve(HttpLine& line, Visit visit);
    void expire(Instant now);

    Task<void> run_visit(HttpLine& line, Visit visit);
    Task<void> arrive(HttpLine& line, Visit visit);
    Task<std::optional<std::string>> take_token(HttpLine& line, Visit& visit);
    Task<void> order(HttpLine& line, Visit visit);
    Task<void> repeat(HttpLine& line, Visit visit);
    Task<void> pay(HttpLine& line, Visit visit);
    Task<void> scan(HttpLine& line, Visit visit);
    Task<void> cancel(HttpLine& line, Visit visit);
    Task<void> bother(HttpLine& line, Visit visit);

    // Sends a request and counts how it ended, from `intended` on.
    struct Ended {
        Answer answer;
        std::string outcome;
    };
    Task<Ended> ask(HttpLine& line, Step step, const Call& call, Instant intended);
    void placed(Visit visit, const Answer& answer);
    void refused(Visit visit, const Ended& ended);
    void again(Visit visit, std::chrono::milliseconds after);
    void later(Visit visit);
    std::chrono::milliseconds between(int low, int high);
    const Buyer& buyer(const Visit& visit) const { return load_.buyers_[visit.buyer]; }
    const Plan& plan() const { return load_.plan_; }

    Load& load_;
    const bool preparing_;
    boost::asio::io_context loop_{1};
    boost::asio::steady_timer timer_{loop_};
    std::vector<std::unique_ptr<HttpLine>> lines_;
    std::vector<HttpLine*> idle_;
    std::deque<Visit> ready_;
    std::vector<Visit> later_;  // a heap, earliest first
    std::mt19937_64 random_;

    std::uint64_t next_buyer_;
    const std::uint64_t step_;  // every so manyth buyer is of this thread
    const std::uint64_t end_buyer_;
    Arrivals arrivals_;
    std::optional<Instant> next_arrival_;
    Arrivals bot_arrivals_;
    Instant next_bot_;
    Instant last_arrival_{};
    std::string seen_token_;  // somebody else's, for bots
    std::string prefix_;      // of the paths of the sale

    Tally tally_;
    Findings findings_;
};

}  // namespace doorbuster::rehearsal
