// What idle streams of server-sent events cost, and how long one change takes to reach all of them.
// Arguments: streams (10000), changes (20). A child process is all the clients; this one is the
// server with one promotion item in the memory gate and no database.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>

#include "adapters/memory/memory_gate.hpp"
#include "core/random.hpp"
#include "flash_sale/edge/item_events.hpp"
#include "http/server.hpp"
#include "process.hpp"

namespace {

using namespace doorbuster;
using bench::check;
using bench::cpu_seconds;
using Instant = std::chrono::steady_clock::time_point;

class Nobody final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

// Nobody is signed in, so no offer is ever read.
class NoDatabase final : public sql::Database {
public:
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    bool shared() const override { return false; }
    void submit_write(sql::Job&) override { std::abort(); }
    void submit_read(sql::Job&) override { std::abort(); }
};

double megabytes_now() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
    }
    return 0;
}

// ---- the clients -------------------------------------------------------------------------------

// One byte to the parent when all streams have said their first events, one after each change that
// all have been told; one from the parent before each change.
void be_clients(std::uint16_t port, int streams, int changes, int from_parent, int to_parent) {
    const int all = ::epoll_create1(0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string ask = "GET /api/v1/flash-sales/1/events HTTP/1.1\r\nHost: a\r\n\r\n";
    for (int i = 0; i < streams; ++i) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        const auto* address = reinterpret_cast<const sockaddr*>(&to);
        check(fd >= 0 && ::connect(fd, address, sizeof to) == 0, "connect");
        check(::send(fd, ask.data(), ask.size(), 0) > 0, "send");
        epoll_event wanted{EPOLLIN, {.fd = fd}};
        check(::epoll_ctl(all, EPOLL_CTL_ADD, fd, &wanted) == 0, "epoll_ctl");
    }
    // An event ends with an empty line; the head has none of its own kind ("\n\n").
    const auto read_ends = [&](int wanted) {
        for (int ends = 0; ends < wanted;) {
            epoll_event ready[256];
            const int count = ::epoll_wait(all, ready, 256, 20'000);
            check(count > 0, "the events did not come");
            for (int i = 0; i < count; ++i) {
                char bytes[4096];
                const auto got = ::recv(ready[i].data.fd, bytes, sizeof bytes, 0);
                check(got > 0, "a stream has ended");
                const std::string_view text{bytes, static_cast<std::size_t>(got)};
                for (auto at = text.find("\n\n"); at != text.npos; at = text.find("\n\n", at + 2)) {
                    ++ends;
                }
            }
        }
    };
    char byte = 0;
    read_ends(3 * streams);  // retry, state, stock
    check(::write(to_parent, &byte, 1) == 1, "write");
    for (int i = 0; i < changes; ++i) {
        check(::read(from_parent, &byte, 1) == 1, "read");
        check(::write(to_parent, &byte, 1) == 1, "write");  // listening
        read_ends(streams);
        check(::write(to_parent, &byte, 1) == 1, "write");
    }
    check(::read(from_parent, &byte, 1) == 1, "read");
}

// ---- the server --------------------------------------------------------------------------------

class Sale {
public:
    Sale() {
        flash_sale::SaleItem item;
        item.id = item_;
        item.window = {clock_.now(), clock_.now() + std::chrono::hours{1}};
        auto snapshot = std::make_shared<flash_sale::SaleBoard::Snapshot>();
        snapshot->items.emplace(item_, std::make_shared<flash_sale::SaleItem>(item));
        board_.replace(snapshot);
        view_.open = true;
        view_.opens_at = item.window.starts_at;
        view_.closes_at = item.window.ends_at;
        view_.available = 1000;
        view_.version = 1;
        gate_.load(item_, {}, view_, {});
    }
    // Another band.
    void change() {
        const bool plenty = view_.available == 1000;
        view_.available = plenty ? 100 : 1000;
        view_.reserved = plenty ? 900 : 0;
        ++view_.version;
        gate_.apply(item_, view_);
    }
    Task<void> look(std::promise<void>& done) {
        co_await events_.look();
        done.set_value();
    }
    http::Routes routes() { return flash_sale::item_events_routes(deps_); }

private:
    const PromotionItemId item_{1};
    SystemClock clock_;
    NoDatabase database_;
    flash_sale::SaleBoard board_;
    memory::MemoryGate gate_{clock_};
    flash_sale::Waitlist waitlist_{gate_, clock_, {}};
    flash_sale::SaleClock sale_clock_{clock_};
    flash_sale::PromoViews views_{board_, gate_, sale_clock_};
    flash_sale::ItemEvents events_{{database_, board_, views_, gate_, waitlist_, clock_}};
    flash_sale::ItemEventsRoutesDeps deps_{board_, events_};
    StockView view_;
};

// The clients in a process of their own, which a pipe on either way leads to.
class Clients {
public:
    // To be made before there are threads.
    Clients(int streams, int changes) {
        int down[2];
        int up[2];
        check(::pipe(down) == 0 && ::pipe(up) == 0, "pipe");
        child_ = ::fork();
        check(child_ >= 0, "fork");
        if (child_ == 0) be(streams, changes, down[0], up[1]);
        ::close(up[1]);
        to_child_ = down[1];
        from_child_ = up[0];
    }

    void begin(std::uint16_t port) {
        check(::write(to_child_, &port, sizeof port) == sizeof port, "write");
    }
    void tell() { check(::write(to_child_, "x", 1) == 1, "the clients have gone"); }
    void hear() {
        char byte = 0;
        check(::read(from_child_, &byte, 1) == 1, "the clients have gone");
    }
    // Waits for their end.
    bool were_content() {
        int status = 0;
        ::waitpid(child_, &status, 0);
        return status == 0;
    }

private:
    [[noreturn]] static void be(int streams, int changes, int from_parent, int to_parent) {
        std::uint16_t port = 0;
        check(::read(from_parent, &port, sizeof port) == sizeof port, "read");
        try {
            be_clients(port, streams, changes, from_parent, to_parent);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "clients: %s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }

    pid_t child_ = -1;
    int to_child_ = -1;
    int from_child_ = -1;
};

int measure(int streams, int changes) {
    bench::allow_many_files();
    Clients clients{streams, changes};

    const SystemClock clock;
    SystemRandom random;
    Nobody nobody;
    http::EventLoops loops;
    Sale sale;
    http::Router router{nobody};
    router.add(sale.routes());
    http::ServerOptions options;
    options.port = 0;
    options.streams_max = options.streams_per_address_max = static_cast<std::size_t>(streams);
    http::Server server{loops, router, options, clock, random};
    server.start();
    loops.start();

    const double before = megabytes_now();
    clients.begin(server.port());
    clients.hear();
    const double after = megabytes_now();
    std::printf("streams            %d\n", streams);
    std::printf("memory before      %.1f MiB\n", before);
    std::printf("memory with them   %.1f MiB\n", after);
    std::printf("each               %.2f KiB\n", (after - before) * 1024 / streams);

    double slowest = 0;
    double all = 0;
    const double cpu = cpu_seconds();
    for (int i = 0; i < changes; ++i) {
        clients.tell();
        clients.hear();
        const Instant begun = std::chrono::steady_clock::now();
        sale.change();
        std::promise<void> looked;
        loops.spawn(sale.look(looked));
        looked.get_future().wait();
        clients.hear();
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begun;
        slowest = std::max(slowest, took.count());
        all += took.count();
    }
    std::printf("a change to all    %.1f ms, slowest %.1f ms\n", all / changes, slowest);
    std::printf("server CPU of one  %.1f ms\n", (cpu_seconds() - cpu) * 1000 / changes);
    std::printf("memory after all   %.1f MiB\n", megabytes_now());
    clients.tell();
    const bool content = clients.were_content();
    server.stop();
    loops.stop();
    return content ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return measure(argc > 1 ? std::atoi(argv[1]) : 10'000, argc > 2 ? std::atoi(argv[2]) : 20);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
