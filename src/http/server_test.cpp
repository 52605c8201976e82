#include "http/server.hpp"

#include <gtest/gtest.h>

#include "support/server_world.hpp"

namespace doorbuster::http {
namespace {

using namespace server_test;

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

}  // namespace
}  // namespace doorbuster::http
