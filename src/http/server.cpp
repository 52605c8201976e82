#include "http/server.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <latch>
#include <optional>

#include "core/assert.hpp"
#include "http/connection.hpp"
#include "http/listener.hpp"
#include "http/shard.hpp"
#include "ports/log.hpp"

namespace doorbuster::http {

namespace {

using boost::system::error_code;
using Await = boost::asio::use_awaitable_t<Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>,
    Executor>;
constexpr boost::asio::as_tuple_t<Await> kAwait{Await{}};

// Beyond connections_max, so many clients at once are still told why before they are closed.
constexpr std::size_t kRefusalsMax = 64;
// When the process has no descriptors left, accepting again at once would spin.
constexpr Milliseconds kAcceptPause{100};
constexpr Milliseconds kCutMax{1'000};

std::string printed(const boost::asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        using boost::asio::ip::v4_mapped;
        return boost::asio::ip::make_address_v4(v4_mapped, address.to_v6()).to_string();
    }
    return address.to_string();
}

Peer peer_of(boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>& socket) {
    error_code ignored;
    socket.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
    const auto endpoint = socket.remote_endpoint(ignored);
    return {printed(endpoint.address())};
}
Peer peer_of(boost::asio::basic_stream_socket<boost::asio::local::stream_protocol, Executor>&) {
    return {"local", true};
}

// Acceptors belong to their loop: they are closed there.
template <class Acceptor>
struct Door {
    explicit Door(Acceptor opened) : acceptor{std::move(opened)} {}
    Acceptor acceptor;
};

template <class Acceptor>
Task<void> accept_all(std::shared_ptr<Shard> shard, std::shared_ptr<Door<Acceptor>> door) {
    const Executor executor = door->acceptor.get_executor();
    Timer pause{executor};
    while (!shard->stopping()) {
        auto accepted = co_await door->acceptor.async_accept(kAwait);
        if (shard->stopping()) co_return;
        if (const error_code error = std::get<0>(accepted)) {
            log::warn("http.accept_failed", {{"reason", error.message()}});
            pause.expires_after(kAcceptPause);
            co_await pause.async_wait(kAwait);
            continue;
        }
        auto& socket = std::get<1>(accepted);
        Peer peer = peer_of(socket);
        const std::size_t open = shard->edge().ordinary_connections();
        const std::size_t most = shard->edge().options.connections_max;
        if (open >= most + kRefusalsMax) continue;  // closed without a word
        peer.refused = open >= most && !peer.local;
        Task<void> serving = serve(shard, Socket{std::move(socket)}, std::move(peer));
        boost::asio::co_spawn(executor, std::move(serving), log_failure);
    }
}

Task<void> tick_on(std::shared_ptr<Shard> shard, std::shared_ptr<Timer> timer) {
    while (!shard->stopping()) {
        timer->expires_after(shard->edge().options.tick);
        co_await timer->async_wait(kAwait);
        if (shard->stopping()) co_return;
        shard->tick();
        if (shard->edge().metrics) {
            const auto open = static_cast<double>(shard->edge().connections);
            shard->edge().metrics->connections().set(open);
            const auto streams = static_cast<double>(shard->edge().streams.count());
            shard->edge().metrics->streams().set(streams);
        }
    }
}

}  // namespace

struct Server::Shared {
    // One loop's part of the server.
    struct Part {
        Executor executor;
        std::shared_ptr<Shard> shard;
        std::shared_ptr<Timer> timer;
        std::shared_ptr<Door<TcpAcceptor>> tcp;
        std::shared_ptr<Door<UnixAcceptor>> local;
    };

    EventLoops& loops;
    Random& random;
    metrics::Registry* registry;
    std::shared_ptr<Edge> edge;
    std::vector<Part> parts;
    std::uint16_t port = 0;

    // Runs `what(part)` on every loop and waits for all of them.
    void on_every_loop(const std::function<void(Part&)>& what);
    void open_doors();
    void begin(Part& part);
};

void Server::Shared::on_every_loop(const std::function<void(Part&)>& what) {
    if (!loops.running()) return;
    std::latch done{static_cast<std::ptrdiff_t>(parts.size())};
    for (Part& part : parts) {
        boost::asio::post(part.executor, [&] {
            what(part);
            done.count_down();
        });
    }
    done.wait();
}

void Server::Shared::open_doors() {
    const ServerOptions& options = edge->options;
    std::vector<TcpAcceptor> tcp;
    if (options.tcp) tcp = listen_tcp(loops, options.address, options.port);
    std::optional<UnixAcceptor> local;
    if (!options.unix_socket.empty()) {
        local.emplace(listen_unix(loops.executor(0), options.unix_socket));
    }
    for (std::size_t i = 0; i < loops.size(); ++i) {
        Part part{loops.executor(i), std::make_shared<Shard>(edge, random.next_u64())};
        part.timer = std::make_shared<Timer>(part.executor);
        if (options.tcp) part.tcp = std::make_shared<Door<TcpAcceptor>>(std::move(tcp[i]));
        parts.push_back(std::move(part));
    }
    if (options.tcp) port = parts.front().tcp->acceptor.local_endpoint().port();
    if (local) parts.front().local = std::make_shared<Door<UnixAcceptor>>(std::move(*local));
}

void Server::Shared::begin(Part& part) {
    boost::asio::co_spawn(part.executor, tick_on(part.shard, part.timer), log_failure);
    if (part.tcp) {
        boost::asio::co_spawn(part.executor, accept_all(part.shard, part.tcp), log_failure);
    }
    if (part.local) {
        boost::asio::co_spawn(part.executor, accept_all(part.shard, part.local), log_failure);
    }
}

Server::Server(
    EventLoops& loops,
    const Router& router,
    ServerOptions options,
    const Clock& clock,
    Random& random,
    metrics::Registry* metrics,
    AccessLog* access_log
) {
    TrustedProxies trusted{options.trusted_proxies};
    const std::size_t held_bytes_max = options.held_bytes_max;
    const std::size_t streams_max = options.streams_max;
    const std::size_t streams_per_address_max = options.streams_per_address_max;
    std::shared_ptr<Edge> edge{new Edge{
        router,
        std::move(options),
        clock,
        std::move(trusted),
        HeldBytesTotal{held_bytes_max},
        StreamPlaces{streams_max, streams_per_address_max}}};
    edge->access_log = access_log;
    shared_.reset(new Shared{loops, random, metrics, std::move(edge)});
}

Server::~Server() { stop(); }

void Server::start() {
    DOORBUSTER_ASSERT(shared_->parts.empty());
    Edge& edge = *shared_->edge;
    if (shared_->registry) {
        edge.metrics = std::make_unique<RequestMetrics>(*shared_->registry, edge.router.routes());
    }
    shared_->open_doors();
    for (Shared::Part& part : shared_->parts) shared_->begin(part);
}

std::uint16_t Server::port() const { return shared_->port; }

bool Server::stop() {
    Edge& edge = *shared_->edge;
    const auto close_doors = [](Shared::Part& part) {
        part.shard->stop();
        error_code ignored;
        if (part.tcp) part.tcp->acceptor.close(ignored);
        if (part.local) part.local->acceptor.close(ignored);
        part.timer->cancel();
    };
    shared_->on_every_loop(close_doors);
    if (!shared_->parts.empty() && shared_->parts.front().local) {
        ::unlink(edge.options.unix_socket.c_str());
    }
    const auto all_ended = [&](Milliseconds within) {
        std::unique_lock lock{edge.mutex};
        return edge.ended.wait_for(lock, within, [&] { return edge.connections == 0; });
    };
    const bool running = shared_->loops.running();
    const bool in_time = all_ended(running ? edge.options.shutdown_max : Milliseconds{0});
    if (in_time || !running) return in_time;
    log::warn("http.connections_cut", {{"count", edge.connections.load()}});
    shared_->on_every_loop([](Shared::Part& part) { part.shard->cut(); });
    all_ended(kCutMax);
    return false;
}

void Server::check_deadlines() {
    shared_->on_every_loop([](Shared::Part& part) { part.shard->tick(); });
}

std::size_t Server::connections() const { return shared_->edge->connections; }
std::size_t Server::streams() const { return shared_->edge->streams.count(); }

}  // namespace doorbuster::http
