#include "pay_api/app_routes.hpp"

#include <gtest/gtest.h>

#include "support/pay_api_world.hpp"
#include "webhooks/webhook_service.hpp"

namespace doorbuster::pay_api {
namespace {

using test::Reply;
using test::RouteClient;

constexpr const char* kApps = "/api/admin/v1/pay-apps";
constexpr const char* kAnyPayment = "/api/pay/v1/payments/1";

class PayApps : public test::PayApiWorld {
protected:
    Reply add(const std::string& body, const RouteClient::Headers& more = {}) {
        return finance_.post(kApps, body, more);
    }
    static std::string path(const Reply& app, const std::string& rest = "") {
        return std::string{kApps} + "/" + app.text("/data/id") + rest;
    }
    // What the API says to a key: 404 for a payment that is not there means that the key is good.
    int asked_with(const std::string& key) { return guest_.as(key).get(kAnyPayment).status; }
};
DOORBUSTER_ON_BOTH_ENGINES(PayApps);

TEST_P(PayApps, are_added_with_a_key_and_a_secret_that_are_shown_once) {
    const Reply made = add(R"({"name":"crm","notify_url":"https://crm.test/told"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_TRUE(made.text("/data/key").starts_with("dbk_"));
    EXPECT_TRUE(made.text("/data/signing_secret").starts_with("whsec_"));
    EXPECT_EQ(made.text("/data/created_by"), "7");
    EXPECT_EQ(asked_with(made.text("/data/key")), 404);

    const Reply shown = finance_.get(path(made));
    EXPECT_EQ(shown.text("/data/name"), "crm");
    EXPECT_EQ(shown.text("/data/notify_url"), "https://crm.test/told");
    EXPECT_EQ(shown.size("/data/keys"), 1u);
    EXPECT_FALSE(shown.has("/data/key"));
    EXPECT_FALSE(shown.has("/data/signing_secret"));
    EXPECT_EQ(finance_.get(kApps).integer("/data/total"), 1);
}

TEST_P(PayApps, keep_no_key_that_could_be_used_by_who_reads_the_database) {
    const Reply made = add(R"({"name":"crm"})", {{"Idempotency-Key", "k1"}});
    const std::string key = made.text("/data/key");
    const std::string secret = key.substr(key.rfind('_') + 1);
    EXPECT_EQ(integer("SELECT length(hash) FROM pay_app_keys"), 32);
    const Reply again = add(R"({"name":"crm"})", {{"Idempotency-Key", "k1"}});
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text("/data/id"), made.text("/data/id"));
    EXPECT_EQ(again.text("/data/key"), "null");
    EXPECT_EQ(again.text("/data/signing_secret"), "null");
    EXPECT_EQ(joined("SELECT detail FROM audit_log").find(secret), std::string::npos);
}

TEST_P(PayApps, refuse_what_cannot_be_added) {
    EXPECT_TRUE(add(R"({"name":"shop"})").blames("name"));
    EXPECT_TRUE(add(R"({"name":"CRM"})").blames("name"));
    EXPECT_TRUE(add(R"({})").blames("name"));
    EXPECT_TRUE(add(R"({"name":"crm","notify_url":"ftp://x"})").blames("notify_url"));
    EXPECT_TRUE(add(R"({"name":"crm","notify_url":7})").blames("notify_url"));
    EXPECT_EQ(add(R"({"name":"crm"})").status, 201);
    EXPECT_EQ(add(R"({"name":"crm"})").error(), "app_name_taken");
    EXPECT_EQ(integer("SELECT count(*) FROM pay_apps"), 1);
    EXPECT_EQ(integer("SELECT count(*) FROM webhooks"), 1) << "a refused app leaves nothing behind";
}

TEST_P(PayApps, are_for_staff_of_finance_only) {
    const Reply made = add(R"({"name":"crm"})");
    for (const char* other : {"42", "7-orders", "7-catalog", "7-marketing"}) {
        const RouteClient client = guest_.as(other);
        EXPECT_EQ(client.get(kApps).status, 403) << other;
        EXPECT_EQ(client.post(kApps, "{}").status, 403) << other;
        EXPECT_EQ(client.post(path(made, "/keys"), "{}").status, 403) << other;
    }
    EXPECT_EQ(guest_.get(kApps).status, 401);
    EXPECT_EQ(guest_.get("/local/v1/pay-apps").status, 404);
}

TEST_P(PayApps, change_a_key_without_a_pause) {
    const Reply made = add(R"({"name":"crm"})");
    const std::string first = made.text("/data/key");
    const Reply more = finance_.post(path(made, "/keys"), "{}");
    ASSERT_EQ(more.status, 201) << more.body;
    const std::string second = more.text("/data/key");
    EXPECT_EQ(asked_with(first), 404);
    EXPECT_EQ(asked_with(second), 404);
    EXPECT_EQ(finance_.post(path(made, "/keys"), "{}").error(), "too_many_app_keys");

    const std::string old_id = made.text("/data/keys/0/id");
    const Reply left = finance_.del(path(made, "/keys/" + old_id));
    EXPECT_EQ(left.status, 200);
    EXPECT_EQ(left.size("/data/keys"), 1u);
    EXPECT_EQ(asked_with(first), 401);
    EXPECT_EQ(asked_with(second), 404);
    EXPECT_EQ(finance_.del(path(made, "/keys/" + old_id)).error(), "app_key_not_found");
    EXPECT_EQ(finance_.post(path(made, "/keys"), "{}").status, 201) << "its place is free again";
}

TEST_P(PayApps, let_nobody_in_with_a_key_that_is_not_theirs) {
    const Reply made = add(R"({"name":"crm"})");
    const std::string key = made.text("/data/key");
    const Reply without = guest_.get(kAnyPayment);
    EXPECT_EQ(without.status, 401);
    EXPECT_EQ(without.error(), "unauthenticated");
    std::string forged = key;
    forged.back() = forged.back() == 'a' ? 'b' : 'a';
    for (const std::string& wrong : {forged, std::string{"42-finance"}, std::string{"dbk_x_y"}}) {
        EXPECT_EQ(guest_.as(wrong).get(kAnyPayment).error(), "app_key_invalid") << wrong;
    }
    EXPECT_EQ(asked_with(key), 404);
}

TEST_P(PayApps, are_switched_off_and_on) {
    const Reply made = add(R"({"name":"crm"})");
    const RouteClient app = guest_.as(made.text("/data/key"));
    EXPECT_EQ(finance_.patch(path(made), R"({"enabled":false})").text("/data/enabled"), "false");
    EXPECT_EQ(app.get(kAnyPayment).error(), "app_disabled");
    EXPECT_EQ(finance_.patch(path(made), R"({"enabled":true})").status, 200);
    EXPECT_EQ(app.get(kAnyPayment).status, 404);
    EXPECT_EQ(
        joined("SELECT action FROM audit_log ORDER BY id"),
        "pay_app.created pay_app.disabled pay_app.enabled"
    );
}

TEST_P(PayApps, move_to_another_address_and_get_another_secret) {
    const Reply made = add(R"({"name":"crm"})");
    EXPECT_EQ(made.text("/data/notify_url"), "null");
    const std::string there = R"({"notify_url":"https://new.test/"})";
    EXPECT_EQ(finance_.patch(path(made), there).text("/data/notify_url"), "https://new.test/");
    EXPECT_EQ(
        finance_.patch(path(made), R"({"notify_url":null})").text("/data/notify_url"), "null"
    );
    const Reply renewed = finance_.post(path(made, "/signing-secret"), "{}");
    EXPECT_NE(renewed.text("/data/signing_secret"), made.text("/data/signing_secret"));
    EXPECT_EQ(renewed.text("/data/old_signing_secret_until"), "null") << "that one ended at once";
}

TEST_P(PayApps, let_an_older_secret_sign_too_for_a_stated_time) {
    const Reply made = add(R"({"name":"crm"})");
    const auto renew = [&](const std::string& body) {
        return finance_.post(path(made, "/signing-secret"), body);
    };
    for (const char* wrong : {"-1", "169", "1.5", "\"1\""}) {
        const Reply refused = renew(R"({"overlap_hours":)" + std::string{wrong} + "}");
        EXPECT_TRUE(refused.blames("overlap_hours")) << wrong;
    }
    const std::string until = to_rfc3339(clock_.now() + std::chrono::hours{24});
    EXPECT_EQ(renew(R"({"overlap_hours":24})").text("/data/old_signing_secret_until"), until);
    EXPECT_EQ(finance_.get(path(made)).text("/data/old_signing_secret_until"), until);
    clock_.advance(std::chrono::hours{24});
    EXPECT_EQ(finance_.get(path(made)).text("/data/old_signing_secret_until"), "null");
    renew(R"({"overlap_hours":1})");
    EXPECT_EQ(renew("").text("/data/old_signing_secret_until"), "null") << "a leak ends it at once";
    EXPECT_EQ(finance_.get(path(made)).text("/data/old_signing_secret_until"), "null");
    EXPECT_EQ(joined("SELECT old_secret FROM webhooks"), "");
}

TEST_P(PayApps, have_an_address_to_which_their_buyers_come_back) {
    const Reply made = add(R"({"name":"crm","return_url":"https://crm.test/paid?x=1"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("/data/return_url"), "https://crm.test/paid?x=1");
    const auto place = [&](std::string_view app) {
        return write([&](sql::Transaction& tx) { return apps_.place_of(tx, app); });
    };
    EXPECT_EQ(place("crm"), "https://crm.test/paid?x=1");
    EXPECT_EQ(place("shop"), "");
    const Reply gone = finance_.patch(path(made), R"({"return_url":null})");
    EXPECT_EQ(gone.text("/data/return_url"), "null");
    EXPECT_EQ(place("crm"), "");
    for (const char* here : {"http://127.0.0.1:9000/x", "http://localhost", "http://[::1]:8/"}) {
        const Reply set =
            finance_.patch(path(made), R"({"return_url":")" + std::string{here} + "\"}");
        EXPECT_EQ(set.text("/data/return_url"), here);
    }
    for (const char* wrong :
         {"http://crm.test/",
          "http://127.0.0.1.evil.test/",
          "http://localhost@evil.test/",
          "javascript:alert(1)",
          "//crm.test",
          "https://",
          "https://a b",
          "https://x.test/#y",
          "https://x.test\\\\@evil.test"}) {
        const Reply set =
            finance_.patch(path(made), R"({"return_url":")" + std::string{wrong} + "\"}");
        EXPECT_TRUE(set.blames("return_url")) << wrong;
    }
}

TEST_P(PayApps, are_kept_apart_from_the_webhooks_of_administrators) {
    add(R"({"name":"crm","notify_url":"https://crm.test/told"})");
    webhooks::WebhookService hooks{database(), clock_, random_};
    EXPECT_TRUE(test::run(hooks.list()).empty());
    EXPECT_FALSE(test::run(hooks.find(WebhookId{1})).has_value());
}

TEST_P(PayApps, are_made_by_commands_on_this_machine) {
    RouteClient command = guest_;
    command.local = true;
    const Reply made = command.post("/local/v1/pay-apps", R"({"name":"crm"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("/data/created_by"), "null");
    const Reply more = command.post("/local/v1/pay-apps/crm/keys", "{}");
    EXPECT_EQ(asked_with(more.text("/data/key")), 404);
    const std::string old_id = made.text("/data/keys/0/id");
    EXPECT_EQ(command.del("/local/v1/pay-apps/crm/keys/" + old_id).status, 200);
    EXPECT_EQ(asked_with(made.text("/data/key")), 401);
    EXPECT_EQ(command.post("/local/v1/pay-apps/none/keys", "{}").error(), "app_not_found");
    const std::string secret = "/local/v1/pay-apps/crm/signing-secret";
    EXPECT_TRUE(command.post(secret, "{}").text("/data/signing_secret").starts_with("whsec_"));
    const std::string nobody = "/local/v1/pay-apps/none/signing-secret";
    EXPECT_EQ(command.post(nobody, "{}").error(), "app_not_found");
    EXPECT_EQ(command.get("/local/v1/pay-apps").size("/data/list"), 1u);
}

}  // namespace
}  // namespace doorbuster::pay_api
