#include <gtest/gtest.h>

#include "support/account_routes_world.hpp"

namespace doorbuster::accounts {
namespace {

using test::Reply;
using test::RouteClient;

class LogInLimits : public test::AccountRoutesWorld {};
DOORBUSTER_ON_BOTH_ENGINES(LogInLimits);

TEST_P(LogInLimits, limit_guessing_with_429_and_when_to_try_again) {
    auto settings = test::AccountsWorld::easy_settings();
    settings.attempts.account_from_address = {3, std::chrono::seconds{60}};
    test::AccountsWorld strict{database(), settings};
    strict.client.post("/api/v1/users", credentials("alice"));
    const std::string wrong = credentials("alice", "wrong password");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(strict.client.post("/api/v1/sessions", wrong).status, 401);
    }
    for (const std::string& body : {wrong, credentials("alice")}) {
        const Reply limited = strict.client.post("/api/v1/sessions", body);
        EXPECT_EQ(limited.status, 429);
        EXPECT_EQ(limited.error(), "too_many_attempts");
        EXPECT_EQ(limited.header("Retry-After"), "60");
    }
    RouteClient owner = strict.client;
    owner.address = "192.0.2.77";
    EXPECT_EQ(owner.post("/api/v1/sessions", credentials("alice")).status, 201);
    strict.clock.advance(std::chrono::seconds{60});
    EXPECT_EQ(strict.client.post("/api/v1/sessions", credentials("alice")).status, 201);
}

TEST_P(LogInLimits, let_the_owner_in_from_a_known_address_while_the_account_is_attacked) {
    auto settings = test::AccountsWorld::easy_settings();
    settings.attempts.account = {5, std::chrono::hours{1}};
    test::AccountsWorld strict{database(), settings};
    strict.client.post("/api/v1/users", credentials("alice"));
    strict.log_in("alice");
    RouteClient attacker = strict.client;
    for (int i = 0; i < 20; ++i) {
        attacker.address = "198.51.100." + std::to_string(i);
        const Reply reply =
            attacker.post("/api/v1/sessions", credentials("alice", "wrong password"));
        EXPECT_EQ(reply.status, i < 5 ? 401 : 429);
    }
    EXPECT_EQ(strict.client.post("/api/v1/sessions", credentials("alice")).status, 201);
}

TEST_P(LogInLimits, limit_unknown_users_like_known_ones) {
    auto settings = test::AccountsWorld::easy_settings();
    settings.attempts.account = {4, std::chrono::hours{1}};
    test::AccountsWorld strict{database(), settings};
    strict.client.post("/api/v1/users", credentials("alice"));
    for (int i = 0; i < 6; ++i) {
        const Reply known =
            strict.client.post("/api/v1/sessions", credentials("alice", "wrong password"));
        const Reply unknown =
            strict.client.post("/api/v1/sessions", credentials("nobody", "wrong password"));
        EXPECT_EQ(known.status, i < 4 ? 401 : 429);
        EXPECT_EQ(unknown.status, known.status);
        EXPECT_EQ(unknown.body, known.body);
    }
}

TEST_P(LogInLimits, limit_registrations_per_address) {
    auto settings = test::AccountsWorld::easy_settings();
    settings.attempts.registrations_from_address = {2, std::chrono::seconds{30}};
    test::AccountsWorld strict{database(), settings};
    EXPECT_EQ(strict.client.post("/api/v1/users", credentials("one1")).status, 201);
    EXPECT_EQ(strict.client.post("/api/v1/users", credentials("two2")).status, 201);
    const Reply limited = strict.client.post("/api/v1/users", credentials("three3"));
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.header("Retry-After"), "30");
    RouteClient other = strict.client;
    other.address = "192.0.2.99";
    EXPECT_EQ(other.post("/api/v1/users", credentials("three3")).status, 201);
}

TEST_P(LogInLimits, shed_when_too_many_passwords_wait) {
    auto settings = test::AccountsWorld::easy_settings();
    settings.passwords.queue_max = 0;
    const test::AccountsWorld busy{database(), settings};
    for (const char* target : {"/api/v1/users", "/api/v1/sessions"}) {
        const Reply reply = busy.client.post(target, credentials("alice"));
        EXPECT_EQ(reply.status, 503);
        EXPECT_NE(reply.header("Retry-After"), "");
    }
}

}  // namespace
}  // namespace doorbuster::accounts
