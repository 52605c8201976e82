#pragma once

#include <string>

#include "accounts/accounts.hpp"
#include "accounts/accounts_routes.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"

namespace doorbuster::test {

// Accounts and their routes over a test's database, with cheap password hashes and limits that do
// not get in the way. Link doorbuster_accounts to use it.
struct AccountsWorld {
    static accounts::AccountsSettings easy_settings() {
        accounts::AccountsSettings settings;
        settings.passwords.passes = 1;
        settings.passwords.memory_bytes = 8192;
        settings.passwords.queue_max = 10'000;
        const accounts::Rate any{1'000'000, std::chrono::milliseconds{1}};
        settings.attempts.account_from_address = any;
        settings.attempts.address = any;
        settings.attempts.account = any;
        settings.attempts.registrations_from_address = any;
        settings.attempts.password_changes = any;
        return settings;
    }

    explicit AccountsWorld(
        sql::Database& database, const accounts::AccountsSettings& settings = easy_settings()
    )
        : accounts{database, clock, random, settings}, router{accounts.sessions}, client{router} {
        router.add(accounts::accounts_routes(accounts));
        router.add(accounts::local_user_routes(accounts));
    }

    static constexpr const char* kPassword = "a good password";
    static std::string credentials(
        const std::string& username, const std::string& password = kPassword
    ) {
        return R"({"username":")" + username + R"(","password":")" + password + R"("})";
    }

    // The token of a new session of an existing user.
    std::string log_in(const std::string& username) const {
        return client.post("/api/v1/sessions", credentials(username)).text("/data/token");
    }
    // Registers a user and signs in.
    RouteClient shopper(const std::string& username) const {
        client.post("/api/v1/users", credentials(username));
        return client.as(log_in(username));
    }
    // The same with rights: a list of words such as `"orders","catalog"`.
    RouteClient staff(const std::string& username, const std::string& rights) const {
        RouteClient machine = client;
        machine.local = true;
        machine.post(
            "/local/v1/users",
            R"({"username":")" + username + R"(","password":")" + kPassword + R"(","rights":[)" +
                rights + "]}"
        );
        return client.as(log_in(username));
    }
    RouteClient admin(const std::string& username = "the_admin") const {
        return staff(username, "\"admin\"");
    }

    ManualClock clock;
    SystemRandom random;
    accounts::Accounts accounts;
    http::Router router;
    RouteClient client;  // a guest
};

}  // namespace doorbuster::test
