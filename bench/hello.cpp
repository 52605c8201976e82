// A server that says hello: what the HTTP edge costs by itself. Arguments: port, threads. Runs
// until it is killed.
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "http/server.hpp"

namespace {

using namespace doorbuster;

class Nobody final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

http::Response hello(http::Request&) {
    http::Response response;
    response.content_type = "text/plain";
    response.body = "hello\n";
    return response;
}

}  // namespace

int main(int argc, char** argv) {
    http::ServerOptions options;
    options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    const std::size_t threads = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 0;

    const SystemClock clock;
    SystemRandom random;
    Nobody nobody;
    http::EventLoops loops{threads};
    http::Router router{nobody};
    router.add({{http::Method::get, "/healthz", http::Access::anyone(), http::SyncHandler{hello}}});
    http::Server server{loops, router, options, clock, random};
    server.start();
    loops.start();
    std::printf("listening on port %u with %zu threads\n", server.port(), loops.size());
    std::fflush(stdout);
    std::atomic<bool> forever = false;
    forever.wait(false);
    return 0;
}
