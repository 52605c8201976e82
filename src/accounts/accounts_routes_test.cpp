#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "support/account_routes_world.hpp"

namespace doorbuster::accounts {
namespace {

using test::quoted_field;
using test::Reply;
using test::RouteClient;

class AccountRoutes : public test::AccountRoutesWorld {};
DOORBUSTER_ON_BOTH_ENGINES(AccountRoutes);

TEST_P(AccountRoutes, register_a_shopper) {
    const Reply reply = register_user("Alice_张");
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.text("/data/username"), "Alice_张");
    EXPECT_EQ(reply.text("/data/role"), "shopper");
    EXPECT_EQ(reply.size("/data/rights"), 0u);
    EXPECT_EQ(reply.body.find("password"), std::string::npos);
    EXPECT_EQ(text("SELECT username_key FROM users"), "alice_张");
    EXPECT_EQ(text("SELECT password_hash FROM users").rfind("$argon2id$", 0), 0u);
}

TEST_P(AccountRoutes, register_a_name_once_in_any_case) {
    EXPECT_EQ(register_user("alice").status, 201);
    const Reply again = register_user("ALICE");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.error(), "username_taken");
    EXPECT_TRUE(again.blames("username"));
}

TEST_P(AccountRoutes, register_one_of_many_who_want_a_name_at_once) {
    std::atomic<int> created = 0;
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const Reply reply = register_user("wanted");
            if (reply.status == 201) ++created;
            if (reply.status == 409) ++taken;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(created, 1);
    EXPECT_EQ(taken, 7);
}

TEST_P(AccountRoutes, refuse_a_bad_registration_and_name_the_fields) {
    struct Row {
        const char* body;
        const char* field;
        int status;
    };
    const Row rows[] = {
        {R"({"username":"ab","password":"long enough"})", "username", 422},
        {R"({"username":"a b c","password":"long enough"})", "username", 422},
        {R"({"username":"' OR 1=1 --","password":"long enough"})", "username", 422},
        {R"({"username":"<script>","password":"long enough"})", "username", 422},
        {R"({"username":"bob\u0000b","password":"long enough"})", "username", 422},
        {R"({"username":7,"password":"long enough"})", "username", 422},
        {R"({"username":null,"password":"long enough"})", "username", 422},
        {R"({"password":"long enough"})", "username", 422},
        {R"({"username":"alice","password":"7 chars"})", "password", 422},
        {R"({"username":"alice","password":["long enough"]})", "password", 422},
        {R"({"username":"alice"})", "password", 422},
        {"[]", "", 400},
        {"{", "", 400},
        {"", "", 400}};
    for (const Row& row : rows) {
        const Reply reply = client_.post("/api/v1/users", row.body);
        EXPECT_EQ(reply.status, row.status) << row.body << reply.body;
        const bool told = !*row.field || reply.blames(row.field);
        EXPECT_TRUE(told) << row.body << reply.body;
    }
    const std::string too_long = credentials("alice", std::string(129, 'x'));
    EXPECT_TRUE(client_.post("/api/v1/users", too_long).blames("password"));
    EXPECT_EQ(client_.post("/api/v1/users", credentials("bob\xff")).status / 100, 4);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM users"), 0);
}

TEST_P(AccountRoutes, register_once_per_idempotency_key) {
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply first = client_.post("/api/v1/users", credentials("alice"), key);
    const Reply again = client_.post("/api/v1/users", credentials("alice"), key);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.text("/data/id"), first.text("/data/id"));
    const Reply other_name = client_.post("/api/v1/users", credentials("bobby"), key);
    EXPECT_EQ(other_name.status, 422);
    EXPECT_EQ(other_name.error(), "idempotency_key_reused");
    const Reply other_password =
        client_.post("/api/v1/users", credentials("alice", "another password"), key);
    EXPECT_EQ(other_password.status, 422);
    // A taken name is a refusal, which the key does not keep.
    const RouteClient::Headers other{{"Idempotency-Key", "k2"}};
    EXPECT_EQ(client_.post("/api/v1/users", credentials("alice"), other).status, 409);
    EXPECT_EQ(client_.post("/api/v1/users", credentials("carol"), other).status, 201);
}

TEST_P(AccountRoutes, log_in_by_any_case_of_the_name) {
    register_user("Alice");
    const Reply reply = client_.post("/api/v1/sessions", credentials("aLICE"));
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.text("/data/user/username"), "Alice");
    EXPECT_EQ(reply.header("Cache-Control"), "no-store");
    EXPECT_TRUE(from_rfc3339(reply.text("/data/expires_at")).has_value());
    const Reply me = client_.as(reply.text("/data/token")).get("/api/v1/users/me");
    EXPECT_EQ(me.status, 200);
    EXPECT_EQ(me.text("/data/username"), "Alice");
}

TEST_P(AccountRoutes, keep_no_token_that_could_be_used) {
    register_user("alice");
    const Reply reply = client_.post(
        "/api/v1/sessions", credentials("alice"), {{"Idempotency-Key", "never stored"}}
    );
    const std::string token = reply.text("/data/token");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM sessions WHERE length(token_hash) = 32"), 1);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM idempotency_keys"), 0);
    const Reply second = client_.post("/api/v1/sessions", credentials("alice"));
    EXPECT_NE(second.text("/data/token"), token);
}

TEST_P(AccountRoutes, answer_an_unknown_user_as_a_wrong_password) {
    register_user("alice");
    const Reply wrong = client_.post("/api/v1/sessions", credentials("alice", "wrong password"));
    const Reply unknown = client_.post("/api/v1/sessions", credentials("nobody"));
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.error(), "bad_credentials");
    EXPECT_EQ(unknown.status, wrong.status);
    EXPECT_EQ(unknown.body, wrong.body);
    EXPECT_EQ(unknown.headers, wrong.headers);
    // A name that cannot exist is just unknown.
    EXPECT_EQ(client_.post("/api/v1/sessions", credentials("' OR 1=1 --")).body, wrong.body);
    EXPECT_EQ(client_.post("/api/v1/sessions", credentials("a", "b")).body, wrong.body);
}

TEST_P(AccountRoutes, set_a_session_cookie_and_a_readable_csrf_cookie) {
    register_user("alice");
    RouteClient browser = client_;
    for (const bool secure : {false, true}) {
        browser.secure = secure;
        const Reply reply = browser.post("/api/v1/sessions", credentials("alice"));
        int cookies = 0;
        for (const auto& [name, value] : reply.headers) {
            if (name != "Set-Cookie") continue;
            ++cookies;
            const bool session = value.rfind("db_session=", 0) == 0;
            EXPECT_EQ(value.find("; HttpOnly") != std::string::npos, session) << value;
            EXPECT_EQ(value.find("; Secure") != std::string::npos, secure) << value;
            EXPECT_NE(value.find("; SameSite=Lax"), std::string::npos) << value;
            EXPECT_NE(value.find("; Path=/"), std::string::npos) << value;
        }
        EXPECT_EQ(cookies, 2);
        EXPECT_EQ(reply.cookie("db_session"), reply.text("/data/token"));
        EXPECT_EQ(reply.cookie("db_csrf"), reply.text("/data/csrf_token"));
    }
}

TEST_P(AccountRoutes, want_the_csrf_token_with_a_cookie_on_unsafe_methods) {
    register_user("alice");
    const Reply signed_in = client_.post("/api/v1/sessions", credentials("alice"));
    const Reply other = client_.post("/api/v1/sessions", credentials("alice"));
    RouteClient browser = client_;
    browser.cookies = "db_session=" + signed_in.cookie("db_session");
    const std::string change = quoted_field("display_name", "A");
    EXPECT_EQ(browser.get("/api/v1/users/me").status, 200);
    for (const std::string& csrf :
         {std::string{}, std::string{"wrong"}, other.text("/data/csrf_token")}) {
        browser.csrf = csrf;
        const Reply refused = browser.patch("/api/v1/users/me", change);
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(refused.error(), "csrf_failed");
    }
    EXPECT_EQ(text("SELECT display_name FROM users"), "");
    browser.csrf = signed_in.text("/data/csrf_token");
    EXPECT_EQ(browser.patch("/api/v1/users/me", change).status, 200);
    // A bearer token is sent by no browser on its own.
    const RouteClient app = client_.as(signed_in.text("/data/token"));
    EXPECT_EQ(app.patch("/api/v1/users/me", quoted_field("display_name", "B")).status, 200);
}

TEST_P(AccountRoutes, refuse_tokens_that_are_none) {
    register_user("alice");
    for (const std::string& token :
         {std::string{"x"}, std::string(43, 'A'), std::string(5000, 'A'), std::string{"a b"}}) {
        EXPECT_EQ(client_.as(token).get("/api/v1/users/me").error(), "session_invalid");
    }
    EXPECT_EQ(client_.get("/api/v1/users/me").error(), "unauthenticated");
    RouteClient browser = client_;
    browser.cookies = "db_session=" + std::string(43, 'A');
    EXPECT_EQ(browser.get("/api/v1/users/me").status, 401);
}

TEST_P(AccountRoutes, log_out_one_device) {
    register_user("alice");
    const RouteClient phone = client_.as(world_.log_in("alice"));
    const RouteClient laptop = client_.as(world_.log_in("alice"));
    EXPECT_EQ(phone.get("/api/v1/users/me").status, 200);
    const Reply out = phone.del("/api/v1/sessions/current");
    EXPECT_EQ(out.status, 200);
    EXPECT_EQ(out.cookie("db_session"), "");
    EXPECT_NE(out.header("Set-Cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(phone.get("/api/v1/users/me").error(), "session_invalid");
    EXPECT_EQ(laptop.get("/api/v1/users/me").status, 200);
}

TEST_P(AccountRoutes, log_out_all_devices_of_one_user) {
    register_user("alice");
    const RouteClient phone = client_.as(world_.log_in("alice"));
    const RouteClient laptop = client_.as(world_.log_in("alice"));
    const RouteClient bob = world_.shopper("bob");
    for (const RouteClient* each : {&phone, &laptop, &bob}) {
        EXPECT_EQ(each->get("/api/v1/users/me").status, 200);
    }
    EXPECT_EQ(phone.del("/api/v1/sessions").status, 200);
    EXPECT_EQ(phone.get("/api/v1/users/me").status, 401);
    EXPECT_EQ(laptop.get("/api/v1/users/me").status, 401);
    EXPECT_EQ(bob.get("/api/v1/users/me").status, 200);
}

TEST_P(AccountRoutes, list_own_sessions_and_end_one_of_them) {
    register_user("alice");
    const RouteClient phone = client_.as(world_.log_in("alice"));
    world_.clock.advance(Milliseconds{1000});
    const RouteClient laptop = client_.as(world_.log_in("alice"));
    const Reply list = phone.get("/api/v1/sessions");
    ASSERT_EQ(list.size("/data/list"), 2u);
    EXPECT_EQ(list.text("/data/list/0/current"), "false");
    EXPECT_EQ(list.text("/data/list/1/current"), "true");
    EXPECT_EQ(list.text("/data/list/0/address"), "192.0.2.10");
    EXPECT_EQ(list.body.find("token"), std::string::npos);

    const std::string laptop_id = list.text("/data/list/0/id");
    const RouteClient bob = world_.shopper("bob");
    EXPECT_EQ(bob.del("/api/v1/sessions/" + laptop_id).error(), "session_not_found");
    EXPECT_EQ(laptop.get("/api/v1/users/me").status, 200);
    EXPECT_EQ(phone.del("/api/v1/sessions/" + laptop_id).status, 200);
    EXPECT_EQ(laptop.get("/api/v1/users/me").status, 401);
    EXPECT_EQ(phone.del("/api/v1/sessions/" + laptop_id).status, 404);
    EXPECT_EQ(phone.del("/api/v1/sessions/99999999999999999999999").status, 404);
}

TEST_P(AccountRoutes, change_the_profile_and_only_what_is_given) {
    const RouteClient alice = world_.shopper("alice");
    const std::string nasty = "<b>'; DROP TABLE users; --</b>";
    Reply reply = alice.patch(
        "/api/v1/users/me",
        R"({"display_name":")" + nasty + R"(","email":"a@example.com","phone":"+86 138-0013"})"
    );
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.text("/data/display_name"), nasty);
    reply = alice.patch("/api/v1/users/me", quoted_field("email", ""));
    EXPECT_EQ(reply.text("/data/email"), "");
    EXPECT_EQ(reply.text("/data/display_name"), nasty);
    EXPECT_EQ(reply.text("/data/phone"), "+86 138-0013");
    // What is not the user's to change is not changed.
    reply = alice.patch("/api/v1/users/me", R"({"rights":["admin"],"username":"root"})");
    EXPECT_EQ(reply.text("/data/role"), "shopper");
    EXPECT_EQ(reply.text("/data/username"), "alice");
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"email", "no at"},
             {"email", "a@b@c"},
             {"phone", "call me"},
             {"phone", "123"},
             {"display_name", std::string(65, 'x')}}) {
        EXPECT_TRUE(alice.patch("/api/v1/users/me", quoted_field(name, value)).blames(name))
            << value;
    }
}

TEST_P(AccountRoutes, change_the_password_and_end_the_other_sessions) {
    const RouteClient alice = world_.shopper("alice");
    const RouteClient elsewhere = client_.as(world_.log_in("alice"));
    EXPECT_EQ(elsewhere.get("/api/v1/users/me").status, 200);
    const auto change = [&](const std::string& current, const std::string& wanted) {
        return alice.put(
            "/api/v1/users/me/password",
            R"({"current_password":")" + current + R"(","new_password":")" + wanted + R"("})"
        );
    };
    const Reply wrong = change("wrong password", "another password");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(wrong.error(), "wrong_password");
    EXPECT_TRUE(wrong.blames("current_password"));
    EXPECT_TRUE(change(world_.kPassword, "short").blames("new_password"));
    EXPECT_EQ(elsewhere.get("/api/v1/users/me").status, 200);

    EXPECT_EQ(change(world_.kPassword, "another password").status, 200);
    EXPECT_EQ(alice.get("/api/v1/users/me").status, 200);
    EXPECT_EQ(elsewhere.get("/api/v1/users/me").status, 401);
    EXPECT_EQ(client_.post("/api/v1/sessions", credentials("alice")).status, 401);
    EXPECT_EQ(
        client_.post("/api/v1/sessions", credentials("alice", "another password")).status, 201
    );
}

TEST_P(AccountRoutes, leave_no_session_of_an_old_password_whenever_it_was_opened) {
    const RouteClient alice = world_.shopper("alice");
    std::string current = world_.kPassword;
    for (int round = 0; round < 5; ++round) {
        const std::string wanted = "password number " + std::to_string(round);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                client_.post("/api/v1/sessions", credentials("alice", current));
            });
        }
        const Reply changed = alice.put(
            "/api/v1/users/me/password",
            R"({"current_password":")" + current + R"(","new_password":")" + wanted + R"("})"
        );
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(changed.status, 200);
        EXPECT_EQ(integer("SELECT COUNT(*) FROM sessions"), 1);
        current = wanted;
    }
    EXPECT_EQ(alice.get("/api/v1/users/me").status, 200);
}

TEST_P(AccountRoutes, make_an_outdated_password_hash_anew_at_log_in) {
    register_user("alice");
    const std::string old_hash = text("SELECT password_hash FROM users");
    auto settings = test::AccountsWorld::easy_settings();
    settings.passwords.passes = 2;
    const test::AccountsWorld today{database(), settings};
    EXPECT_EQ(today.client.post("/api/v1/sessions", credentials("alice")).status, 201);
    const std::string hash = text("SELECT password_hash FROM users");
    EXPECT_NE(hash, old_hash);
    EXPECT_NE(hash.find("t=2"), std::string::npos);
    EXPECT_EQ(today.client.post("/api/v1/sessions", credentials("alice")).status, 201);
    EXPECT_EQ(text("SELECT password_hash FROM users"), hash);
}

TEST_P(AccountRoutes, let_everyone_in_who_logs_in_at_once_while_the_hash_is_made_anew) {
    register_user("alice");
    auto settings = test::AccountsWorld::easy_settings();
    settings.passwords.passes = 2;
    const test::AccountsWorld today{database(), settings};
    std::atomic<int> in = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            const Reply reply = today.client.post("/api/v1/sessions", credentials("alice"));
            if (reply.status == 201) ++in;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(in, 6);
}

class CountingListener : public LoginListener {
public:
    void logged_in(sql::Transaction&, const http::Request& request, const User& user) override {
        if (fail) throw std::runtime_error{"the cart cannot be merged"};
        seen = user.username + " " + std::string{request.cookie("guest")};
    }
    std::string seen;
    bool fail = false;
};

TEST_P(AccountRoutes, tell_listeners_inside_the_log_in) {
    CountingListener listener;
    world_.accounts.login_listeners.push_back(&listener);
    register_user("alice");
    RouteClient browser = client_;
    browser.cookies = "guest=g1";
    EXPECT_EQ(browser.post("/api/v1/sessions", credentials("alice", "wrong one")).status, 401);
    EXPECT_EQ(listener.seen, "");
    EXPECT_EQ(browser.post("/api/v1/sessions", credentials("alice")).status, 201);
    EXPECT_EQ(listener.seen, "alice g1");
    listener.fail = true;
    EXPECT_EQ(browser.post("/api/v1/sessions", credentials("alice")).status, 500);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM sessions"), 1);
}

}  // namespace
}  // namespace doorbuster::accounts
