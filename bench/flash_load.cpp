// flash_load PORT ITEM FILE [--connections N] [--seconds S] [--rate R] [--patience MS]: flash
// orders of buyers whose tokens are in FILE (one "session token address" a line, see `doorbuster
// rehearse
// --prepare`). Without a rate every connection sends as soon as it has its answer: the maximum.
// With one, R buyers a second come, as a Poisson process fixed beforehand, whatever the server
// does; a buyer who finds no connection free waits, at most MS, and how long an answer took counts
// from the moment the buyer came. A buyer who is told to come again (503) does, after all others.
//
// One thread and as few system calls as can be, because it shares the machine with what it
// measures; it tells how much processor time it took. Prints `name value` lines.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "rehearsal/latencies.hpp"
#include "rehearsal/plan.hpp"

namespace {

using namespace doorbuster;
using namespace std::chrono_literals;
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

void check(bool fine, const char* what) {
    if (!fine) throw std::runtime_error{what};
}

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

struct Connection {
    int fd = -1;
    std::size_t buyer = 0;
    Instant due{};     // when its buyer came
    std::string part;  // of an answer
};

class Load {
public:
    explicit Load(const Options& options)
        : options_{options}, requests_{read_requests(options)}, arrivals_{options.rate, 1} {
        for (std::size_t i = 0; i < requests_.size(); ++i) buyers_.push_back(i);
        epoll_ = ::epoll_create1(0);
        connections_.resize(static_cast<std::size_t>(options.connections));
        for (Connection& one : connections_) {
            connect(one);
            idle_.push_back(&one);
        }
    }

    void run() {
        rusage before{};
        ::getrusage(RUSAGE_SELF, &before);
        begin_ = Clock::now();
        end_ = begin_ + std::chrono::seconds{options_.seconds};
        if (options_.rate > 0) next_ = begin_ + arrivals_.next();
        for (Instant now = begin_; now < end_ || (waiting() && now < end_ + kLastAnswers);
             now = Clock::now()) {
            if (now < end_) send_due(now);
            receive();
        }
        rusage after{};
        ::getrusage(RUSAGE_SELF, &after);
        cpu_ = seconds(after) - seconds(before);
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
    static double seconds(const rusage& used) {
        const auto one = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        return one(used.ru_utime) + one(used.ru_stime);
    }

    void connect(Connection& one) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(options_.port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        one.fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const auto* address = reinterpret_cast<const sockaddr*>(&to);
        check(one.fd >= 0 && ::connect(one.fd, address, sizeof to) == 0, "cannot connect");
        const int yes = 1;
        ::setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_event wanted{EPOLLIN, {.ptr = &one}};
        check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &wanted) == 0, "epoll_ctl");
    }

    std::size_t waiting() const { return connections_.size() - idle_.size(); }

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
        Connection& one = *idle_.back();
        idle_.pop_back();
        one.buyer = buyers_.front();
        buyers_.pop_front();
        one.due = due;
        const std::string& request = requests_[one.buyer];
        const auto sent = ::send(one.fd, request.data(), request.size(), MSG_NOSIGNAL);
        check(sent == static_cast<ssize_t>(request.size()), "send");
        ++sent_in_time_;
        lateness_.add(std::chrono::duration_cast<Latencies::Duration>(now - due));
    }

    void receive() {
        epoll_event ready[512];
        int count = 0;
        if (options_.rate > 0) {
            const timespec tick{0, std::chrono::nanoseconds{kTick}.count()};
            ::nanosleep(&tick, nullptr);
            count = ::epoll_wait(epoll_, ready, 512, 0);
        } else {
            count = ::epoll_wait(epoll_, ready, 512, 100);
        }
        const Instant now = Clock::now();
        for (int i = 0; i < count; ++i)
            read_from(*static_cast<Connection*>(ready[i].data.ptr), now);
    }

    void read_from(Connection& one, Instant now) {
        const auto got = ::recv(one.fd, buffer_.data(), buffer_.size(), 0);
        check(got > 0, "the server has closed a connection");
        std::string_view text{buffer_.data(), static_cast<std::size_t>(got)};
        if (!one.part.empty()) text = one.part.append(text);
        const std::size_t head = text.find("\r\n\r\n");
        if (head == text.npos || text.size() < head + 4 + body_size(text.substr(0, head))) {
            if (one.part.empty()) one.part = text;
            return;
        }
        answered(one, text, head + 4, now);
        one.part.clear();
        idle_.push_back(&one);
    }

    static std::size_t body_size(std::string_view head) {
        static constexpr std::string_view kName = "\r\nContent-Length: ";
        const std::size_t at = head.find(kName);
        check(at != head.npos, "an answer without a length");
        std::size_t size = 0;
        std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), size);
        return size;
    }

    void answered(Connection& one, std::string_view text, std::size_t body, Instant now) {
        const std::string_view status = text.substr(9, 3);
        const auto took = std::chrono::duration_cast<Latencies::Duration>(now - one.due);
        if (status == "201") {
            ++placed_;
            placing_.add(took);
            if (now < end_) ++placed_in_time_;
            if (now >= begin_ + kWarmUp && now < end_ && took <= kGoodWithin) ++good_;
        } else if (status == "503") {
            ++busy_;
            refusing_.add(took);
            buyers_.push_back(one.buyer);
        } else {
            const std::string_view answer = text.substr(body);
            ++refusals_[std::string{answer.substr(0, answer.find("\"details\""))}];
        }
    }

    const Options options_;
    const std::vector<std::string> requests_;
    std::deque<std::size_t> buyers_;  // who have no order yet and wait for nothing
    std::vector<Connection> connections_;
    std::vector<Connection*> idle_;
    std::deque<Instant> due_;  // of buyers who have come and found no connection
    rehearsal::Arrivals arrivals_;
    std::vector<char> buffer_ = std::vector<char>(64 * 1024);
    int epoll_ = -1;
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
        rlimit files{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
        Load load{options_of(argc, argv)};
        load.run();
        load.report();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "flash_load: %s\n", error.what());
        return 1;
    }
}
