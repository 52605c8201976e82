#include "posts.hpp"

#include "process.hpp"

namespace doorbuster::bench {

namespace {

// No answer for so long: the server hangs.
constexpr int kPatienceMs = 30'000;

}  // namespace

Posts::Sum Posts::send(const std::vector<std::string>& requests) {
    requests_ = &requests;
    next_ = 0;
    sum_ = {};
    const double cpu = cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t line = 0; line < sent_.size(); ++line) send_next(line);
    while (waiting_ > 0) {
        const auto& ready = lines_.wait(kPatienceMs);
        check(!ready.empty(), "no answer comes");
        for (const std::size_t line : ready) {
            if (const auto answer = lines_.read(line)) answered(line, *answer);
        }
    }
    sum_.took = std::chrono::steady_clock::now() - begin;
    sum_.cpu_seconds = cpu_seconds() - cpu;
    return std::move(sum_);
}

void Posts::send_next(std::size_t line) {
    if (next_ == requests_->size()) return;
    sent_[line] = std::chrono::steady_clock::now();
    lines_.send(line, (*requests_)[next_++]);
    ++waiting_;
}

void Posts::answered(std::size_t line, const Answer& answer) {
    --waiting_;
    const auto took = std::chrono::steady_clock::now() - sent_[line];
    sum_.latencies.add(std::chrono::duration_cast<rehearsal::Latencies::Duration>(took));
    ++sum_.answers[std::string{answer.status}];
    const bool fine = answer.status == "200" || answer.status == "201";
    if (!fine && sum_.first_refusal.empty()) sum_.first_refusal = answer.text;
    send_next(line);
}

}  // namespace doorbuster::bench
