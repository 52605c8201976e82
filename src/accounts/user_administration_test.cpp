#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/account_routes_world.hpp"

namespace doorbuster::accounts {
namespace {

using test::quoted_field;
using test::Reply;
using test::RouteClient;

class UserAdministration : public test::AccountRoutesWorld {};
DOORBUSTER_ON_BOTH_ENGINES(UserAdministration);

TEST_P(UserAdministration, let_only_administrators_manage_users) {
    const RouteClient admin = world_.admin();
    const RouteClient alice = world_.shopper("alice");
    const RouteClient clerk = world_.staff("clerk", R"("catalog","orders","marketing","finance")");
    for (const char* target :
         {"/api/admin/v1/users", "/api/admin/v1/users/1", "/api/admin/v1/audit-log"}) {
        EXPECT_EQ(client_.get(target).status, 401) << target;
        EXPECT_EQ(alice.get(target).status, 403) << target;
        EXPECT_EQ(clerk.get(target).status, 403) << target;
        EXPECT_EQ(admin.get(target).status, 200) << target;
    }
    const std::string change = R"({"rights":["admin"]})";
    EXPECT_EQ(alice.patch("/api/admin/v1/users/2", change).status, 403);
    EXPECT_EQ(clerk.patch("/api/admin/v1/users/2", change).status, 403);
}

TEST_P(UserAdministration, list_and_find_users) {
    const RouteClient admin = world_.admin();
    for (const char* name : {"alice", "bob.100", "bob_200", "张小明"}) register_user(name);
    const Reply page = admin.get("/api/admin/v1/users?page=2&page_size=2");
    EXPECT_EQ(page.integer("/data/total"), 5);
    EXPECT_EQ(page.integer("/data/page"), 2);
    EXPECT_EQ(page.integer("/data/page_size"), 2);
    EXPECT_EQ(page.size("/data/list"), 2u);
    EXPECT_EQ(page.text("/data/list/0/username"), "bob.100");
    EXPECT_EQ(admin.get("/api/admin/v1/users?q=BOB").integer("/data/total"), 2);
    EXPECT_EQ(admin.get("/api/admin/v1/users?q=b_2").integer("/data/total"), 1);
    EXPECT_EQ(admin.get("/api/admin/v1/users?q=%25").integer("/data/total"), 0);
    EXPECT_EQ(admin.get("/api/admin/v1/users?q=!").integer("/data/total"), 0);
    EXPECT_EQ(admin.get("/api/admin/v1/users?q=%E5%B0%8F").integer("/data/total"), 1);
    EXPECT_EQ(admin.get("/api/admin/v1/users?staff=true").integer("/data/total"), 1);
    EXPECT_EQ(admin.get("/api/admin/v1/users?page_size=101").status, 422);
    EXPECT_EQ(admin.get("/api/admin/v1/users?page=0").status, 422);
    EXPECT_EQ(admin.get("/api/admin/v1/users/999").error(), "user_not_found");
    EXPECT_EQ(admin.get("/api/admin/v1/users/abc").status, 404);
}

TEST_P(UserAdministration, change_rights_with_effect_on_the_next_request) {
    const RouteClient admin = world_.admin();
    const RouteClient alice = world_.shopper("alice");
    const std::string id = alice.get("/api/v1/users/me").text("/data/id");
    const std::string user = "/api/admin/v1/users/" + id;
    EXPECT_EQ(alice.get("/api/admin/v1/users").status, 403);
    const Reply promoted = admin.patch(user, R"({"rights":["admin","orders"]})");
    EXPECT_EQ(promoted.status, 200);
    EXPECT_EQ(promoted.text("/data/role"), "admin");
    EXPECT_EQ(alice.get("/api/admin/v1/users").status, 200);
    EXPECT_EQ(admin.patch(user, R"({"rights":[]})").text("/data/role"), "shopper");
    EXPECT_EQ(alice.get("/api/admin/v1/users").status, 403);

    EXPECT_EQ(admin.patch(user, R"({"rights":["root"]})").status, 422);
    EXPECT_EQ(admin.patch(user, R"({"rights":"admin"})").status, 422);
    EXPECT_EQ(admin.patch(user, R"({"disabled":"yes"})").status, 422);
    EXPECT_EQ(admin.patch(user, "{}").status, 422);
    EXPECT_EQ(admin.patch("/api/admin/v1/users/999", R"({"rights":[]})").status, 404);
}

TEST_P(UserAdministration, disable_an_account_at_once) {
    const RouteClient admin = world_.admin();
    const RouteClient alice = world_.shopper("alice");
    const std::string id = alice.get("/api/v1/users/me").text("/data/id");
    const std::string user = "/api/admin/v1/users/" + id;
    EXPECT_EQ(admin.patch(user, R"({"disabled":true})").text("/data/disabled"), "true");
    EXPECT_EQ(alice.get("/api/v1/users/me").status, 401);
    const Reply refused = client_.post("/api/v1/sessions", credentials("alice"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.error(), "account_disabled");
    // Who does not know the password learns nothing.
    EXPECT_EQ(
        client_.post("/api/v1/sessions", credentials("alice", "wrong password")).error(),
        "bad_credentials"
    );
    EXPECT_EQ(admin.patch(user, R"({"disabled":false})").status, 200);
    EXPECT_EQ(alice.get("/api/v1/users/me").status, 401);
    EXPECT_EQ(client_.post("/api/v1/sessions", credentials("alice")).status, 201);
}

TEST_P(UserAdministration, keep_the_last_administrator) {
    const RouteClient admin = world_.admin();
    const std::string id = admin.get("/api/v1/users/me").text("/data/id");
    for (const char* change : {R"({"rights":["orders"]})", R"({"disabled":true})"}) {
        const Reply refused = admin.patch("/api/admin/v1/users/" + id, change);
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.error(), "last_admin");
    }
    EXPECT_EQ(admin.get("/api/v1/users/me").text("/data/role"), "admin");
    world_.admin("second");
    EXPECT_EQ(admin.patch("/api/admin/v1/users/" + id, R"({"rights":[]})").status, 200);
}

TEST_P(UserAdministration, keep_one_of_two_administrators_who_dismiss_each_other) {
    for (int round = 0; round < 5; ++round) {
        const std::string suffix = std::to_string(round);
        const RouteClient one = world_.admin("one" + suffix);
        const RouteClient two = world_.admin("two" + suffix);
        const std::string id_one = one.get("/api/v1/users/me").text("/data/id");
        const std::string id_two = two.get("/api/v1/users/me").text("/data/id");
        execute(
            "UPDATE users SET rights = 0 WHERE id NOT IN ($1, $2)",
            {std::stoll(id_one), std::stoll(id_two)}
        );
        std::thread other{[&] { one.patch("/api/admin/v1/users/" + id_two, R"({"rights":[]})"); }};
        two.patch("/api/admin/v1/users/" + id_one, R"({"rights":[]})");
        other.join();
        EXPECT_EQ(integer("SELECT COUNT(*) FROM users WHERE rights = 16"), 1);
    }
}

TEST_P(UserAdministration, log_what_staff_does) {
    const RouteClient admin = world_.admin();
    const RouteClient alice = world_.shopper("alice");
    const std::string admin_id = admin.get("/api/v1/users/me").text("/data/id");
    const std::string id = alice.get("/api/v1/users/me").text("/data/id");
    admin.patch("/api/admin/v1/users/" + id, R"({"rights":["orders","finance"]})");
    admin.patch("/api/admin/v1/users/999", R"({"rights":["orders"]})");
    const Reply log = admin.get("/api/admin/v1/audit-log?page_size=1");
    EXPECT_EQ(log.integer("/data/total"), 2);
    EXPECT_EQ(log.text("/data/list/0/action"), "user.access_changed");
    EXPECT_EQ(log.text("/data/list/0/actor"), admin_id);
    EXPECT_EQ(log.text("/data/list/0/subject"), "user:" + id);
    EXPECT_EQ(log.text("/data/list/0/detail"), "rights=orders,finance disabled=no");
    const Reply first = admin.get("/api/admin/v1/audit-log?page_size=1&page=2");
    EXPECT_EQ(first.text("/data/list/0/action"), "user.created");
    EXPECT_EQ(first.text("/data/list/0/actor"), "null");
    EXPECT_EQ(admin.get("/api/admin/v1/audit-log?actor=" + admin_id).integer("/data/total"), 1);
    EXPECT_EQ(admin.get("/api/admin/v1/audit-log?subject=user:" + id).integer("/data/total"), 1);
    EXPECT_EQ(admin.get("/api/admin/v1/audit-log?actor=x").status, 422);
}

TEST_P(UserAdministration, make_an_administrator_by_invitation_once) {
    RouteClient machine = client_;
    machine.local = true;
    const Reply invited = machine.post("/local/v1/admin-invitations", "{}");
    EXPECT_EQ(invited.status, 201);
    const std::string link = "/api/v1/admin-invitations/" + invited.text("/data/token");
    EXPECT_EQ(integer("SELECT COUNT(*) FROM admin_invitations WHERE length(token_hash) = 32"), 1);

    register_user("taken");
    EXPECT_EQ(client_.post(link, credentials("taken")).status, 409);
    EXPECT_EQ(client_.post(link, credentials("x")).status, 422);
    const RouteClient::Headers key{{"Idempotency-Key", "k1"}};
    const Reply made = client_.post(link, credentials("boss"), key);
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(made.text("/data/role"), "admin");
    EXPECT_EQ(client_.post(link, credentials("boss"), key).header("Idempotent-Replayed"), "true");
    const Reply again = client_.post(link, credentials("second_boss"));
    EXPECT_EQ(again.status, 410);
    EXPECT_EQ(again.error(), "invitation_gone");
    EXPECT_EQ(client_.as(world_.log_in("boss")).get("/api/admin/v1/users").status, 200);
    EXPECT_EQ(
        client_.post("/api/v1/admin-invitations/guess", credentials("hacker")).error(),
        "invitation_not_found"
    );
    EXPECT_EQ(integer("SELECT COUNT(*) FROM users WHERE rights <> 0"), 1);
}

TEST_P(UserAdministration, let_an_invitation_expire) {
    RouteClient machine = client_;
    machine.local = true;
    const Reply invited = machine.post("/local/v1/admin-invitations", "{}");
    world_.clock.advance(world_.accounts.settings.invitation_valid_for);
    const std::string link = "/api/v1/admin-invitations/" + invited.text("/data/token");
    EXPECT_EQ(client_.post(link, credentials("boss")).status, 410);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM users"), 0);
}

TEST_P(UserAdministration, make_one_administrator_of_many_who_hold_the_link) {
    RouteClient machine = client_;
    machine.local = true;
    const Reply invited = machine.post("/local/v1/admin-invitations", "{}");
    const std::string link = "/api/v1/admin-invitations/" + invited.text("/data/token");
    std::atomic<int> made = 0;
    std::atomic<int> gone = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            const Reply reply = client_.post(link, credentials("boss" + std::to_string(i)));
            if (reply.status == 201) ++made;
            if (reply.status == 410) ++gone;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(gone, 5);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM users"), 1);
}

TEST_P(UserAdministration, serve_the_user_command_on_this_machine_only) {
    const RouteClient admin = world_.admin();
    RouteClient machine = client_;
    machine.local = true;
    for (const RouteClient& outside : {client_, admin}) {
        EXPECT_EQ(outside.get("/local/v1/users").status, 404);
        EXPECT_EQ(outside.post("/local/v1/users", credentials("alice")).status, 404);
        EXPECT_EQ(outside.post("/local/v1/admin-invitations", "{}").status, 404);
    }
    EXPECT_EQ(
        machine
            .post(
                "/local/v1/users",
                R"({"username":"张三丰","password":"long enough","rights":["orders"]})"
            )
            .text("/data/role"),
        "staff"
    );
    const std::string user = "/local/v1/users/%E5%BC%A0%E4%B8%89%E4%B8%B0";
    EXPECT_EQ(machine.patch(user, R"({"rights":["catalog"]})").text("/data/rights/0"), "catalog");
    EXPECT_EQ(machine.put(user + "/password", quoted_field("password", "x")).status, 422);
    EXPECT_EQ(machine.put(user + "/password", quoted_field("password", "new one 1")).status, 200);
    EXPECT_EQ(client_.post("/api/v1/sessions", credentials("张三丰", "new one 1")).status, 201);
    EXPECT_EQ(machine.patch(user, R"({"disabled":true})").text("/data/disabled"), "true");
    EXPECT_EQ(machine.get("/local/v1/users?staff=true").integer("/data/total"), 2);
    EXPECT_EQ(machine.patch("/local/v1/users/nobody", R"({"disabled":true})").status, 404);
    EXPECT_EQ(
        machine.put("/local/v1/users/nobody/password", quoted_field("password", "long enough"))
            .status,
        404
    );
}

}  // namespace
}  // namespace doorbuster::accounts
