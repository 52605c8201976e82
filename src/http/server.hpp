#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "http/access_log.hpp"
#include "http/event_loops.hpp"
#include "http/router.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::http {

struct ServerOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6
    std::uint16_t port = 8080;          // 0: one that is free, see Server::port
    bool tcp = true;                    // false: the Unix socket alone
    // A Unix socket for this machine's administrator, mode 0600; its requests are `local`. Empty:
    // none.
    std::string unix_socket;

    // Networks ("10.0.0.0/8") whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id are
    // believed.
    std::vector<std::string> trusted_proxies;

    // Clients come over TLS only, whatever proxies say of it.
    bool https = false;

    // Open at once, over all loops, streams of events not counted; one more is answered 503 and
    // closed.
    std::size_t connections_max = 10'000;
    // Streams of events open at once; one more is answered 503. Of one client's address (IPv6: 64
    // bits of it): 429. Many shoppers may share an address behind their carrier's.
    std::size_t streams_max = 10'000;
    std::size_t streams_per_address_max = 200;
    Milliseconds stream_heartbeat{15'000};  // each stream adds zero to nine seconds of its own
    Milliseconds stream_max{3'600'000};     // less up to a tenth, then a clean end
    // Bodies under way and answers not yet taken, over all connections; each one up to 64 KiB is
    // not counted. A body beyond it is answered 503, an answer beyond it is cut.
    std::size_t held_bytes_max = 256 * 1024 * 1024;
    Milliseconds idle_max{75'000};     // between requests
    Milliseconds request_max{30'000};  // from a request's first byte to its last
    Milliseconds write_max{30'000};    // for the client to take what was written
    // Large bodies and answers get as much longer as this rate needs (bytes per second).
    std::size_t rate_min = 16 * 1024;
    Milliseconds shutdown_max{10'000};  // for the requests in progress when the server stops
    Milliseconds tick{500};             // how often deadlines are looked at
};

// The address cannot be listened on. The message says what to do.
class ListenError final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Serves a router over HTTP/1.1 on the event loops. The router, its handlers and all else given
// here must outlive the server; if `stop` returned false, also the loops' stop.
class Server {
public:
    // `metrics` and `access_log` may be null: then they cost nothing.
    // Throws std::invalid_argument when a trusted proxy is no network.
    Server(
        EventLoops& loops,
        const Router& router,
        ServerOptions options,
        const Clock& clock,
        Random& random,
        metrics::Registry* metrics = nullptr,
        AccessLog* access_log = nullptr
    );
    ~Server();  // stops

    // Listens and begins to accept; the loops may be started before or after. All routes must be in
    // the router by now. Throws ListenError.
    void start();
    // The port listened on, also when it was chosen by the system.
    std::uint16_t port() const;

    // Accepts no more, closes idle connections, lets requests in progress be answered. After
    // `shutdown_max` the connections left are cut. True: all ended in time. The loops must run.
    // Not from a loop's own thread.
    bool stop();

    // Looks at the deadlines now, on every loop, and returns when that is done. The tick does it
    // by itself; tests move their clock and call this.
    void check_deadlines();
    // Open client connections, and those of them that are streams of events.
    std::size_t connections() const;
    std::size_t streams() const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace doorbuster::http
