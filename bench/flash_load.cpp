// flash_load PORT ITEM FILE [--connections N] [--seconds S] [--rate R] [--patience MS]: flash
// orders of buyers whose tokens are in FILE (one "session token address" a line, see
// `doorbuster rehearse --prepare`). Without a rate every connection sends as soon as it has its
// answer: the maximum. With one, R buyers a second come, as a Poisson process fixed beforehand,
// whatever the server does; a buyer who finds no connection free waits, at most MS, and how long an
// answer took counts from the moment the buyer came. A buyer who is told to come again (503) does,
// after all others.
//
// One thread (see lines.hpp); it tells how much processor time it took. Prints `name value` lines.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "lines.hpp"
#include "process.hpp"
#include "rehearsal/latencies.hpp"
#include "rehearsal/plan.hpp"

namespace {

using namespace doorbuster;
using namespace std::chrono_literals;
using bench::check;
using rehearsal::Instant;
using rehearsal::Latencies;
using Clock = std::chrono::steady_clock;

// Seconds at the beginning whose orders do not count for the goodput.
constexpr auto kWarmUp = 1s;
// An order counts as good when its 201 came so soon after its buyer.
constexpr auto kGoodWithin = 1s;
// How long answers are waited for when the time is over.
constexpr auto kLastAnswers = 10s;
// With a rate, the longest sleep: sends and answers are handled by the handful.
constexpr auto kTick = 250us;

struct Options {
    std::uint16_t port = 0;
    std::string item;
    std::string file;
    int connections = 256;
    int seconds = 3;
    double rate = 0;
    int patience_ms = 10'000;
};

std::vector<std::string> read_requests(const Options& options) {
    std::vector<std::string> requests;
    std::ifstream in{options.file};
    std::string session, token, address;
    while (in >> session >> token >> address) {
        const std::string body =
            R"({"token":")" + token + R"(","address_id":")" + address + R"(","quantity":1})";
        requests.push_back(
            "POST /api/v1/flash-sales/" + options.item +
            "/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + session +
            "\r\nIdempotency-Key: f" + std::to_string(requests.size()) +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body
        );
    }
    check(!requests.empty(), "no tokens");
    return requests;
}

// Who waits for an answer.
struct Buyer {
    std::size_t number = 0;
    Instant due{};  // when he came
};

class Load {
public:
    explicit Load(const Options& options)
        : options_{options},
          requests_{read_requests(options)},
          waiting_(static_cast<std::size_t>(options.connections)),
          lines_{options.port, waiting_.size()},
          arrivals_{options.rate, 1} {
        for (std::size_t i = 0; i < requests_.size(); ++i) buyers_.push_back(i);
        for (std::size_t line = 0; line < waiting_.size(); ++line) idle_.push_back(line);
    }

    void run() {
        const double cpu = bench::cpu_seconds();
        begin_ = Clock::now();
        end_ = begin_ + std::chrono::seconds{options_.seconds};
        if (options_.rate > 0) next_ = begin_ + arrivals_.next();
        for (Instant now = begin_; now < end_ || (waiting() && now < end_ + kLastAnswers);
             now = Clock::now()) {
            if (now < end_) send_due(now);
            receive();
        }
        cpu_ = bench::cpu_seconds() - cpu;
        took_ = Clock::now() - begin_;
    }

    void report() const {
        const auto ms = [](Latencies::Duration time) {
            return static_cast<double>(time.count()) / 1000;
        };
        const double length = options_.seconds;
        std::printf("sent_per_second %.1f\n", static_cast<double>(sent_in_time_) / length);
        std::printf("placed %llu\n", static_cast<unsigned long long>(placed_));
        std::printf("placed_per_second %.1f\n", static_cast<double>(placed_in_time_) / length);
        const double counted = length - std::chrono::duration<double>(kWarmUp).count();
        std::printf("good_per_second %.1f\n", static_cast<double>(good_) / std::max(counted, 0.1));
        std::printf("busy %llu\n", static_cast<unsigned long long>(busy_));
        std::printf("turned_away %llu\n", static_cast<unsigned long long>(turned_away_));
        std::printf("unanswered %zu\n", waiting());
        std::printf("placed_p50_ms %.2f\n", ms(placing_.percentile(50)));
        std::printf("placed_p99_ms %.2f\n", ms(placing_.percentile(99)));
        std::printf("placed_p999_ms %.2f\n", ms(placing_.percentile(99.9)));
        std::printf("placed_max_ms %.2f\n", ms(placing_.max()));
        std::printf("busy_p99_ms %.2f\n", ms(refusing_.percentile(99)));
        std::printf("sent_late_p99_ms %.2f\n", ms(lateness_.percentile(99)));
        std::printf("generator_cores %.3f\n", cpu_ / std::chrono::duration<double>(took_).count());
        for (const auto& [refusal, count] : refusals_) {
            std::printf("refused %d %s\n", count, refusal.c_str());
        }
    }

private:
    std::size_t waiting() const { return waiting_.size() - idle_.size(); }

    void send_due(Instant now) {
        if (options_.rate == 0) {
            while (!idle_.empty()) send_one(now, now);
            return;
        }
        for (; next_ <= now; next_ = begin_ + arrivals_.next()) due_.push_back(next_);
        while (!due_.empty() && due_.front() + std::chrono::milliseconds{options_.patience_ms} < now
        ) {
            due_.pop_front();
            ++turned_away_;
        }
        while (!due_.empty() && !idle_.empty()) {
            send_one(due_.front(), now);
            due_.pop_front();
        }
    }

    void send_one(Instant due, Instant now) {
        check(!buyers_.empty(), "more buyers are needed");
        const std::size_t line = idle_.back();
        idle_.pop_back();
        waiting_[line] = {buyers_.front(), due};
        buyers_.pop_front();
        lines_.send(line, requests_[waiting_[line].number]);
        ++sent_in_time_;
        lateness_.add(std::chrono::duration_cast<Latencies::Duration>(now - due));
    }

    void receive() {
        if (options_.rate > 0) {
            const timespec tick{0, std::chrono::nanoseconds{kTick}.count()};
            ::nanosleep(&tick, nullptr);
        }
        const auto& ready = lines_.wait(options_.rate > 0 ? 0 : 100);
        const Instant now = Clock::now();
        for (const std::size_t line : ready) {
            const auto answer = lines_.read(line);
            if (!answer) continue;
            answered(waiting_[line], *answer, now);
            idle_.push_back(line);
        }
    }

    void answered(const Buyer& buyer, const bench::Answer& answer, Instant now) {
        const auto took = std::chrono::duration_cast<Latencies::Duration>(now - buyer.due);
        if (answer.status == "201") {
            ++placed_;
            placing_.add(took);
            if (now < end_) ++placed_in_time_;
            if (now >= begin_ + kWarmUp && now < end_ && took <= kGoodWithin) ++good_;
        } else if (answer.status == "503") {
            ++busy_;
            refusing_.add(took);
            buyers_.push_back(buyer.number);
        } else {
            const std::string_view body = answer.body;
            ++refusals_[std::string{body.substr(0, body.find("\"details\""))}];
        }
    }

    const Options options_;
    const std::vector<std::string> requests_;
    std::deque<std::size_t> buyers_;  // who have no order yet and wait for nothing
    std::vector<Buyer> waiting_;      // by line
    bench::Lines lines_;
    std::vector<std::size_t> idle_;
    std::deque<Instant> due_;  // of buyers who have come and found no connection
    rehearsal::Arrivals arrivals_;
    Instant begin_{}, end_{}, next_{};
    std::chrono::nanoseconds took_{0};
    double cpu_ = 0;

    std::uint64_t sent_in_time_ = 0, placed_ = 0, placed_in_time_ = 0, good_ = 0, busy_ = 0,
                  turned_away_ = 0;
    Latencies placing_, refusing_, lateness_;
    std::map<std::string, int> refusals_;
};

Options options_of(int argc, char** argv) {
    check(argc >= 4 && argc % 2 == 0, "flash_load PORT ITEM FILE [--name value]...");
    Options options;
    options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    options.item = argv[2];
    options.file = argv[3];
    for (int i = 4; i < argc; i += 2) {
        const std::string_view name = argv[i];
        const double value = std::atof(argv[i + 1]);
        if (name == "--connections") {
            options.connections = static_cast<int>(value);
        } else if (name == "--seconds") {
            options.seconds = static_cast<int>(value);
        } else if (name == "--rate") {
            options.rate = value;
        } else {
            check(name == "--patience", "unknown option");
            options.patience_ms = static_cast<int>(value);
        }
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        bench::allow_many_files();
        Load load{options_of(argc, argv)};
        load.run();
        load.report();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "flash_load: %s\n", error.what());
        return 1;
    }
}
