#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <mutex>

#include "http/server.hpp"
#include "support/manual_clock.hpp"
#include "support/raw_client.hpp"
#include "support/seeded_random.hpp"

// A server on a real socket, with routes to try it by.
namespace doorbuster::http::server_test {

using test::RawAnswer;
using test::RawClient;
using Await = boost::asio::use_awaitable_t<Executor>;

class Nobody final : public Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

// Holds a handler until the test lets it go on.
class Gate {
public:
    using Timer = boost::asio::basic_waitable_timer<
        std::chrono::steady_clock,
        boost::asio::wait_traits<std::chrono::steady_clock>,
        Executor>;

    Task<void> pass() {
        const Executor executor = co_await boost::asio::this_coro::executor;
        const auto timer = std::make_shared<Timer>(executor, Timer::time_point::max());
        {
            const std::lock_guard lock{mutex_};
            waiting_ = timer;
        }
        arrived_.set_value();
        try {
            co_await timer->async_wait(Await{});
        } catch (const boost::system::system_error&) {
            // Cancelled: the gate is open.
        }
    }
    void wait_for_arrival() { arrived_.get_future().wait(); }
    void open() {
        const std::lock_guard lock{mutex_};
        boost::asio::post(waiting_->get_executor(), [timer = waiting_] { timer->cancel(); });
    }

private:
    std::mutex mutex_;
    std::shared_ptr<Timer> waiting_;
    std::promise<void> arrived_;
};

inline Response text(std::string body) {
    Response response;
    response.content_type = "text/plain";
    response.body = std::move(body);
    return response;
}

// Says everything the server told it about the request.
inline Response describe(Request& request) {
    std::string body{to_string(request.method)};
    body.append(" ").append(request.target).append(" from ").append(request.remote_address);
    if (request.secure) body += " by https";
    if (request.local) body += " locally";
    if (!request.body.empty()) body.append(": ").append(request.body);
    return text(std::move(body));
}

// Goes through the event loop a few times before it answers.
inline Task<Response> describe_later(Request& request) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    for (int i = 0; i < 3; ++i) co_await boost::asio::post(executor, Await{});
    co_return describe(request);
}

inline constexpr std::size_t kBigBody = 8 * 1024 * 1024;

inline Routes test_routes(Gate& gate, std::promise<void>& big_asked) {
    const auto get = [](std::string pattern, auto handler) {
        return Route{Method::get, std::move(pattern), Access::anyone(), handler};
    };
    Routes routes;
    for (const Method method : {Method::get, Method::post, Method::put, Method::del}) {
        routes.push_back({method, "/sync", Access::anyone(), SyncHandler{describe}});
        routes.push_back({method, "/async", Access::anyone(), AsyncHandler{describe_later}});
    }
    routes.push_back(
        {Method::post,
         "/upload",
         Access::anyone(),
         SyncHandler{[](Request& request) { return text(std::to_string(request.body.size())); }},
         {.body_bytes_max = 3 * 1024 * 1024}}
    );
    routes.push_back(
        {Method::post, "/small", Access::anyone(), SyncHandler{describe}, {.body_bytes_max = 10}}
    );
    routes.push_back({Method::get, "/admin", Access::local(), SyncHandler{describe}});
    routes.push_back(get("/sync/{id}", SyncHandler{[](Request& request) {
                             return text("id " + std::string{request.path_param("id")});
                         }}));
    routes.push_back(get("/injection", SyncHandler{[](Request& request) {
                             return text("x").with("X-A", *request.query_param("v"));
                         }}));
    routes.push_back(get("/bug", SyncHandler{[](Request&) -> Response {
                             throw std::runtime_error{"broken"};
                         }}));
    routes.push_back(get("/big", SyncHandler{[&big_asked](Request&) {
                             big_asked.set_value();
                             return text(std::string(kBigBody, 'x'));
                         }}));
    const auto page = make_document("text/html", std::string(4'000, 'p'), "no-cache");
    routes.push_back(get("/page", SyncHandler{[page](Request&) {
                             Response response;
                             response.document = page;
                             return response;
                         }}));
    routes.push_back(get("/gate", AsyncHandler{[&gate](Request&) -> Task<Response> {
                             co_await gate.pass();
                             co_return text("through");
                         }}));
    return routes;
}

// A running server and what it stands on.
class World {
public:
    explicit World(
        ServerOptions options = {},
        metrics::Registry* metrics = nullptr,
        AccessLog* log = nullptr,
        std::size_t threads = 2
    )
        : loops{threads} {
        options.port = 0;
        options.tick = Milliseconds{3'600'000};  // deadlines are looked at when a test says so
        router.add(test_routes(gate, big_asked));
        server.emplace(loops, router, options, clock, random, metrics, log);
        server->start();
        loops.start();
    }
    RawClient client() { return RawClient::tcp(server->port()); }

    // The statuses of the answers to some bytes, until the server closes. The client says that it
    // sends no more.
    std::vector<int> statuses(std::string_view bytes) {
        RawClient client = this->client();
        client.send(bytes);
        client.finish();
        std::vector<int> statuses;
        while (const int status = client.receive().status) statuses.push_back(status);
        return statuses;
    }

    // Lets the loops run until something is so.
    template <class Condition>
    bool eventually(Condition condition) {
        for (int turn = 0; turn < 100'000; ++turn) {
            if (condition()) return true;
            server->check_deadlines();
        }
        return false;
    }
    void pass_time(Milliseconds time) {
        clock.advance(time);
        server->check_deadlines();
    }

    test::ManualClock clock;
    test::SeededRandom random{1};
    Nobody nobody;
    std::promise<void> big_asked;
    EventLoops loops;
    Gate gate;  // its timer must go before the loops
    Router router{nobody};
    std::optional<Server> server;
};

inline std::string get(const std::string& path, const std::string& headers = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: shop\r\n" + headers + "\r\n";
}
inline std::string post(
    const std::string& path, const std::string& body, const std::string& headers = ""
) {
    return "POST " + path + " HTTP/1.1\r\nHost: shop\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
inline const std::string kChunked =
    "POST /sync HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace doorbuster::http::server_test
