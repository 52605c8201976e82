#include "http/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <deque>
#include <filesystem>
#include <fstream>

#include "support/server_world.hpp"

namespace doorbuster::http {
namespace {

using namespace server_test;

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

TEST(ServerLife, counts_and_logs_every_answer) {
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
