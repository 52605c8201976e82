#include "webhooks/webhook.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "webhooks/signature.hpp"

namespace doorbuster::webhooks {
namespace {

TEST(WebhookUrl, may_be_any_http_address_without_credentials) {
    for (const char* url :
         {"https://shop.example/hook",
          "http://shop.example",
          "https://shop.example:8443/a?b=c&d=%20",
          "http://127.0.0.1:9000/",
          "https://[2001:db8::1]/hook",
          "https://[::1]:9000",
          "https://shop.example?x=1"}) {
        EXPECT_EQ(url_fault(url), "") << url;
    }
}

TEST(WebhookUrl, may_be_nothing_else) {
    for (const char* url :
         {"",
          "ftp://shop.example/",
          "file:///etc/passwd",
          "javascript:alert(1)",
          "//shop.example",
          "shop.example",
          "https://",
          "https:///path",
          "https://user:secret@shop.example/",
          "https://user@shop.example/",
          "https://shop.example@evil.example/",
          "https://shop.example/#fragment",
          "https://shop.example:0/",
          "https://shop.example:65536/",
          "https://shop.example:80x/",
          "https://shop.example:/",
          "https://sho p.example/",
          "https://shop.example/\r\nHost: evil",
          "https://shop.example\\@evil.example/",
          "https://\xE5\x95\x86\xE5\xBA\x97.example/",
          "https://[::1",
          "https://[]/",
          "https://[::1]x/"}) {
        EXPECT_NE(url_fault(url), "") << url;
    }
    EXPECT_NE(url_fault("https://shop.example/" + std::string(2000, 'a')), "");
}

TEST(WebhookTopics, are_words_joined_by_dots_or_a_star) {
    for (const char* topic : {"*", "order.paid", "payment.refund_due"})
        EXPECT_TRUE(is_topic(topic));
    for (const char* topic : {"", "order,paid", "Order.Paid", "order.*", "a b", "a;b"}) {
        EXPECT_FALSE(is_topic(topic)) << topic;
    }
    EXPECT_FALSE(is_topic(std::string(65, 'a')));
}

TEST(WebhookTopics, decide_which_events_are_wanted) {
    Webhook webhook;
    webhook.topics = {"order.paid", "order.closed"};
    EXPECT_TRUE(wants(webhook, "order.paid"));
    EXPECT_FALSE(wants(webhook, "order.paid2"));
    EXPECT_FALSE(wants(webhook, "order"));
    webhook.topics = {"*"};
    EXPECT_TRUE(wants(webhook, "anything.else"));
    webhook.enabled = false;
    EXPECT_FALSE(wants(webhook, "order.paid"));
}

TEST(WebhookTopics, are_read_back_as_they_were_stored) {
    for (const std::vector<std::string>& topics :
         std::vector<std::vector<std::string>>{{"*"}, {"a.b", "c.d", "e"}, {}}) {
        EXPECT_EQ(split_topics(join_topics(topics)), topics);
    }
}

TEST(WebhookBody, is_json_whatever_the_key_holds) {
    const Event event{
        EventId{12}, "order.paid", "\"双十一\"\n", R"({"total":100})", from_milliseconds(0)};
    const auto body = boost::json::parse(body_of(event)).as_object();
    EXPECT_EQ(body.at("id").as_string(), "12");
    EXPECT_EQ(body.at("topic").as_string(), "order.paid");
    EXPECT_EQ(body.at("key").as_string(), "\"双十一\"\n");
    EXPECT_EQ(body.at("at").as_string(), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(body.at("data").at("total").as_int64(), 100);
}

// The expected value was computed with Python's hmac module.
TEST(WebhookSignature, is_hmac_sha256_over_the_time_and_the_body) {
    const Time now = from_milliseconds(1'790'000'000'999);
    EXPECT_EQ(
        signature(Secret{"whsec_test"}, now, R"({"id":"1"})"),
        "t=1790000000,v1=63357835f228c6596e4efd334a9a9156a4a3e2a1cc1ac23c50c0e6aeb7934853"
    );
}

TEST(WebhookSignature, differs_for_every_secret_time_and_body) {
    const Time now = from_milliseconds(1'790'000'000'000);
    const auto base = signature(Secret{"a"}, now, "body");
    EXPECT_NE(signature(Secret{"b"}, now, "body"), base);
    EXPECT_NE(signature(Secret{"a"}, now + std::chrono::seconds{1}, "body"), base);
    EXPECT_NE(signature(Secret{"a"}, now, "body "), base);
}

TEST(WebhookSignature, is_made_with_an_older_secret_too_until_that_ends) {
    const Time now = from_milliseconds(1'790'000'000'000);
    Webhook webhook;
    webhook.secret = Secret{"new"};
    const std::string with_new = signature(webhook.secret, now, "body");
    EXPECT_EQ(signature(webhook, now, "body"), with_new);
    webhook.old_secret = Secret{"old"};
    webhook.old_secret_until = now + Milliseconds{1};
    const std::string with_old = signature(webhook.old_secret, now, "body");
    const std::string second = with_old.substr(with_old.find(','));
    EXPECT_EQ(signature(webhook, now, "body"), with_new + second);
    webhook.old_secret_until = now;
    EXPECT_EQ(signature(webhook, now, "body"), with_new);
}

}  // namespace
}  // namespace doorbuster::webhooks
