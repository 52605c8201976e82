#include "idempotency/idempotency.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"

namespace doorbuster::idempotency {
namespace {

constexpr ErrorKind kSoldOut{9999, "sold_out", Condition::conflict, "Sold out."};

// A request that owns its text.
struct Sent {
    std::string path = "/api/v1/things";
    std::string body = R"({"a":1})";
    std::string key = "key-1";
    std::string address = "192.0.2.1";
    std::optional<UserId> user = UserId{7};
    std::optional<http::AppId> app = {};

    http::Request request() {
        headers = {{"Idempotency-Key", key}};
        http::Request request;
        request.method = http::Method::post;
        request.path = path;
        request.target = path;
        request.body = body;
        request.remote_address = address;
        if (!key.empty()) request.headers = headers;
        if (user) request.principal = Principal{*user, SessionId{1}, Rights{}};
        if (app) request.app = http::AppPrincipal{*app, "crm"};
        return request;
    }
    std::vector<http::Request::Header> headers;
};

std::string header_of(const http::Response& response, std::string_view name) {
    for (const auto& [header, value] : response.headers) {
        if (header == name) return value;
    }
    return {};
}

class Idempotency : public test::DatabaseTest {
protected:
    // Each run of the work answers with the next number.
    http::Response send(Sent sent) {
        const auto count = [this](sql::Transaction&) -> Result<std::string> {
            return std::to_string(++runs_);
        };
        return send(std::move(sent), count);
    }
    http::Response send(Sent sent, Work work) {
        const http::Request request = sent.request();
        return test::run(respond(database(), clock_, request, 201, std::move(work)));
    }
    // Work that waits for the network answers with the next number, too.
    http::Response send_slowly(Sent sent) {
        const auto count = [this]() -> Task<Result<std::string>> {
            ++runs_;
            if (sold_out_) co_return kSoldOut;
            co_return std::to_string(runs_.load());
        };
        const http::Request request = sent.request();
        return test::run(respond_after(database(), clock_, request, 201, count));
    }
    std::int64_t rows() const { return integer("SELECT COUNT(*) FROM idempotency_keys"); }

    test::ManualClock clock_;
    std::atomic<int> runs_ = 0;
    bool sold_out_ = false;
};
DOORBUSTER_ON_BOTH_ENGINES(Idempotency);

TEST_P(Idempotency, answers_a_repeated_request_with_its_first_answer) {
    const auto first = send({});
    const auto second = send({});
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
    EXPECT_EQ(header_of(second, "Idempotent-Replayed"), "true");
}

TEST_P(Idempotency, answers_a_repeated_request_whose_work_waits_for_the_network) {
    const auto first = send_slowly({});
    const auto second = send_slowly({});
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
    EXPECT_EQ(header_of(second, "Idempotent-Replayed"), "true");
    EXPECT_EQ(send_slowly({.body = "{}"}).status, 422);
    EXPECT_EQ(send_slowly({.key = ""}).status, 201);
    EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, forgets_slow_work_that_was_refused) {
    sold_out_ = true;
    EXPECT_EQ(send_slowly({}).status, 409);
    EXPECT_EQ(rows(), 0);
    sold_out_ = false;
    EXPECT_EQ(send_slowly({}).status, 201);
    EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, keeps_the_keys_of_apps_and_of_people_apart) {
    send_slowly({});
    const Sent app{.user = std::nullopt, .app = http::AppId{7}};
    EXPECT_EQ(header_of(send_slowly(app), "Idempotent-Replayed"), "");
    EXPECT_EQ(header_of(send_slowly(app), "Idempotent-Replayed"), "true");
    EXPECT_EQ(runs_, 2);
}

// What a refused request has written makes its neighbours in a group commit run again.
TEST_P(Idempotency, a_refused_request_with_a_new_key_has_written_nothing_on_sqlite) {
    if (!on_sqlite()) GTEST_SKIP() << "PostgreSQL claims a key by writing it";
    static constexpr sql::Statement kChanges{"test.changes", "SELECT total_changes()", ""};
    const auto count = [](sql::Transaction& tx) {
        return tx.find(kChanges, {}, [](const sql::Row& row) { return row.integer(0); }).value();
    };
    std::int64_t written = -1;
    const auto refused = [&](sql::Transaction& tx) -> Result<void> {
        const std::int64_t before = count(tx);
        const Key key{"u7", "key-1", {}};
        if (claim(tx, key, clock_.now())->has_value()) return {};
        written = count(tx) - before;
        return kSoldOut;
    };
    EXPECT_TRUE(database().write_blocking(refused).has_error());
    EXPECT_EQ(written, 0);
}

TEST_P(Idempotency, runs_every_request_that_has_no_key) {
    const auto first = send({.key = ""});
    const auto second = send({.key = ""});
    EXPECT_EQ(runs_, 2);
    EXPECT_NE(first.body, second.body);
    EXPECT_EQ(rows(), 0);
}

TEST_P(Idempotency, refuses_a_key_that_was_used_with_another_request) {
    const auto first = send({});
    for (const Sent& other : {Sent{.body = R"({"a":2})"}, Sent{.path = "/api/v1/others"}}) {
        const auto refused = send(other);
        EXPECT_EQ(refused.status, 422);
        EXPECT_NE(refused.body.find("idempotency_key_reused"), std::string::npos);
    }
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(send({}).body, first.body);
}

TEST_P(Idempotency, keeps_the_keys_of_different_callers_apart) {
    const std::vector<Sent> callers{
        {.user = UserId{7}},
        {.user = UserId{8}},
        {.address = "192.0.2.1", .user = std::nullopt},
        {.address = "192.0.2.2", .user = std::nullopt}};
    for (const Sent& caller : callers) {
        EXPECT_EQ(header_of(send(caller), "Idempotent-Replayed"), "");
    }
    EXPECT_EQ(runs_, 4);
    for (const Sent& caller : callers) {
        EXPECT_EQ(header_of(send(caller), "Idempotent-Replayed"), "true");
    }
    EXPECT_EQ(runs_, 4);
}

TEST_P(Idempotency, stores_no_address_of_a_guest) {
    send({.user = std::nullopt});
    EXPECT_EQ(integer("SELECT COUNT(*) FROM idempotency_keys WHERE owner LIKE '%192.0.2.1%'"), 0);
    EXPECT_EQ(rows(), 1);
}

TEST_P(Idempotency, lets_a_refused_request_be_sent_again) {
    const auto refuse = [](sql::Transaction&) -> Result<std::string> { return kSoldOut; };
    EXPECT_EQ(send({}, refuse).status, 409);
    EXPECT_EQ(rows(), 0);
    const auto retried = send({});
    EXPECT_EQ(retried.status, 201);
    EXPECT_EQ(header_of(retried, "Idempotent-Replayed"), "");
}

TEST_P(Idempotency, lets_a_request_whose_work_broke_be_sent_again) {
    const auto broken = [](sql::Transaction&) -> Result<std::string> {
        throw std::runtime_error{"broken"};
    };
    EXPECT_THROW(send({}, broken), std::runtime_error);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(send({}).status, 201);
}

TEST_P(Idempotency, refuses_keys_that_are_too_long_or_not_printable) {
    EXPECT_EQ(send({.key = std::string(255, 'k')}).status, 201);
    for (const std::string& key :
         {std::string(256, 'k'), std::string{"a\tb"}, std::string{"\xe4\xb8\xad"}}) {
        const auto refused = send({.key = key});
        EXPECT_EQ(refused.status, 422);
        EXPECT_NE(refused.body.find("Idempotency-Key"), std::string::npos);
    }
    EXPECT_EQ(runs_, 1);
}

TEST_P(Idempotency, runs_the_work_once_when_many_send_the_same_request_at_once) {
    constexpr int kSenders = 16;
    std::vector<std::string> bodies(kSenders);
    std::atomic<int> replayed = 0;
    std::vector<std::thread> senders;
    for (int i = 0; i < kSenders; ++i) {
        senders.emplace_back([&, i] {
            const auto response = send({});
            bodies[static_cast<std::size_t>(i)] = response.body;
            if (header_of(response, "Idempotent-Replayed") == "true") ++replayed;
        });
    }
    for (std::thread& sender : senders) sender.join();
    EXPECT_EQ(replayed, kSenders - 1);
    EXPECT_EQ(rows(), 1);
    for (const std::string& body : bodies) EXPECT_EQ(body, bodies.front());
}

TEST_P(Idempotency, lets_one_of_many_succeed_when_others_work_is_refused) {
    constexpr int kSenders = 12;
    constexpr int kRefused = 4;
    std::atomic<int> created = 0;
    std::atomic<int> others = 0;
    std::vector<std::thread> senders;
    for (int i = 0; i < kSenders; ++i) {
        senders.emplace_back([&, i] {
            const Work work = [i](sql::Transaction&) -> Result<std::string> {
                if (i < kRefused) return kSoldOut;
                return std::string{"\"done\""};
            };
            const auto response = send({}, work);
            const bool replayed = header_of(response, "Idempotent-Replayed") == "true";
            if (response.status == 201 && !replayed) ++created;
            if (response.status != 201 && (i >= kRefused || response.status != 409)) ++others;
        });
    }
    for (std::thread& sender : senders) sender.join();
    EXPECT_EQ(created, 1);
    EXPECT_EQ(others, 0);
    EXPECT_EQ(rows(), 1);
}

TEST_P(Idempotency, remembers_over_a_restart) {
    const auto first = send({});
    test_database().reopen();
    const auto second = send({});
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ(runs_, 1);
}

TEST_P(Idempotency, forgets_old_keys_in_batches) {
    for (int i = 0; i < 5; ++i) send({.key = "old-" + std::to_string(i)});
    clock_.advance(std::chrono::hours{1});
    send({.key = "new"});
    const auto forget_three = [&](sql::Transaction& tx) { return forget(tx, clock_.now(), 3); };
    EXPECT_EQ(database().write_blocking(forget_three), 3);
    EXPECT_EQ(database().write_blocking(forget_three), 2);
    EXPECT_EQ(database().write_blocking(forget_three), 0);
    EXPECT_EQ(rows(), 1);
    send({.key = "old-0"});
    EXPECT_EQ(runs_, 7);
}

TEST(IdempotencyKey, stands_for_method_path_and_body) {
    const auto fingerprint = [](Sent sent, http::Method method) {
        http::Request request = sent.request();
        request.method = method;
        return (**key_of(request)).fingerprint;
    };
    const auto usual = fingerprint({}, http::Method::post);
    EXPECT_EQ(usual, fingerprint({}, http::Method::post));
    EXPECT_EQ(usual, fingerprint({.key = "key-2"}, http::Method::post));
    EXPECT_NE(usual, fingerprint({}, http::Method::put));
    EXPECT_NE(usual, fingerprint({.body = ""}, http::Method::post));
    // The same bytes, cut at another place.
    EXPECT_NE(
        fingerprint({.path = "/a", .body = "b"}, http::Method::post),
        fingerprint({.path = "/ab", .body = ""}, http::Method::post)
    );
}

TEST(IdempotencyKey, can_stand_for_other_bytes_than_the_body) {
    Sent one{.body = "secret one"};
    Sent two{.body = "secret two"};
    const http::Request first = one.request();
    const http::Request second = two.request();
    EXPECT_EQ((**key_of(first, "same")).fingerprint, (**key_of(second, "same")).fingerprint);
}

}  // namespace
}  // namespace doorbuster::idempotency
