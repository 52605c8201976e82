// Payments begun all at once with a provider that takes its time.
//
//   provider FOLDER DELAY_MS   a WeChat Pay that answers every call to create DELAY_MS after it
//                              came; prints its port, and when its input ends what it saw
//   load PORT FILE             POST /payments for every line of FILE, "session order_no", each on
//                              a connection of its own, all at once
//
// The provider stands for machines elsewhere, so it must cost next to nothing on this one: one
// thread, and one signature for many answers, which all say the same. Keys as of
// payment_notifications. Prints `name value` lines.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <unordered_map>

#include "pay_parties.hpp"
#include "posts.hpp"
#include "process.hpp"

namespace {

using namespace doorbuster;
using bench::check;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Signatures are good for five minutes.
constexpr auto kSignedFor = 60s;
constexpr int kBacklog = 4096;

class SlowProvider {
public:
    SlowProvider(const std::string& keys, std::chrono::milliseconds delay)
        : parties_{keys}, delay_{delay}, epoll_{::epoll_create1(0)}, listener_{listen()} {
        watch(listener_);
        watch(STDIN_FILENO);
    }

    std::uint16_t port() const {
        sockaddr_in at{};
        socklen_t size = sizeof at;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        return ntohs(at.sin_port);
    }

    void run() {
        epoll_event ready[512];
        for (bool over = false; !over;) {
            const int count = ::epoll_wait(epoll_, ready, 512, pause());
            for (int i = 0; i < count; ++i) {
                const int fd = ready[i].data.fd;
                over |= fd == STDIN_FILENO;
                if (fd == listener_) take_connection();
                if (fd != listener_ && fd != STDIN_FILENO) read_from(fd);
            }
            answer_due();
        }
    }

    void report() const {
        std::printf("connections %zu\n", connections_);
        std::printf("in_flight %zu\n", most_);
        std::printf("late_p99_ms %.2f\n", static_cast<double>(late_.percentile(99).count()) / 1000);
    }

private:
    struct Due {
        int fd;
        Clock::time_point at;
    };

    static int listen() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
        check(bound && ::listen(fd, kBacklog) == 0, "cannot listen");
        return fd;
    }

    void watch(int fd) {
        epoll_event wanted{EPOLLIN, {.fd = fd}};
        check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted) == 0, "epoll_ctl");
    }

    void take_connection() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) return;
            const int yes = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            watch(fd);
            ++connections_;
        }
    }

    // One call at a time on a connection, as HTTP/1.1 clients make them.
    void read_from(int fd) {
        char bytes[16 * 1024];
        const auto got = ::recv(fd, bytes, sizeof bytes, 0);
        if (got <= 0) {
            parts_.erase(fd);
            ::close(fd);
            return;
        }
        std::string& text = parts_[fd];
        text.append(bytes, static_cast<std::size_t>(got));
        const auto head = text.find("\r\n\r\n");
        if (head == text.npos) return;
        static constexpr std::string_view kName = "Content-Length: ";
        const auto at = text.find(kName);
        std::size_t size = 0;
        if (at < head) std::from_chars(text.data() + at + kName.size(), text.data() + head, size);
        if (text.size() < head + 4 + size) return;
        text.clear();
        due_.push_back({fd, Clock::now() + delay_});
        most_ = std::max(most_, due_.size());
    }

    int pause() const {
        if (due_.empty()) return 1000;
        const auto left = due_.front().at - Clock::now();
        return static_cast<int>(
            std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count())
        );
    }

    void answer_due() {
        const auto now = Clock::now();
        while (!due_.empty() && due_.front().at <= now) {
            const std::string& text = answer();
            static_cast<void>(::send(due_.front().fd, text.data(), text.size(), MSG_NOSIGNAL));
            late_.add(std::chrono::duration_cast<rehearsal::Latencies::Duration>(
                Clock::now() - due_.front().at
            ));
            due_.pop_front();
        }
    }

    const std::string& answer() {
        const auto now = Clock::now();
        if (!answer_.empty() && now < signed_ + kSignedFor) return answer_;
        static constexpr std::string_view kBody = R"({"code_url":"weixin://wxpay/bizpayurl?pr=1"})";
        signed_ = now;
        answer_ = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRequest-ID: 1-0\r\n" +
                  parties_.proof(kBody, "0123456789abcdef0123456789abcdef", SystemClock{}.now()) +
                  "Content-Length: " + std::to_string(kBody.size()) + "\r\n\r\n" +
                  std::string{kBody};
        return answer_;
    }

    const bench::Parties parties_;
    const std::chrono::milliseconds delay_;
    const int epoll_;
    const int listener_;
    std::unordered_map<int, std::string> parts_;  // of calls
    std::deque<Due> due_;                         // all wait as long, so the first is due first
    std::string answer_;
    Clock::time_point signed_{};
    std::size_t connections_ = 0;
    std::size_t most_ = 0;
    rehearsal::Latencies late_;
};

void provide(const std::string& keys, std::chrono::milliseconds delay) {
    SlowProvider provider{keys, delay};
    std::printf("port %d\n", provider.port());
    std::fflush(stdout);
    provider.run();
    provider.report();
}

void load(std::uint16_t port, const std::string& file) {
    std::vector<std::string> requests;
    std::ifstream in{file};
    std::string session, order;
    while (in >> session >> order) {
        const std::string body = R"({"order_no":")" + order + R"(","provider":"wechat_pay"})";
        requests.push_back(
            "POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + session +
            "\r\nIdempotency-Key: p" + order +
            "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body
        );
    }
    bench::Posts posts{port, requests.size()};
    const auto sum = posts.send(requests);
    if (sum.answers.size() != 1 || !sum.answers.contains("201")) {
        throw std::runtime_error{"refused: " + sum.first_refusal};
    }
    const double took = std::chrono::duration<double>(sum.took).count();
    const auto ms = [&](double percent) {
        return static_cast<double>(sum.latencies.percentile(percent).count()) / 1000;
    };
    std::printf("took_ms %.1f\n", took * 1000);
    std::printf("per_second %.1f\n", static_cast<double>(requests.size()) / took);
    std::printf("p50_ms %.1f\np99_ms %.1f\n", ms(50), ms(99));
    std::printf("generator_cores %.3f\n", sum.cpu_seconds / took);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::string what = argc == 4 ? argv[1] : "";
        if (what == "provider") {
            provide(argv[2], std::chrono::milliseconds{std::atoi(argv[3])});
        } else if (what == "load") {
            load(static_cast<std::uint16_t>(std::atoi(argv[2])), argv[3]);
        } else {
            throw std::runtime_error{"provider FOLDER DELAY_MS, or load PORT FILE"};
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "payment_creation: %s\n", error.what());
        return 1;
    }
}
