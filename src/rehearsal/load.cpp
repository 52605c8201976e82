#include "rehearsal/load.hpp"

#include <algorithm>
#include <stdexcept>

#include "rehearsal/crowd.hpp"

namespace doorbuster::rehearsal {

Load::Load(
    const Plan& plan,
    const Target& target,
    const std::vector<Buyer>& buyers,
    std::size_t bots,
    Recorder& recorder
)
    : plan_{plan}, target_{target}, buyers_{buyers}, bots_{bots}, recorder_{recorder} {}

Load::~Load() {
    for (std::thread& thread : threads_) thread.join();
}

void Load::run(bool preparing) {
    start_ = std::chrono::steady_clock::now();
    crowds_.clear();
    for (int i = 0; i < plan_.threads; ++i) {
        crowds_.push_back(std::make_unique<Crowd>(*this, i, preparing));
    }
    running_ = plan_.threads;
    for (const auto& crowd : crowds_) {
        threads_.emplace_back([this, one = crowd.get()] {
            one->run();
            --running_;
        });
    }
}

const std::vector<std::string>& Load::take_tokens() {
    tokens_.assign(buyers_.size(), {});
    run(true);
    wait();
    const auto got = std::count_if(tokens_.begin(), tokens_.end(), [](const std::string& token) {
        return !token.empty();
    });
    const std::size_t wanted = buyers_.size() - bots_;
    if (static_cast<std::size_t>(got) * 2 < wanted) {
        throw std::runtime_error{
            "only " + std::to_string(got) + " of " + std::to_string(wanted) +
            " buyers got a token: is the stock at least a fifth of the buyers?"};
    }
    tally_ = {};
    findings_ = {};
    return tokens_;
}

void Load::start() { run(false); }

void Load::wait() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    took_ = std::chrono::steady_clock::now() - start_;
    for (const auto& crowd : crowds_) {
        tally_.add(crowd->tally());
        const Findings& more = crowd->findings();
        findings_.paid += more.paid;
        findings_.cancelled += more.cancelled;
        findings_.in_doubt += more.in_doubt;
        findings_.gave_up += more.gave_up;
        findings_.other_orders += more.other_orders;
        findings_.bot_orders += more.bot_orders;
    }
    crowds_.clear();
}

}  // namespace doorbuster::rehearsal
