#include "rehearsal/tally.hpp"

#include <algorithm>

namespace doorbuster::rehearsal {
namespace {

using std::chrono::duration_cast;

Latencies::Duration micros(std::chrono::nanoseconds duration) {
    return duration_cast<Latencies::Duration>(duration);
}

// 503 is an answer: it says when to come again.
bool is_server_error(int status) { return status >= 500 && status != 503; }

}  // namespace

std::string_view to_string(Step step) {
    switch (step) {
        case Step::captcha:
            return "captcha";
        case Step::token:
            return "token";
        case Step::order:
            return "order";
        case Step::repeat:
            return "repeat";
        case Step::payment:
            return "payment";
        case Step::scan:
            return "scan";
        case Step::cancel:
            return "cancel";
        case Step::bot:
            return "bot";
    }
    return "";
}

Tally::Second& Tally::second(std::chrono::nanoseconds since_start) {
    const auto number =
        std::max<std::int64_t>(duration_cast<std::chrono::seconds>(since_start).count(), 0);
    const std::size_t index = std::min(static_cast<std::size_t>(number), kSecondsMax - 1);
    if (index >= seconds_.size()) seconds_.resize(index + 1);
    return seconds_[index];
}

void Tally::arrived(std::chrono::nanoseconds since_start) { ++second(since_start).arrivals; }

void Tally::ended(
    Step step,
    std::string_view outcome,
    int status,
    std::chrono::nanoseconds since_start,
    std::chrono::nanoseconds took
) {
    OfStep& of_step = steps_[static_cast<std::size_t>(step)];
    const auto known = of_step.outcomes.find(outcome);
    if (known != of_step.outcomes.end()) {
        ++known->second;
    } else {
        of_step.outcomes.emplace(outcome, 1);
    }
    of_step.all.add(micros(took));
    Second& now = second(since_start);
    if (status == 0) ++unanswered_;
    if (is_server_error(status)) ++server_errors_;
    if (status == 0 || is_server_error(status)) ++now.unanswered;
    if (step == Step::order && status == 201) {
        ++now.placed;
        now.placing.add(micros(took));
        placing_.add(micros(took));
    }
    const bool of_buyer = step == Step::captcha || step == Step::token || step == Step::order;
    if (of_buyer && status >= 400 && status < 500) {
        ++now.refused;
        now.refusing.add(micros(took));
        refusing_.add(micros(took));
    }
}

void Tally::add(const Tally& more) {
    for (std::size_t i = 0; i < kSteps; ++i) {
        for (const auto& [outcome, count] : more.steps_[i].outcomes) {
            steps_[i].outcomes[outcome] += count;
        }
        steps_[i].all.add(more.steps_[i].all);
    }
    if (more.seconds_.size() > seconds_.size()) seconds_.resize(more.seconds_.size());
    for (std::size_t i = 0; i < more.seconds_.size(); ++i) {
        Second& mine = seconds_[i];
        const Second& theirs = more.seconds_[i];
        mine.arrivals += theirs.arrivals;
        mine.placed += theirs.placed;
        mine.refused += theirs.refused;
        mine.unanswered += theirs.unanswered;
        mine.placing.add(theirs.placing);
        mine.refusing.add(theirs.refusing);
    }
    placing_.add(more.placing_);
    refusing_.add(more.refusing_);
    server_errors_ += more.server_errors_;
    unanswered_ += more.unanswered_;
}

std::uint64_t Tally::count(Step step, std::string_view outcome) const {
    const auto found = of(step).outcomes.find(outcome);
    return found == of(step).outcomes.end() ? 0 : found->second;
}

}  // namespace doorbuster::rehearsal
