#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rehearsal/plan.hpp"
#include "rehearsal/recorder.hpp"
#include "rehearsal/tally.hpp"

namespace doorbuster::rehearsal {

// What can be told while the load runs. Of all threads.
struct Progress {
    std::atomic<std::uint64_t> arrived = 0;
    std::atomic<std::uint64_t> placed = 0;
    std::atomic<std::uint64_t> paid = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> unanswered = 0;
};

// What came of the buyers, beyond what the tally counts.
struct Findings {
    std::uint64_t paid = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t in_doubt = 0;      // orders whose outcome was never learnt
    std::uint64_t gave_up = 0;       // buyers who never got a final answer
    std::uint64_t other_orders = 0;  // a retry of one key that was told of another order
    std::uint64_t bot_orders = 0;    // bots that were served
};

// Sends buyers to a flash sale, open loop: every buyer comes at a moment fixed beforehand, and how
// long an answer took is counted from that moment, or for what follows from the answer before it;
// so the wait for a free connection is part of it. Memory is bounded by the number of buyers. When
// no answer comes (the server was killed), buyers come again, an order with the same key until its
// outcome is known.
class Load {
public:
    // All must outlive this. The last `bots` of the buyers are bots, and no others are.
    Load(
        const Plan& plan,
        const Target& target,
        const std::vector<Buyer>& buyers,
        std::size_t bots,
        Recorder& recorder
    );
    ~Load();

    // With plan.tokens_first: takes a token for every buyer, as fast as it goes; blocks. The tokens
    // by buyer, empty for those who got none. Throws when fewer than half get one.
    const std::vector<std::string>& take_tokens();

    void start();
    bool is_running() const { return running_ > 0; }
    const Progress& progress() const { return progress_; }
    // Until all buyers are done.
    void wait();

    // After wait().
    const Tally& tally() const { return tally_; }
    const Findings& findings() const { return findings_; }
    std::chrono::nanoseconds took() const { return took_; }

private:
    class Crowd;
    void run(bool preparing);

    const Plan plan_;
    const Target target_;
    const std::vector<Buyer>& buyers_;
    const std::size_t bots_;
    Recorder& recorder_;
    Progress progress_;
    std::vector<std::string> tokens_;
    Instant start_{};
    std::chrono::nanoseconds took_{0};
    std::vector<std::unique_ptr<Crowd>> crowds_;
    std::vector<std::thread> threads_;
    std::atomic<int> running_ = 0;
    Tally tally_;
    Findings findings_;
};

// Asks for every order that was acknowledged, as its buyer, over `connections` at once; blocks.
struct Found {
    std::vector<Recorder::Entry> lost;              // not there, or not the buyer's
    std::map<std::string, std::uint64_t> statuses;  // how many orders are in which
};
Found look_up(
    std::uint16_t port,
    const std::vector<Buyer>& buyers,
    const std::vector<Recorder::Entry>& entries,
    int connections
);

}  // namespace doorbuster::rehearsal
