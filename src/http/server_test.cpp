#include "http/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "support/manual_clock.hpp"
#include "support/raw_client.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::http {
namespace {

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

Response text(std::string body) {
    Response response;
    response.content_type = "text/plain";
    response.body = std::move(body);
    return response;
}

// Says everything the server told it about the request.
Response describe(Request& request) {
    std::string body{to_string(request.method)};
    body.append(" ").append(request.target).append(" from ").append(request.remote_address);
    if (request.secure) body += " by https";
    if (request.local) body += " locally";
    if (!request.body.empty()) body.append(": ").append(request.body);
    return text(std::move(body));
}

// Goes through the event loop a few times before it answers.
Task<Response> describe_later(Request& request) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    for (int i = 0; i < 3; ++i) co_await boost::asio::post(executor, Await{});
    co_return describe(request);
}

constexpr std::size_t kBigBody = 8 * 1024 * 1024;

Routes test_routes(Gate& gate, std::promise<void>& big_asked) {
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

std::string get(const std::string& path, const std::string& headers = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: shop\r\n" + headers + "\r\n";
}
std::string post(
    const std::string& path, const std::string& body, const std::string& headers = ""
) {
    return "POST " + path + " HTTP/1.1\r\nHost: shop\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string kChunked =
    "POST /sync HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";

// ---- requests ----------------------------------------------------------------------------------

TEST(Server, answers_raw_requests_with_the_right_statuses) {
    World world;
    const std::pair<std::string, std::vector<int>> table[] = {
        {get("/sync"), {200}},
        {get("/async"), {200}},
        {get("/sync") + get("/none") + get("/async") + get("/sync"), {200, 404, 200, 200}},
        {"\r\n" + get("/sync"), {200}},
        {get("/sync", "Connection: close\r\n") + get("/sync"), {200}},
        {"GET /sync HTTP/1.0\r\n\r\n" + get("/sync"), {200}},
        {"GET /sync HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/sync"), {200, 200}},
        {"PATCH /sync HTTP/1.1\r\nHost: a\r\n\r\n" + get("/sync"), {405, 200}},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {404}},
        {"BREW /sync HTTP/1.1\r\nHost: a\r\n\r\n" + get("/sync"), {501}},
        {"TRACE /sync HTTP/1.1\r\nHost: a\r\n\r\n", {501}},
        {"CONNECT shop:443 HTTP/1.1\r\nHost: a\r\n\r\n", {501}},
        {get("/sync/7"), {200}},
        {get("/sync/%00"), {404}},
        {get("/sync?q=%ff"), {400}},
        {get("/bug") + get("/sync"), {500, 200}},
        {get("/admin"), {404}},
        {post("/sync", "hello") + get("/sync"), {200, 200}},
        {post("/none", "hello") + get("/sync"), {404, 200}},
        {kChunked + "5\r\nhello\r\n0\r\n\r\n" + get("/sync"), {200, 200}},
        {kChunked + "5\r\nhelloX", {400}},
        {kChunked + "fffffff\r\n", {413}},
        {post("/small", "0123456789"), {200}},
        {post("/small", "0123456789x") + get("/sync"), {413}},
        {post("/sync", "", "Content-Length: 5\r\n") + "hello", {400}},
        {post("/sync", "hello", "Content-Length: 6\r\n"), {400}},
        {post("/sync", "hello", "Transfer-Encoding: chunked\r\n"), {400}},
        {post("/sync", "hello", "Expect: something\r\n"), {417}},
        {"GET /sync HTTP/1.1\r\n\r\n" + get("/sync"), {400}},
        {"GET /sync HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}},
        {get("/sync", "X: a\r\n b\r\n"), {400}},
        {get("/sync", "X : a\r\n"), {400}},
        {"GET /sync HTTP/1.1\nHost: a\n\n", {400}},
        {"GET /sync HTTP/3.0\r\nHost: a\r\n\r\n", {400}},
        {"GET sync HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
        {get("/sync") + "\x16\x03\x01", {200, 400}},
        {get("/sync", "X: " + std::string(20'000, 'x') + "\r\n"), {431}},
        {get("/" + std::string(20'000, 'x')), {431}},
        {"", {}},
        {"GET /sync HT", {}},
    };
    for (const auto& [bytes, expected] : table) {
        EXPECT_EQ(world.statuses(bytes), expected) << bytes.substr(0, 300);
    }
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
}

TEST(Server, reads_requests_that_arrive_byte_by_byte) {
    World world;
    RawClient client = world.client();
    const std::string requests = get("/sync?a") + post("/async?b", "body") + kChunked +
                                 "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: u\r\n\r\n";
    for (const char byte : requests) ASSERT_TRUE(client.send({&byte, 1}));
    EXPECT_EQ(client.receive().body, "GET /sync?a from 127.0.0.1");
    EXPECT_EQ(client.receive().body, "POST /async?b from 127.0.0.1: body");
    EXPECT_EQ(client.receive().body, "POST /sync from 127.0.0.1: hello");
}

TEST(Server, answers_pipelined_requests_in_order) {
    World world;
    RawClient client = world.client();
    std::string requests;
    constexpr int kCount = 300;
    for (int i = 0; i < kCount; ++i) {
        const std::string path = (i % 3 == 1 ? "/async?" : "/sync?") + std::to_string(i);
        requests += i % 5 == 0 ? post(path, "b" + std::to_string(i)) : get(path);
    }
    std::thread sender{[&] { client.send(requests); }};
    for (int i = 0; i < kCount; ++i) {
        const std::string body = client.receive().body;
        EXPECT_NE(body.find("?" + std::to_string(i) + " from"), std::string::npos) << body;
    }
    sender.join();
}

TEST(Server, gives_head_the_headers_of_get) {
    World world;
    RawClient client = world.client();
    client.send("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n" + get("/sync"));
    const RawAnswer head = client.receive(false);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "4000");
    EXPECT_EQ(client.receive().status, 200);
}

TEST(Server, answers_documents_by_etag_and_coding) {
    World world;
    RawClient client = world.client();
    const RawAnswer plain = client.ask(get("/page"));
    EXPECT_EQ(plain.body, std::string(4'000, 'p'));
    const RawAnswer packed = client.ask(get("/page", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_LT(packed.body.size(), 200u);
    EXPECT_NE(packed.header("ETag"), plain.header("ETag"));
    const RawAnswer known =
        client.ask(get("/page", "If-None-Match: " + plain.header("ETag") + "\r\n"));
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(client.ask(get("/page", "Accept-Encoding: gzip;q=0\r\n")).body.size(), 4'000u);
}

TEST(Server, tells_errors_in_the_envelope) {
    World world;
    const RawAnswer bad = world.client().ask("GET /sync HTTP/1.1\r\n\r\n");
    EXPECT_EQ(bad.header("Connection"), "close");
    EXPECT_EQ(bad.header("Content-Type"), "application/json; charset=utf-8");
    EXPECT_NE(bad.body.find("\"error\":\"bad_request\""), std::string::npos) << bad.body;
    EXPECT_NE(bad.body.find("Host is missing"), std::string::npos) << bad.body;
    EXPECT_NE(bad.body.find(bad.header("X-Request-Id")), std::string::npos) << bad.body;
}

TEST(Server, refuses_answers_that_break_out_of_a_header) {
    World world;
    RawClient client = world.client();
    EXPECT_EQ(client.ask(get("/injection?v=fine")).header("X-A"), "fine");
    const RawAnswer refused = client.ask(get("/injection?v=a%0d%0aSet-Cookie:%20b"));
    EXPECT_EQ(refused.status, 500);
    EXPECT_EQ(refused.head.find("Set-Cookie"), std::string::npos);
    EXPECT_EQ(client.ask(get("/sync")).status, 200);
}

// ---- bodies ------------------------------------------------------------------------------------

TEST(Server, refuses_a_body_that_is_too_large_before_it_arrives) {
    World world;
    for (const std::string path : {"/small", "/sync", "/none"}) {
        RawClient client = world.client();
        client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n");
        const RawAnswer answer = client.receive();
        EXPECT_EQ(answer.status, 413) << path;
        EXPECT_EQ(answer.header("Connection"), "close");
        EXPECT_TRUE(client.at_end());
    }
}

TEST(Server, delivers_the_refusal_to_a_client_that_goes_on_sending) {
    World world;
    RawClient client = world.client();
    client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n");
    client.send(std::string(2'000'000, 'x'));
    EXPECT_EQ(client.receive().status, 413);
}

TEST(Server, takes_as_much_body_as_the_route_says) {
    World world;
    RawClient client = world.client();
    EXPECT_EQ(client.ask(post("/upload", std::string(3 * 1024 * 1024, 'x'))).body, "3145728");
    EXPECT_EQ(client.ask(post("/sync", std::string(1024 * 1024, 'x'))).status, 200);
    EXPECT_EQ(client.ask(post("/upload", "", "")).body, "0");
    EXPECT_EQ(client.ask(post("/upload", std::string(3 * 1024 * 1024 + 1, 'x'))).status, 413);
}

TEST(Server, asks_for_the_body_that_a_client_holds_back) {
    World world;
    RawClient client = world.client();
    const std::string head = "POST /sync HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
    client.send(head + "Content-Length: 5\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.ask("hello").body, "POST /sync from 127.0.0.1: hello");
    client.send(head + "Content-Length: 5000000\r\n\r\n");
    EXPECT_EQ(client.receive().status, 413);
}

// ---- who asks ----------------------------------------------------------------------------------

const std::string kForwarded =
    "X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Request-Id: given-1\r\n";

TEST(Server, believes_forwarded_headers_of_trusted_proxies_only) {
    World trusting{{.trusted_proxies = {"127.0.0.0/8"}}};
    const RawAnswer proxied = trusting.client().ask(post("/sync", "x", kForwarded));
    EXPECT_EQ(proxied.body, "POST /sync from 1.2.3.4 by https: x");
    EXPECT_EQ(proxied.header("X-Request-Id"), "given-1");
    World wary;
    const RawAnswer forged = wary.client().ask(get("/sync", kForwarded));
    EXPECT_EQ(forged.body, "GET /sync from 127.0.0.1");
    EXPECT_NE(forged.header("X-Request-Id"), "given-1");
}

TEST(Server, knows_that_clients_come_by_https_when_it_is_told) {
    World world{{.https = true}};
    EXPECT_EQ(world.client().ask(get("/sync")).body, "GET /sync from 127.0.0.1 by https");
}

TEST(Server, keeps_what_a_proxy_said_while_a_body_arrives) {
    World world{{.trusted_proxies = {"127.0.0.0/8"}}};
    RawClient client = world.client();
    const std::string request = post("/sync?slow", "the body", kForwarded);
    for (const char byte : request) client.send({&byte, 1});
    EXPECT_EQ(client.receive().body, "POST /sync?slow from 1.2.3.4 by https: the body");
}

TEST(Server, makes_request_ids_of_its_own) {
    World world{{.trusted_proxies = {"127.0.0.0/8"}}};
    RawClient client = world.client();
    const std::string first = client.ask(get("/sync")).header("X-Request-Id");
    const std::string second = client.ask(get("/sync")).header("X-Request-Id");
    EXPECT_EQ(first.size(), 24u);
    EXPECT_NE(first, second);
    for (const std::string& bad : {std::string(65, 'x'), std::string{"a b"}, std::string{"\"<>"}}) {
        const std::string id =
            client.ask(get("/sync", "X-Request-Id: " + bad + "\r\n")).header("X-Request-Id");
        EXPECT_EQ(id.size(), 24u) << id;
    }
}

// ---- deadlines ---------------------------------------------------------------------------------

TEST(ServerDeadlines, close_an_idle_connection) {
    World world;
    RawClient client = world.client();
    EXPECT_EQ(client.ask(get("/sync")).status, 200);
    world.pass_time(Milliseconds{74'000});
    EXPECT_EQ(client.ask(get("/sync")).status, 200);
    world.pass_time(Milliseconds{76'000});
    EXPECT_TRUE(client.at_end());
}

TEST(ServerDeadlines, end_a_request_that_trickles_in) {
    World world;
    RawClient client = world.client();
    client.send(get("/sync") + "GET /sync HT");
    EXPECT_EQ(client.receive().status, 200);
    for (int i = 0; i < 2; ++i) {
        world.pass_time(Milliseconds{14'000});
        client.send("T");
    }
    world.pass_time(Milliseconds{14'000});
    // The last byte may be taken in only after that look at the deadlines; a later one ends it then.
    ASSERT_TRUE(world.eventually([&] { return client.readable(); }));
    const RawAnswer answer = client.receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST(ServerDeadlines, end_a_body_that_does_not_come) {
    World world;
    RawClient client = world.client();
    client.send(get("/sync") + "POST /sync HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
    EXPECT_EQ(client.receive().status, 200);
    world.pass_time(Milliseconds{31'000});
    EXPECT_EQ(client.receive().status, 408);
}

TEST(ServerDeadlines, end_a_client_that_does_not_take_its_answer) {
    World world;
    RawClient client = world.client();
    client.send(get("/big"));
    world.big_asked.get_future().wait();
    world.pass_time(Milliseconds{29'000});
    EXPECT_EQ(world.server->connections(), 1u);
    world.pass_time(Milliseconds{1'000'000});
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
}

TEST(ServerDeadlines, leave_a_handler_its_time) {
    World world;
    RawClient client = world.client();
    client.send(get("/gate"));
    world.gate.wait_for_arrival();
    world.pass_time(Milliseconds{1'000'000});
    world.gate.open();
    EXPECT_EQ(client.receive().body, "through");
}

TEST(Server, writes_the_date_of_the_clock) {
    World world;
    RawClient client = world.client();
    EXPECT_EQ(client.ask(get("/sync")).header("Date"), "Mon, 21 Sep 2026 14:13:20 GMT");
    world.pass_time(Milliseconds{1'000});
    EXPECT_EQ(client.ask(get("/sync")).header("Date"), "Mon, 21 Sep 2026 14:13:21 GMT");
}

TEST(Server, refuses_large_bodies_beyond_what_all_may_hold_together) {
    World world{{.held_bytes_max = 512 * 1024}};
    for (int i = 0; i < 3; ++i) {  // what was refused is given back
        const RawAnswer refused = world.client().ask(post("/upload", std::string(600'000, 'x')));
        EXPECT_EQ(refused.status, 503);
        EXPECT_EQ(refused.header("Retry-After"), "1");
    }
    RawClient client = world.client();
    for (int i = 0; i < 5; ++i) {  // and what was answered
        EXPECT_EQ(client.ask(post("/upload", std::string(400'000, 'x'))).body, "400000");
    }
}

TEST(Server, takes_small_bodies_while_large_ones_are_refused) {
    World world{{.held_bytes_max = 0}};
    EXPECT_EQ(world.client().ask(post("/upload", std::string(200'000, 'x'))).status, 503);
    EXPECT_EQ(world.client().ask(post("/upload", std::string(60'000, 'x'))).body, "60000");
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    EXPECT_EQ(world.client().ask(kChunked + chunk + chunk + chunk).status, 503);
}

TEST(Server, cuts_answers_that_are_not_taken_beyond_what_all_may_hold_together) {
    World world{{.held_bytes_max = 100'000}};
    RawClient client = world.client();
    client.send(get("/big"));
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
    EXPECT_LT(client.receive().body.size(), kBigBody);
}

// ---- many clients ------------------------------------------------------------------------------

TEST(Server, delivers_large_answers_whole) {
    World world;
    EXPECT_EQ(world.client().ask(get("/big")).body, std::string(kBigBody, 'x'));
}

TEST(Server, answers_503_above_its_connection_cap) {
    World world{{.connections_max = 2}};
    RawClient first = world.client();
    RawClient second = world.client();
    EXPECT_EQ(first.ask(get("/sync")).status, 200);
    EXPECT_EQ(second.ask(get("/sync")).status, 200);
    RawClient third = world.client();
    const RawAnswer refused = third.receive();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_TRUE(third.at_end());
    third.close();
    first.close();
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 1; }));
    EXPECT_EQ(world.client().ask(get("/sync")).status, 200);
}

TEST(Server, gives_every_client_its_own_answers) {
    World world;
    std::vector<std::future<int>> clients;
    for (int c = 0; c < 8; ++c) {
        clients.push_back(std::async(std::launch::async, [&world, c] {
            int right = 0;
            RawClient client = world.client();
            for (int i = 0; i < 200; ++i) {
                const std::string body = std::to_string(c * 1000 + i);
                const std::string path = i % 2 == 0 ? "/sync" : "/async";
                const std::string expected = "POST " + path + " from 127.0.0.1: " + body;
                right += client.ask(post(path, body)).body == expected ? 1 : 0;
            }
            return right;
        }));
    }
    for (auto& client : clients) EXPECT_EQ(client.get(), 200);
}

TEST(Server, survives_clients_that_leave) {
    World world;
    for (int i = 0; i < 50; ++i) {
        RawClient client = world.client();
        client.send(i % 2 == 0 ? get("/async") + get("/sync") : "POST /sync HTTP/1.1\r\nHo");
        client.close();
    }
    EXPECT_EQ(world.client().ask(get("/sync")).status, 200);
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
}

// ---- observers ---------------------------------------------------------------------------------

class CountingRegistry final : public metrics::Registry {
public:
    struct Number final : metrics::Counter, metrics::Gauge, metrics::Histogram {
        void add(double amount) override { value = value + amount; }
        void set(double to) override { value = to; }
        void observe(double) override { value = value + 1; }
        std::atomic<double> value = 0;
    };
    metrics::Counter& counter(
        const std::string& name, const std::string&, const metrics::Labels& labels
    ) override {
        return number(name, labels);
    }
    metrics::Gauge& gauge(
        const std::string& name, const std::string&, const metrics::Labels& labels
    ) override {
        return number(name, labels);
    }
    metrics::Histogram& histogram(
        const std::string& name, const std::string&, const metrics::Labels& labels
    ) override {
        return number(name, labels);
    }
    double value(const std::string& name, const metrics::Labels& labels) {
        return number(name, labels).value;
    }

private:
    Number& number(std::string name, const metrics::Labels& labels) {
        for (const auto& [key, value] : labels) name += " " + key + "=" + value;
        return numbers_[name];
    }
    std::map<std::string, Number> numbers_;
};

class CountingLog final : public AccessLog {
public:
    void write(const AccessRecord& record) override {
        const std::lock_guard lock{mutex_};
        std::string line{record.method};
        line.append(" ").append(record.path).append(" ").append(record.route);
        line += " " + std::to_string(record.status) + (record.bytes > 100 ? " sized" : " empty");
        lines_.push_back(line.append(" ").append(record.remote_address));
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock{mutex_};
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

TEST(Server, counts_and_logs_every_answer) {
    CountingRegistry metrics;
    CountingLog log;
    World world{{}, &metrics, &log};
    RawClient client = world.client();
    client.ask(get("/sync/1?secret=x"));
    client.ask(get("/sync/2"));
    client.ask(get("/none"));
    client.ask(get("/async"));
    client.ask("bad\r\n\r\n");
    EXPECT_TRUE(world.eventually([&] { return log.lines().size() == 5; }));
    const std::vector<std::string> expected = {
        "GET /sync/1 /sync/{id} 200 sized 127.0.0.1",
        "GET /sync/2 /sync/{id} 200 sized 127.0.0.1",
        "GET /none  404 sized 127.0.0.1",
        "GET /async /async 200 sized 127.0.0.1",
        "-   400 sized 127.0.0.1"};
    EXPECT_EQ(log.lines(), expected);
    const metrics::Labels by_id{{"method", "GET"}, {"route", "/sync/{id}"}};
    metrics::Labels by_id_2xx = by_id;
    by_id_2xx["status"] = "2xx";
    EXPECT_EQ(metrics.value("http_requests_total", by_id_2xx), 2);
    EXPECT_EQ(metrics.value("http_request_seconds", by_id), 2);
    EXPECT_EQ(
        metrics.value("http_requests_total", {{"method", ""}, {"route", ""}, {"status", "4xx"}}), 2
    );
}

// ---- starting and stopping ---------------------------------------------------------------------

// On one loop, so that whoever sees one effect of the stop knows that it has begun for all.
TEST(ServerStop, answers_what_is_in_progress_and_closes_the_rest) {
    World world{{}, nullptr, nullptr, 1};
    RawClient idle = world.client();
    EXPECT_EQ(idle.ask(get("/sync")).status, 200);
    RawClient busy = world.client();
    busy.send(get("/gate") + get("/sync"));
    world.gate.wait_for_arrival();
    const std::uint16_t port = world.server->port();

    auto stopped = std::async(std::launch::async, [&] { return world.server->stop(); });
    EXPECT_TRUE(idle.at_end());
    world.gate.open();
    const RawAnswer answer = busy.receive();
    EXPECT_EQ(answer.body, "through");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(busy.at_end());
    EXPECT_TRUE(stopped.get());
    EXPECT_THROW(RawClient::tcp(port), std::runtime_error);
}

TEST(ServerStop, cuts_what_does_not_end_in_time) {
    World world{{.shutdown_max = Milliseconds{0}}};
    RawClient busy = world.client();
    busy.send(get("/gate"));
    world.gate.wait_for_arrival();
    EXPECT_FALSE(world.server->stop());
    EXPECT_TRUE(busy.at_end());
    world.gate.open();
    world.loops.stop();
}

TEST(ServerStart, says_when_the_port_is_taken) {
    World world;
    Server second{
        world.loops, world.router, {.port = world.server->port()}, world.clock, world.random};
    try {
        second.start();
        FAIL() << "two servers share a port";
    } catch (const ListenError& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find(":" + std::to_string(world.server->port())), std::string::npos);
        EXPECT_NE(message.find("another program uses this port"), std::string::npos) << message;
    }
}

TEST(ServerStart, says_when_the_address_is_wrong) {
    World world;
    for (const char* address : {"localhost", "", "300.1.1.1", "203.0.113.7"}) {
        Server server{
            world.loops, world.router, {.address = address, .port = 0}, world.clock, world.random};
        EXPECT_THROW(server.start(), ListenError) << address;
    }
    const ServerOptions bad_proxy{.trusted_proxies = {"10.0.0.0/99"}};
    EXPECT_THROW(
        (Server{world.loops, world.router, bad_proxy, world.clock, world.random}),
        std::invalid_argument
    );
}

// ---- the Unix socket ---------------------------------------------------------------------------

class UnixSocketTest : public testing::Test {
protected:
    UnixSocketTest() {
        std::string name = std::filesystem::temp_directory_path() / "doorbuster-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        path = folder_ / "admin.sock";
    }
    ~UnixSocketTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path path;

private:
    std::filesystem::path folder_;
};

TEST_F(UnixSocketTest, carries_local_requests) {
    {
        World world{{.unix_socket = path}};
        RawClient client = RawClient::unix_socket(path);
        const RawAnswer answer =
            client.ask(get("/admin", "X-Request-Id: cli-1\r\nX-Forwarded-For: 1.2.3.4\r\n"));
        EXPECT_EQ(answer.body, "GET /admin from local locally");
        EXPECT_EQ(answer.header("X-Request-Id"), "cli-1");
        EXPECT_EQ(world.client().ask(get("/admin")).status, 404);
        struct stat info {};
        ASSERT_EQ(::stat(path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixSocketTest, replaces_the_file_of_a_dead_server_only) {
    {
        boost::asio::io_context context;
        boost::asio::local::stream_protocol::acceptor dead{context, path.string()};
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    World world{{.unix_socket = path}};
    EXPECT_EQ(RawClient::unix_socket(path).ask(get("/admin")).status, 200);

    const auto listen_on = [&](const std::filesystem::path& where) {
        const ServerOptions options{.tcp = false, .unix_socket = where};
        Server{world.loops, world.router, options, world.clock, world.random}.start();
    };
    EXPECT_THROW(listen_on(path), ListenError);
    const auto file = path.parent_path() / "file";
    std::ofstream{file} << "kept";
    EXPECT_THROW(listen_on(file), ListenError);
    EXPECT_EQ(std::filesystem::file_size(file), 4u);
    EXPECT_THROW(listen_on(path.parent_path() / std::string(200, 'x')), ListenError);
    EXPECT_EQ(RawClient::unix_socket(path).ask(get("/admin")).status, 200);
}

TEST(EventLoops, run_coroutines_and_outlive_their_exceptions) {
    EventLoops loops{2};
    loops.start();
    std::promise<int> done;
    const auto throws = []() -> Task<void> {
        throw std::runtime_error{"logged"};
        co_return;
    };
    const auto counts = [](std::promise<int>& promise) -> Task<void> {
        promise.set_value(7);
        co_return;
    };
    loops.spawn(throws());
    loops.spawn(throws());
    loops.spawn(counts(done));
    EXPECT_EQ(done.get_future().get(), 7);
}

}  // namespace
}  // namespace doorbuster::http
