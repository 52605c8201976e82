#include "adapters/curl/curl_http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/curl/public_address.hpp"
#include "support/loopback_server.hpp"
#include "support/run_task.hpp"

namespace doorbuster::curl {
namespace {

using test::LoopbackServer;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

OutboundRequest get(const std::string& url) { return OutboundRequest{.url = url}; }

struct Failure {
    std::string reason;
    bool sent = false;
};

std::optional<Failure> failure_of(HttpClient& client, OutboundRequest request) {
    try {
        static_cast<void>(test::run(client.send(std::move(request))));
        return std::nullopt;
    } catch (const HttpClient::Failed& failed) {
        return Failure{failed.what(), failed.sent()};
    }
}

// Sends from threads with an event loop each, and hands the failures over in the order they come.
// The loops live until this ends, so that it must outlive the client.
class Failures {
public:
    ~Failures() {
        {
            const std::lock_guard lock{mutex_};
            over_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    void send(HttpClient& client, const OutboundRequest& request) {
        threads_.emplace_back([this, &client, request] {
            const auto failure = failure_of(client, request);
            std::unique_lock lock{mutex_};
            came_.push_back(failure.value_or(Failure{"answered", true}));
            changed_.notify_all();
            changed_.wait(lock, [&] { return over_; });
        });
    }
    Failure next() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return taken_ < came_.size(); });
        return came_[taken_++];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Failure> came_;
    std::size_t taken_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

TEST(CurlHttpClient, brings_status_headers_and_body_of_the_answer) {
    LoopbackServer server{[](const std::string&) {
        return "HTTP/1.1 404 Not Found\r\nX-One: 1\r\nx-two:  two words \r\nContent-Length: "
               "4\r\n\r\nlost";
    }};
    CurlHttpClient client;
    const OutboundResponse answer = test::run(client.send(get(server.url("/a?b=1"))));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.header("x-one"), "1");
    EXPECT_EQ(answer.header("X-Two"), "two words");
    EXPECT_EQ(answer.body, "lost");
    EXPECT_THAT(server.requests().at(0), StartsWith("GET /a?b=1 HTTP/1.1\r\n"));
}

TEST(CurlHttpClient, sends_exactly_the_body_and_headers_it_was_given) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("fine"); }};
    CurlHttpClient client{{.user_agent = "shop/1"}};
    OutboundRequest request = get(server.url("/v3/pay"));
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Authorization", "a b=\"c\""}};
    request.body = std::string{"{\"a\":\"\0\"}\n", 10};
    ASSERT_EQ(test::run(client.send(request)).status, 200);
    const std::string sent = server.requests().at(0);
    EXPECT_THAT(sent, StartsWith("POST /v3/pay HTTP/1.1\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nAuthorization: a b=\"c\"\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nUser-Agent: shop/1\r\n"));
    EXPECT_THAT(sent, Not(HasSubstr("Expect")));
    EXPECT_TRUE(sent.ends_with("\r\n\r\n" + request.body));
}

TEST(CurlHttpClient, an_empty_post_has_length_zero_and_no_made_up_content_type) {
    LoopbackServer server{[](const std::string&) { return "HTTP/1.1 204 No Content\r\n\r\n"; }};
    CurlHttpClient client;
    OutboundRequest request = get(server.url("/close"));
    request.method = "POST";
    EXPECT_EQ(test::run(client.send(request)).status, 204);
    EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nContent-Length: 0\r\n"));
    EXPECT_THAT(server.requests().at(0), Not(HasSubstr("Content-Type")));
}

TEST(CurlHttpClient, uses_a_connection_again) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    CurlHttpClient client;
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(test::run(client.send(get(server.url("/")))).status, 200);
    }
    EXPECT_EQ(server.connections(), 1);
}

TEST(CurlHttpClient, does_not_follow_a_redirect) {
    LoopbackServer server{[](const std::string&) {
        return "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    }};
    CurlHttpClient client;
    EXPECT_EQ(test::run(client.send(get(server.url("/")))).status, 302);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttpClient, trailers_are_not_taken_for_headers) {
    LoopbackServer server{[](const std::string&) {
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nSigned: "
               "yes\r\n\r\n";
    }};
    CurlHttpClient client;
    const OutboundResponse answer = test::run(client.send(get(server.url("/"))));
    EXPECT_EQ(answer.body, "x");
    EXPECT_EQ(answer.header("Signed"), "");
}

TEST(CurlHttpClient, refuses_an_answer_larger_than_asked_for) {
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n";
    for (const std::string& answer : {LoopbackServer::ok("12345678901"), chunked}) {
        LoopbackServer server{[&](const std::string&) { return answer; }};
        CurlHttpClient client;
        OutboundRequest request = get(server.url("/"));
        request.answer_bytes_max = 10;
        const auto failure = failure_of(client, request);
        ASSERT_TRUE(failure);
        EXPECT_TRUE(failure->sent);
    }
}

TEST(CurlHttpClient, refuses_endless_headers) {
    LoopbackServer server{[](const std::string&) {
        std::string lines;
        for (int i = 0; i < 2000; ++i) lines += "X-Filler: " + std::string(90, 'x') + "\r\n";
        return LoopbackServer::ok("x", lines);
    }};
    CurlHttpClient client;
    const auto failure = failure_of(client, get(server.url("/")));
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->reason, HasSubstr("headers"));
}

TEST(CurlHttpClient, gives_up_on_a_silent_server_and_says_that_the_request_was_sent) {
    LoopbackServer server{[](const std::string&) { return std::string{}; }};
    CurlHttpClient client;
    OutboundRequest request = get(server.url("/"));
    request.total_timeout = std::chrono::milliseconds{100};
    const auto failure = failure_of(client, request);
    ASSERT_TRUE(failure);
    EXPECT_TRUE(failure->sent);
}

TEST(CurlHttpClient, knows_that_nothing_was_sent_when_the_connection_is_refused) {
    unsigned short port = 0;
    {
        port = LoopbackServer{[](const std::string&) { return std::string{}; }}.port();
    }
    CurlHttpClient client;
    const auto failure = failure_of(client, get("http://127.0.0.1:" + std::to_string(port)));
    ASSERT_TRUE(failure);
    EXPECT_FALSE(failure->sent);
}

TEST(CurlHttpClient, speaks_http_only_and_takes_no_password_from_an_address) {
    CurlHttpClient client;
    for (const char* url :
         {"file:///etc/passwd",
          "ftp://127.0.0.1/",
          "gopher://127.0.0.1/",
          "",
          "http://user:secret@127.0.0.1/"}) {
        const auto failure = failure_of(client, get(url));
        ASSERT_TRUE(failure) << url;
        EXPECT_FALSE(failure->sent) << url;
    }
}

TEST(CurlHttpClient, a_header_cannot_smuggle_another_one) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    CurlHttpClient client;
    using Header = std::pair<std::string, std::string>;
    for (const Header& header :
         {Header{"A", "1\r\nB: 2"}, Header{"A\n", "1"}, Header{"A:", "1"}, Header{"", "1"}}) {
        OutboundRequest request = get(server.url("/"));
        request.headers = {header};
        const auto failure = failure_of(client, request);
        ASSERT_TRUE(failure);
        EXPECT_FALSE(failure->sent);
    }
    EXPECT_TRUE(server.requests().empty());
}

TEST(CurlHttpClient, connects_to_no_private_address_when_told_so) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    CurlHttpClient client;
    const std::string port = std::to_string(server.port());
    for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"}) {
        OutboundRequest request = get("http://" + host + ":" + port + "/");
        request.public_addresses_only = true;
        const auto failure = failure_of(client, request);
        ASSERT_TRUE(failure) << host;
        EXPECT_FALSE(failure->sent) << host;
        EXPECT_THAT(failure->reason, HasSubstr("not public")) << host;
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST(CurlHttpClient, a_kept_connection_does_not_lead_around_the_address_check) {
    LoopbackServer server{[](const std::string&) { return LoopbackServer::ok("x"); }};
    CurlHttpClient client;
    OutboundRequest request = get(server.url("/"));
    ASSERT_EQ(test::run(client.send(request)).status, 200);
    request.public_addresses_only = true;
    EXPECT_TRUE(failure_of(client, request));
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttpClient, refuses_more_than_its_queue_holds_and_ends_all_when_it_goes) {
    LoopbackServer server{[](const std::string&) { return std::string{}; }};
    Failures failures;
    auto client = std::make_unique<CurlHttpClient>(CurlOptions{.in_flight_max = 1, .queue_max = 1});
    failures.send(*client, get(server.url("/1")));
    server.wait_for_requests(1);

    // Of these two one takes the place in the queue, so the other is refused, and only that one.
    failures.send(*client, get(server.url("/2")));
    failures.send(*client, get(server.url("/3")));
    const Failure refused = failures.next();
    EXPECT_THAT(refused.reason, HasSubstr("too many"));
    EXPECT_FALSE(refused.sent);

    client.reset();
    const Failure one = failures.next();
    const Failure other = failures.next();
    EXPECT_THAT(one.reason, HasSubstr("shutting down"));
    EXPECT_THAT(other.reason, HasSubstr("shutting down"));
    EXPECT_NE(one.sent, other.sent) << "one was under way, one had waited";
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST(CurlHttpClient, waiting_for_a_turn_counts_against_the_deadline) {
    LoopbackServer server{[](const std::string&) { return std::string{}; }};
    Failures failures;
    CurlHttpClient client{{.in_flight_max = 1}};
    failures.send(client, get(server.url("/1")));
    server.wait_for_requests(1);
    OutboundRequest late = get(server.url("/2"));
    late.total_timeout = std::chrono::milliseconds{20};
    const auto failure = failure_of(client, late);
    ASSERT_TRUE(failure);
    EXPECT_FALSE(failure->sent);
    EXPECT_THAT(failure->reason, HasSubstr("its turn"));
    server.hang_up();
    EXPECT_TRUE(failures.next().sent);
}

TEST(PublicAddress, knows_the_networks_that_are_not_the_open_internet) {
    for (const char* address :
         {"0.0.0.0",
          "10.1.2.3",
          "100.64.0.1",
          "127.0.0.1",
          "127.255.255.255",
          "169.254.169.254",
          "172.16.0.1",
          "172.31.255.255",
          "192.168.1.1",
          "192.0.2.1",
          "198.18.0.1",
          "198.19.255.1",
          "224.0.0.1",
          "239.1.1.1",
          "255.255.255.255",
          "::",
          "::1",
          "fe80::1",
          "fc00::1",
          "fd12::1",
          "ff02::1",
          "::ffff:127.0.0.1",
          "::ffff:10.0.0.1",
          "64:ff9b::7f00:1",
          "2001:db8::1",
          "2001::1",
          "2002:7f00:1::",
          "3fff::1",
          "fec0::1",
          "localhost",
          ""}) {
        EXPECT_FALSE(is_public_address(address)) << address;
    }
    for (const char* address :
         {"1.1.1.1",
          "8.8.8.8",
          "172.15.255.255",
          "172.32.0.1",
          "100.63.255.255",
          "100.128.0.1",
          "192.167.1.1",
          "223.255.255.255",
          "2606:4700:4700::1111",
          "2400:3200::1",
          "::ffff:8.8.8.8",
          "64:ff9b::808:808"}) {
        EXPECT_TRUE(is_public_address(address)) << address;
    }
}

}  // namespace
}  // namespace doorbuster::curl
