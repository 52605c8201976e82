#include "http/server.hpp"

#include <gtest/gtest.h>

#include "support/server_world.hpp"

namespace doorbuster::http {
namespace {

using namespace server_test;

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
    // The last byte may be taken in only after that look at the deadlines; a later one ends it
    // then.
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

TEST(ServerLimits, writes_the_date_of_the_clock) {
    World world;
    RawClient client = world.client();
    EXPECT_EQ(client.ask(get("/sync")).header("Date"), "Mon, 21 Sep 2026 14:13:20 GMT");
    world.pass_time(Milliseconds{1'000});
    EXPECT_EQ(client.ask(get("/sync")).header("Date"), "Mon, 21 Sep 2026 14:13:21 GMT");
}

TEST(ServerLimits, refuses_large_bodies_beyond_what_all_may_hold_together) {
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

TEST(ServerLimits, takes_small_bodies_while_large_ones_are_refused) {
    World world{{.held_bytes_max = 0}};
    EXPECT_EQ(world.client().ask(post("/upload", std::string(200'000, 'x'))).status, 503);
    EXPECT_EQ(world.client().ask(post("/upload", std::string(60'000, 'x'))).body, "60000");
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    EXPECT_EQ(world.client().ask(kChunked + chunk + chunk + chunk).status, 503);
}

TEST(ServerLimits, cuts_answers_that_are_not_taken_beyond_what_all_may_hold_together) {
    World world{{.held_bytes_max = 100'000}};
    RawClient client = world.client();
    client.send(get("/big"));
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
    EXPECT_LT(client.receive().body.size(), kBigBody);
}

// ---- many clients ------------------------------------------------------------------------------

TEST(ServerLimits, delivers_large_answers_whole) {
    World world;
    EXPECT_EQ(world.client().ask(get("/big")).body, std::string(kBigBody, 'x'));
}

TEST(ServerLimits, answers_503_above_its_connection_cap) {
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

TEST(ServerLimits, gives_every_client_its_own_answers) {
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

TEST(ServerLimits, survives_clients_that_leave) {
    World world;
    for (int i = 0; i < 50; ++i) {
        RawClient client = world.client();
        client.send(i % 2 == 0 ? get("/async") + get("/sync") : "POST /sync HTTP/1.1\r\nHo");
        client.close();
    }
    EXPECT_EQ(world.client().ask(get("/sync")).status, 200);
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
}

}  // namespace
}  // namespace doorbuster::http
