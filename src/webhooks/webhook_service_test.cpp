#include "webhooks/webhook_service.hpp"

#include <gtest/gtest.h>

#include <stop_token>

#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/run_task.hpp"
#include "support/seeded_random.hpp"
#include "support/test_database.hpp"
#include "support/token_users.hpp"
#include "webhooks/delivery_worker.hpp"
#include "webhooks/signature.hpp"
#include "webhooks/webhook_routes.hpp"

namespace doorbuster::webhooks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using test::Reply;

// Has one consumer and runs it.
class DirectBus final : public EventBus {
public:
    void subscribe(Consumer consumer) override { consumer_ = std::move(consumer); }
    bool wants(sql::Reader& reader, std::string_view topic) const override {
        return consumer_.wants(reader, topic);
    }
    Task<EventFailures> publish(EventList events) override {
        co_return co_await consumer_.handle(events);
    }

private:
    Consumer consumer_;
};

// Receivers as a script: what each host answers, and which hosts hang until they are released.
class FakeReceivers final : public HttpClient {
public:
    Task<OutboundResponse> send(OutboundRequest request) override {
        requests.push_back(request);
        most_at_once = std::max(most_at_once, ++at_once);
        events::Wakeup pause;
        while (most_at_once < crowd) co_await pause.wait(Milliseconds{1});
        if (request.url == slow_url) co_await release.wait(std::chrono::minutes{5});
        --at_once;
        finished.push_back(request.url);
        if (refuse_connections) throw Failed{"connection refused", false};
        co_return OutboundResponse{.status = status, .headers = {}, .body = "thanks"};
    }

    int status = 200;
    bool refuse_connections = false;
    std::size_t crowd = 0;  // nobody is answered before so many were under way at once
    std::string slow_url;
    events::Wakeup release;
    std::vector<OutboundRequest> requests;
    std::vector<std::string> finished;
    std::size_t at_once = 0;
    std::size_t most_at_once = 0;
};

std::string header_of(const OutboundRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
        if (key == name) return value;
    }
    return {};
}

class Webhooks : public test::DatabaseTest {
protected:
    Webhooks() {
        service_.subscribe(subscriptions_);
        router_.add(webhook_routes(deps_));
        execute(
            "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
            "VALUES (1, 'root', 'root', '', 0, 0)"
        );
    }
    WebhookId add(const std::string& url, std::vector<std::string> topics = {"*"}) {
        const auto body = [&](sql::Transaction& tx) {
            return service_.add(tx, UserId{1}, url, topics);
        };
        return database().write_blocking(body)->id;
    }
    void tell(const std::string& topic, std::int64_t id) {
        const Event event{EventId{id}, topic, "5001", R"({"total":100})", clock_.now()};
        const Event* const list[] = {&event};
        EXPECT_TRUE(test::run(bus_.publish(list)).empty());
    }
    bool wanted(const std::string& topic) {
        return database().read_blocking([&](sql::Reader& reader) {
            return bus_.wants(reader, topic);
        });
    }
    std::size_t send(DeliveryOptions options = {}) {
        DeliveryWorker worker{database(), clock_, receivers_, options};
        return test::run(worker.run_once());
    }
    std::int64_t count(const std::string& state) {
        return integer("SELECT count(*) FROM webhook_deliveries WHERE state = $1", {state});
    }

    test::ManualClock clock_;
    test::SeededRandom random_{3};
    DirectBus bus_;
    events::Subscriptions subscriptions_{bus_, database(), clock_};
    FakeReceivers receivers_;
    WebhookService service_{database(), clock_, random_};
    WebhookRoutesDeps deps_{database(), clock_, service_};
    test::TokenUsers users_;
    http::Router router_{users_};
    test::RouteClient guest_{router_};
    test::RouteClient admin_ = guest_.as("1-admin");
};
DOORBUSTER_ON_BOTH_ENGINES(Webhooks);

// ---- which events go where ----

TEST_P(Webhooks, get_one_delivery_of_each_event_they_want) {
    add("https://a.example/", {"order.paid"});
    add("https://b.example/");
    tell("order.paid", 1);
    tell("order.shipped", 2);
    tell("order.paid", 1);
    EXPECT_EQ(integer("SELECT count(*) FROM webhook_deliveries"), 3);
    EXPECT_EQ(integer("SELECT count(*) FROM webhook_deliveries WHERE webhook_id = 1"), 1);
}

TEST_P(Webhooks, get_nothing_when_switched_off_or_removed) {
    const auto off = add("https://a.example/");
    const auto gone = add("https://b.example/");
    WebhookService::Change change;
    change.enabled = false;
    ASSERT_TRUE(test::run(service_.change(UserId{1}, off, change)).has_value());
    ASSERT_TRUE(test::run(service_.remove(UserId{1}, gone)).has_value());
    tell("order.paid", 1);
    EXPECT_EQ(integer("SELECT count(*) FROM webhook_deliveries"), 0);
}

TEST_P(Webhooks, say_which_topics_any_of_them_wants_now) {
    EXPECT_FALSE(wanted("order.paid"));
    const auto id = add("https://a.example/", {"order.paid"});
    EXPECT_TRUE(wanted("order.paid"));
    EXPECT_FALSE(wanted("order.placed"));
    WebhookService::Change change;
    change.topics = {"*"};
    ASSERT_TRUE(test::run(service_.change(UserId{1}, id, change)).has_value());
    EXPECT_TRUE(wanted("order.placed"));
    change.enabled = false;
    ASSERT_TRUE(test::run(service_.change(UserId{1}, id, change)).has_value());
    EXPECT_FALSE(wanted("order.placed"));
}

// ---- sending ----

TEST_P(Webhooks, receive_a_signed_post) {
    const auto id = add("https://a.example/hook");
    tell("order.paid", 7);
    EXPECT_EQ(send(), 1u);
    ASSERT_EQ(receivers_.requests.size(), 1u);
    const OutboundRequest& request = receivers_.requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://a.example/hook");
    EXPECT_EQ(header_of(request, "Content-Type"), "application/json");
    EXPECT_EQ(header_of(request, "Doorbuster-Topic"), "order.paid");
    EXPECT_EQ(header_of(request, "Doorbuster-Event"), "7");
    const Secret secret{text("SELECT secret FROM webhooks WHERE id = $1", {id})};
    EXPECT_EQ(
        header_of(request, "Doorbuster-Signature"), signature(secret, clock_.now(), request.body)
    );
    EXPECT_TRUE(request.public_addresses_only);
    EXPECT_EQ(count("delivered"), 1);
    EXPECT_EQ(send(), 0u);
}

TEST_P(Webhooks, may_be_on_a_private_network_when_the_operator_allows_it) {
    add("http://192.168.0.2/");
    tell("order.paid", 1);
    DeliveryOptions options;
    options.private_addresses = true;
    send(options);
    EXPECT_FALSE(receivers_.requests.at(0).public_addresses_only);
}

TEST_P(Webhooks, are_tried_again_at_growing_distances_and_then_given_up) {
    add("https://a.example/");
    tell("order.paid", 1);
    receivers_.status = 500;
    std::vector<std::int64_t> waits;
    while (count("waiting") == 1) {
        ASSERT_EQ(send(), 1u);
        if (count("waiting") == 0) break;
        const auto due = integer("SELECT next_attempt_at FROM webhook_deliveries");
        const Milliseconds wait{due - to_milliseconds(clock_.now())};
        waits.push_back(wait.count() / 1000);
        clock_.advance(wait - Milliseconds{1});
        EXPECT_EQ(send(), 0u);
        clock_.advance(Milliseconds{1});
    }
    const std::vector<std::int64_t> expected{
        10, 30, 120, 600, 1800, 3600, 10800, 21600, 43200, 86400};
    EXPECT_EQ(waits, expected);
    EXPECT_EQ(count("given_up"), 1);
    EXPECT_EQ(integer("SELECT attempts FROM webhook_deliveries"), kAttemptsMax);
    EXPECT_EQ(integer("SELECT last_status FROM webhook_deliveries"), 500);
    EXPECT_EQ(text("SELECT last_error FROM webhook_deliveries"), "answered 500");
}

TEST_P(Webhooks, are_not_followed_to_another_address) {
    add("https://a.example/");
    tell("order.paid", 1);
    receivers_.status = 302;
    send();
    EXPECT_EQ(count("waiting"), 1);
    EXPECT_EQ(receivers_.requests.size(), 1u);
}

TEST_P(Webhooks, recover_from_lost_connections) {
    add("https://a.example/");
    tell("order.paid", 1);
    receivers_.refuse_connections = true;
    send();
    EXPECT_EQ(text("SELECT last_error FROM webhook_deliveries"), "connection refused");
    receivers_.refuse_connections = false;
    clock_.advance(seconds{10});
    send();
    EXPECT_EQ(count("delivered"), 1);
    EXPECT_EQ(text("SELECT last_error FROM webhook_deliveries"), "");
    EXPECT_EQ(integer("SELECT attempts FROM webhook_deliveries"), 2);
}

TEST_P(Webhooks, are_sent_what_a_worker_that_died_had_taken) {
    add("https://a.example/");
    tell("order.paid", 1);
    // What it leaves behind: the lease.
    execute("UPDATE webhook_deliveries SET next_attempt_at = $1", {clock_.now() + seconds{60}});
    EXPECT_EQ(send(), 0u);
    clock_.advance(seconds{60});
    EXPECT_EQ(send(), 1u);
}

Task<void> tell_the_worker_to_stop_when(
    FakeReceivers& receivers, std::size_t count, std::stop_source stop
) {
    events::Wakeup pause;
    while (receivers.finished.size() < count) co_await pause.wait(Milliseconds{1});
    stop.request_stop();
    receivers.slow_url.clear();  // the worker may be taking one more at this moment
    receivers.release.wake();
}

TEST_P(Webhooks, do_not_wait_for_a_slow_receiver) {
    add("https://slow.example/");
    add("https://quick.example/");
    receivers_.slow_url = "https://slow.example/";
    for (int i = 1; i <= 6; ++i) tell("order.paid", i);
    DeliveryOptions options;
    options.per_webhook_max = 1;
    options.poll = Milliseconds{1};
    DeliveryWorker worker{database(), clock_, receivers_, options};
    std::stop_source stop;
    const auto both = [&]() -> Task<void> {
        const Executor executor = co_await boost::asio::this_coro::executor;
        auto watch = tell_the_worker_to_stop_when(receivers_, 6, stop);
        boost::asio::co_spawn(executor, std::move(watch), [](std::exception_ptr) {});
        co_await worker.run(stop.get_token());
    };
    test::run(both());
    // All six of the quick one ended while the first of the slow one was still under way.
    ASSERT_GE(receivers_.finished.size(), 7u);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(receivers_.finished[i], "https://quick.example/");
    }
    const auto delivered = static_cast<std::int64_t>(receivers_.finished.size());
    EXPECT_EQ(count("delivered"), delivered);
    EXPECT_EQ(count("waiting"), 12 - delivered);
}

TEST_P(Webhooks, are_sent_a_bounded_number_at_once) {
    for (int i = 0; i < 5; ++i) add("https://r" + std::to_string(i) + ".example/");
    for (int i = 1; i <= 4; ++i) tell("order.paid", i);
    DeliveryOptions options;
    options.at_once_max = 3;
    options.per_webhook_max = 2;
    receivers_.crowd = 3;
    const std::size_t sent = send(options);
    EXPECT_EQ(receivers_.most_at_once, 3u);
    EXPECT_EQ(count("delivered"), static_cast<std::int64_t>(sent));
}

TEST_P(Webhooks, forget_old_deliveries_and_keep_what_still_waits) {
    add("https://a.example/");
    tell("order.paid", 1);
    send();
    receivers_.status = 500;
    tell("order.paid", 2);
    send();
    EXPECT_EQ(test::run(service_.sweep()), 0);
    clock_.advance(hours{24 * 31});
    EXPECT_EQ(test::run(service_.sweep()), 1);
    EXPECT_EQ(count("waiting"), 1);
}

// ---- routes ----

constexpr const char* kRoot = "/api/admin/v1/webhooks";

TEST_P(Webhooks, are_added_listed_changed_and_removed_by_an_administrator) {
    const Reply added =
        admin_.post(kRoot, R"({"url":"https://a.example/hook","topics":["order.paid"]})");
    ASSERT_EQ(added.status, 201);
    EXPECT_TRUE(added.text("/data/secret").starts_with("whsec_"));
    const std::string one = std::string{kRoot} + '/' + added.text("/data/id");
    EXPECT_FALSE(admin_.get(one).has("/data/secret"));
    const Reply list = admin_.get(kRoot);
    EXPECT_EQ(list.integer("/data/total"), 1);
    EXPECT_FALSE(list.has("/data/list/0/secret"));
    const Reply changed = admin_.patch(one, R"({"topics":["*"],"enabled":false})");
    EXPECT_EQ(changed.text("/data/topics/0"), "*");
    EXPECT_EQ(changed.text("/data/enabled"), "false");
    EXPECT_EQ(changed.text("/data/url"), "https://a.example/hook");
    const Reply renewed = admin_.post(one + "/secret", "");
    EXPECT_NE(renewed.text("/data/secret"), added.text("/data/secret"));
    EXPECT_EQ(admin_.del(one).status, 200);
    EXPECT_EQ(admin_.get(one).status, 404);
    EXPECT_EQ(admin_.del(one).status, 404);
    EXPECT_EQ(integer("SELECT count(*) FROM audit_log"), 4);
    EXPECT_EQ(text("SELECT secret FROM webhooks"), "");
}

TEST_P(Webhooks, are_nobody_elses_business) {
    for (const char* who : {"42", "1-finance", "1-orders", "1-catalog", "1-marketing"}) {
        EXPECT_EQ(guest_.as(who).get(kRoot).status, 403) << who;
        EXPECT_EQ(guest_.as(who).post(kRoot, "{}").status, 403) << who;
    }
    EXPECT_EQ(guest_.get(kRoot).status, 401);
}

TEST_P(Webhooks, are_added_once_for_one_idempotency_key) {
    const std::string body = R"({"url":"https://a.example/","topics":["*"]})";
    const test::RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = admin_.post(kRoot, body, key);
    const Reply second = admin_.post(kRoot, body, key);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.text("/data/id"), first.text("/data/id"));
    EXPECT_EQ(integer("SELECT count(*) FROM webhooks"), 1);
}

TEST_P(Webhooks, keep_no_secret_for_the_replay_of_a_request) {
    const std::string body = R"({"url":"https://a.example/","topics":["*"]})";
    const test::RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const std::string secret = admin_.post(kRoot, body, key).text("/data/secret");
    ASSERT_FALSE(secret.empty());
    EXPECT_EQ(text("SELECT answer FROM idempotency_keys").find(secret), std::string::npos);
    const Reply replay = admin_.post(kRoot, body, key);
    EXPECT_EQ(replay.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(replay.text("/data/secret"), "null");
}

TEST_P(Webhooks, refuse_bad_input_and_name_the_field) {
    const auto refused = [&](const std::string& body, const char* field) {
        const Reply reply = admin_.post(kRoot, body);
        EXPECT_EQ(reply.status, 422) << body;
        EXPECT_TRUE(reply.blames(field)) << reply.body;
    };
    refused(R"({"topics":["*"]})", "url");
    refused(R"({"url":"ftp://a.example/","topics":["*"]})", "url");
    refused(R"({"url":"https://u:p@a.example/","topics":["*"]})", "url");
    refused(R"({"url":7,"topics":["*"]})", "url");
    refused(R"({"url":"https://a.example/"})", "topics");
    refused(R"({"url":"https://a.example/","topics":[]})", "topics");
    refused(R"({"url":"https://a.example/","topics":["a'; DROP TABLE webhooks"]})", "topics");
    EXPECT_EQ(admin_.post(kRoot, "{").status, 400);
    EXPECT_EQ(integer("SELECT count(*) FROM webhooks"), 0);
    const auto id = add("https://a.example/").to_string();
    EXPECT_EQ(admin_.patch(std::string{kRoot} + '/' + id, R"({"url":"x"})").status, 422);
    EXPECT_EQ(admin_.patch(std::string{kRoot} + "/99", "{}").status, 404);
}

TEST_P(Webhooks, are_limited_in_number) {
    for (std::size_t i = 0; i < kWebhooksMax; ++i) add("https://a.example/");
    const Reply reply = admin_.post(kRoot, R"({"url":"https://b.example/","topics":["*"]})");
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.error(), "too_many_webhooks");
}

TEST_P(Webhooks, show_their_deliveries_and_send_one_again) {
    const std::string one = std::string{kRoot} + '/' + add("https://a.example/").to_string();
    receivers_.status = 500;
    tell("order.paid", 1);
    tell("order.paid", 2);
    send();
    const Reply log = admin_.get(one + "/deliveries?state=waiting&page_size=1");
    EXPECT_EQ(log.integer("/data/total"), 2);
    EXPECT_EQ(log.text("/data/list/0/event_id"), "2");
    EXPECT_EQ(log.integer("/data/list/0/last_status"), 500);
    receivers_.status = 200;
    clock_.advance(seconds{10});
    send();
    EXPECT_EQ(count("delivered"), 2);
    const std::string delivery = admin_.get(one + "/deliveries").text("/data/list/0/id");
    const Reply again = admin_.post(one + "/deliveries/" + delivery + "/redeliver", "");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.text("/data/state"), "waiting");
    EXPECT_EQ(send(), 1u);
    EXPECT_EQ(count("delivered"), 2);
}

TEST_P(Webhooks, send_nothing_again_that_is_not_theirs) {
    const std::string mine = std::string{kRoot} + '/' + add("https://a.example/").to_string();
    const std::string other =
        std::string{kRoot} + '/' + add("https://b.example/", {"x"}).to_string();
    tell("order.paid", 1);
    const std::string delivery = admin_.get(mine + "/deliveries").text("/data/list/0/id");
    EXPECT_EQ(admin_.post(other + "/deliveries/" + delivery + "/redeliver", "").status, 404);
    EXPECT_EQ(admin_.post(mine + "/deliveries/x/redeliver", "").status, 404);
    EXPECT_EQ(admin_.get(std::string{kRoot} + "/99/deliveries").status, 404);
    EXPECT_EQ(admin_.get(mine + "/deliveries?state=lost").status, 422);
    ASSERT_EQ(admin_.patch(mine, R"({"enabled":false})").status, 200);
    EXPECT_EQ(admin_.post(mine + "/deliveries/" + delivery + "/redeliver", "").status, 409);
}

}  // namespace
}  // namespace doorbuster::webhooks
