#include "http/event_stream.hpp"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "http/server.hpp"
#include "http/stream_places.hpp"
#include "support/manual_clock.hpp"
#include "support/raw_client.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::http {
namespace {

using test::RawAnswer;
using test::RawClient;

class Nobody final : public Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

// What all streams of a test tell: the newest text.
class News {
public:
    void tell(std::string text) {
        std::vector<std::shared_ptr<Bell>> bells;
        {
            const std::lock_guard lock{mutex_};
            newest_ = std::make_shared<const std::string>(std::move(text));
            ++version_;
            for (const auto& [key, bell] : bells_) bells.push_back(bell);
        }
        for (const auto& bell : bells) bell->ring();
    }
    std::size_t readers() const {
        const std::lock_guard lock{mutex_};
        return bells_.size();
    }
    std::shared_ptr<EventSource> reader() { return std::make_shared<Reader>(*this); }

private:
    class Reader final : public EventSource {
    public:
        explicit Reader(News& news) : news_{news} {}
        ~Reader() override {
            const std::lock_guard lock{news_.mutex_};
            news_.bells_.erase(this);
        }
        void open(std::shared_ptr<Bell> bell) override {
            const std::lock_guard lock{news_.mutex_};
            news_.bells_.emplace(this, std::move(bell));
        }
        EventText next() override {
            const std::lock_guard lock{news_.mutex_};
            if (told_ == news_.version_) return nullptr;
            told_ = news_.version_;
            return news_.newest_;
        }

    private:
        News& news_;
        int told_ = 0;
    };

    mutable std::mutex mutex_;
    EventText newest_;
    int version_ = 0;
    std::map<const EventSource*, std::shared_ptr<Bell>> bells_;
};

class World {
public:
    explicit World(ServerOptions options = {}, std::size_t threads = 2) : loops{threads} {
        options.port = 0;
        options.tick = Milliseconds{3'600'000};  // deadlines are looked at when a test says so
        const auto follow = [this](Request&) {
            Response response;
            response.stream = news.reader();
            return response;
        };
        const auto hello = [](Request&) {
            Response response;
            response.body = "hello";
            return response;
        };
        router.add({{Method::get, "/events", Access::anyone(), SyncHandler{follow}}});
        router.add({{Method::get, "/hello", Access::anyone(), SyncHandler{hello}}});
        server.emplace(loops, router, options, clock, random);
        server->start();
        loops.start();
    }
    RawClient client() { return RawClient::tcp(server->port()); }
    // A client that follows the news.
    RawClient follower() {
        RawClient client = this->client();
        client.send(get("/events"));
        EXPECT_EQ(client.receive().status, 200);
        return client;
    }
    static std::string get(const std::string& path, const std::string& more = "") {
        return "GET " + path + " HTTP/1.1\r\nHost: shop\r\n" + more + "\r\n";
    }
    void pass_time(Milliseconds time) {
        clock.advance(time);
        server->check_deadlines();
    }
    template <class Condition>
    bool eventually(Condition condition) {
        for (int turn = 0; turn < 100'000; ++turn) {
            if (condition()) return true;
            server->check_deadlines();
        }
        return false;
    }
    // Every stream has begun: its source is asked.
    bool all_open(std::size_t count) {
        return eventually([&] { return news.readers() == count; });
    }

    test::ManualClock clock;
    test::SeededRandom random{1};
    Nobody nobody;
    News news;
    EventLoops loops;
    Router router{nobody};
    std::optional<Server> server;
};

constexpr Milliseconds kBeat = std::chrono::seconds{25};  // the longest a heartbeat takes

TEST(EventStream, begins_with_a_head_that_no_proxy_holds_back) {
    World world;
    world.news.tell(event_text("state", 7, R"({"a":1})"));
    RawClient client = world.client();
    client.send(World::get("/events"));
    const RawAnswer head = client.receive();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(head.header("Cache-Control"), "no-cache, no-transform");
    EXPECT_EQ(head.header("X-Accel-Buffering"), "no");
    EXPECT_EQ(head.header("Connection"), "close");
    EXPECT_EQ(head.header("Content-Length"), "");
    EXPECT_EQ(head.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(client.receive_until("\n\n"), "event: state\nid: 7\ndata: {\"a\":1}\n\n");
}

TEST(EventStream, tells_what_changes_to_everyone_who_follows) {
    World world;
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(world.follower());
    ASSERT_TRUE(world.all_open(20));
    EXPECT_EQ(world.server->streams(), 20u);
    for (const char* text : {"data: one\n\n", "data: two\n\n"}) {
        world.news.tell(text);
        for (RawClient& client : clients) EXPECT_EQ(client.receive_until("\n\n"), text);
    }
}

TEST(EventStream, says_something_now_and_then_so_that_nobody_takes_it_for_dead) {
    World world;
    RawClient client = world.follower();
    ASSERT_TRUE(world.all_open(1));
    world.pass_time(std::chrono::seconds{14});
    EXPECT_FALSE(client.readable());
    world.pass_time(kBeat - std::chrono::seconds{14});
    EXPECT_EQ(client.receive_until("\n\n"), ":\n\n");
    world.pass_time(kBeat);
    EXPECT_EQ(client.receive_until("\n\n"), ":\n\n");
}

TEST(EventStream, ends_cleanly_when_its_time_is_over) {
    World world{{.stream_max = std::chrono::minutes{10}}};
    RawClient client = world.follower();
    ASSERT_TRUE(world.all_open(1));
    world.pass_time(std::chrono::minutes{9} - Milliseconds{1});
    EXPECT_EQ(client.receive_until("\n\n"), ":\n\n");
    world.pass_time(std::chrono::minutes{1});
    EXPECT_TRUE(client.at_end());
    EXPECT_TRUE(world.all_open(0));
    EXPECT_TRUE(world.eventually([&] { return world.server->streams() == 0; }));
}

TEST(EventStream, ends_when_the_client_goes) {
    World world;
    {
        RawClient client = world.follower();
        ASSERT_TRUE(world.all_open(1));
    }
    EXPECT_TRUE(world.eventually([&] { return world.server->connections() == 0; }));
    EXPECT_TRUE(world.eventually([&] { return world.server->streams() == 0; }));
    EXPECT_TRUE(world.eventually([&] { return world.news.readers() == 0; }));
    world.news.tell("data: to nobody\n\n");
}

TEST(EventStream, ends_when_the_server_stops) {
    World world;
    RawClient client = world.follower();
    ASSERT_TRUE(world.all_open(1));
    EXPECT_TRUE(world.server->stop());
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(world.news.readers(), 0u);
}

TEST(EventStream, cuts_a_client_that_does_not_take_its_events) {
    World world;
    RawClient slow = world.follower();
    RawClient quick = world.follower();
    ASSERT_TRUE(world.all_open(2));
    // More than the system holds for a client that reads nothing.
    const std::string much = "data: " + std::string(1024 * 1024, 'x') + "\n\n";
    auto reading = std::async(std::launch::async, [&] { return quick.receive_until("\n\n"); });
    world.news.tell(much);
    EXPECT_EQ(reading.get(), much);
    // What happened while it was behind is told once, to whom it can be told.
    for (int i = 0; i < 1'000; ++i) world.news.tell("data: " + std::to_string(i) + "\n\n");
    std::string newest;
    for (int i = 0; i < 1'000 && newest != "data: 999\n\n"; ++i) {
        newest = quick.receive_until("\n\n");
    }
    EXPECT_EQ(newest, "data: 999\n\n");
    EXPECT_EQ(world.server->streams(), 2u);
    world.pass_time(ServerOptions{}.write_max);
    EXPECT_TRUE(world.all_open(1));
}

TEST(EventStream, a_client_that_was_behind_is_told_the_newest_state_alone) {
    World world;
    RawClient client = world.follower();
    ASSERT_TRUE(world.all_open(1));
    const std::string much = "data: " + std::string(1024 * 1024, 'x') + "\n\n";
    world.news.tell(much);
    world.server->check_deadlines();  // it is being sent
    for (int i = 0; i < 100; ++i) world.news.tell("data: " + std::to_string(i) + "\n\n");
    EXPECT_EQ(client.receive_until("\n\n"), much);
    EXPECT_EQ(client.receive_until("\n\n"), "data: 99\n\n");
}

TEST(EventStream, does_not_listen_to_a_client_for_long) {
    World world;
    RawClient polite = world.follower();
    RawClient talker = world.follower();
    ASSERT_TRUE(world.all_open(2));
    polite.send(World::get("/hello"));
    talker.send(std::string(64 * 1024, 'x'));
    EXPECT_TRUE(world.all_open(1));
    world.news.tell("data: on\n\n");
    EXPECT_EQ(polite.receive_until("\n\n"), "data: on\n\n");
}

TEST(EventStream, answers_head_and_old_clients) {
    World world;
    world.news.tell("data: x\n\n");
    RawClient client = world.client();
    client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n" + World::get("/hello"));
    EXPECT_EQ(client.receive(false).header("Content-Type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(world.server->streams(), 0u);
    RawClient old = world.client();
    old.send("GET /events HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.receive().status, 200);
    EXPECT_EQ(old.receive_until("\n\n"), "data: x\n\n");
    RawClient closing = world.client();
    closing.send(World::get("/hello") + World::get("/events", "Connection: close\r\n"));
    EXPECT_EQ(closing.receive().body, "hello");
    EXPECT_EQ(closing.receive().status, 200);
    EXPECT_EQ(closing.receive_until("\n\n"), "data: x\n\n");
}

TEST(EventStream, streams_of_one_address_and_of_all_are_counted) {
    World world{{.streams_max = 3, .streams_per_address_max = 2}};
    std::vector<RawClient> here;
    for (int i = 0; i < 2; ++i) here.push_back(world.follower());
    RawClient third = world.client();
    const RawAnswer refused = third.ask(World::get("/events"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "60");
    EXPECT_EQ(third.ask(World::get("/hello")).body, "hello") << "the connection is still good";

    here.pop_back();
    ASSERT_TRUE(world.eventually([&] { return world.server->streams() == 1; }));
    EXPECT_EQ(third.ask(World::get("/events")).status, 200);
}

TEST(EventStream, takes_no_place_from_other_requests) {
    World world{{.connections_max = 2, .streams_max = 3}};
    std::vector<RawClient> followers;
    for (int i = 0; i < 3; ++i) {
        followers.push_back(world.follower());
        ASSERT_TRUE(world.all_open(static_cast<std::size_t>(i) + 1));
    }
    RawClient client = world.client();
    EXPECT_EQ(client.ask(World::get("/hello")).status, 200);
    const RawAnswer full = client.ask(World::get("/events"));
    EXPECT_EQ(full.status, 503);
    EXPECT_EQ(full.header("Retry-After"), "1");
}

TEST(StreamPlaces, counts_each_address_and_all) {
    StreamPlaces places{3, 2};
    auto first = places.enter(1);
    auto second = places.enter(1);
    EXPECT_EQ(places.enter(1).refusal, StreamPlaces::Refusal::too_many_of_address);
    auto third = places.enter(2);
    ASSERT_TRUE(third.place.has_value());
    EXPECT_EQ(places.enter(3).refusal, StreamPlaces::Refusal::full);
    second.place.reset();
    EXPECT_EQ(places.count(), 2u);
    EXPECT_TRUE(places.enter(1).place.has_value());
    EXPECT_EQ(places.count(), 2u);
}

TEST(StreamPlaces, none_may_be_allowed) {
    StreamPlaces places{1, 0};
    EXPECT_EQ(places.enter(1).refusal, StreamPlaces::Refusal::too_many_of_address);
    EXPECT_EQ(places.count(), 0u);
}

}  // namespace
}  // namespace doorbuster::http
