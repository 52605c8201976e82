#include "sandbox/wechat_pay/native_order.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>

#include "support/payment_vectors.hpp"

namespace doorbuster::sandbox::wechat_pay {
namespace {

namespace json = boost::json;

constexpr auto kMinimal = R"({"appid":"wx1","mchid":"19","description":"d",
    "out_trade_no":"SK2026","notify_url":"https://shop.test/n","amount":{"total":1}})";

std::string refusal(const std::string& body) {
    const auto read = read_native_order(body, "19", "wx1");
    if (std::holds_alternative<NativeOrder>(read)) return "accepted";
    const Reply& reply = std::get<Reply>(read);
    EXPECT_EQ(reply.status, 400);
    const json::value said = json::parse(reply.body);
    const json::value* detail = said.as_object().if_contains("detail");
    const std::string code = said.at("code").as_string().c_str();
    return detail ? code + " " + detail->at("field").as_string().c_str() : code;
}

std::string changed(const std::function<void(json::object&)>& change) {
    json::value body = json::parse(kMinimal);
    change(body.as_object());
    return refusal(json::serialize(body));
}

TEST(NativeOrder, of_the_vectors_is_accepted_with_all_its_optional_fields) {
    const auto& keys = test::payment_vectors("wechat-keys");
    for (const std::size_t index : {0u, 1u}) {
        const auto& a_case = test::payment_cases("wechat-request-sign").at(index);
        const auto read = read_native_order(
            test::text_at(a_case, "body"),
            test::text_at(keys, "mchid"),
            test::text_at(keys, "appid")
        );
        EXPECT_TRUE(std::holds_alternative<NativeOrder>(read)) << index;
    }
}

TEST(NativeOrder, names_the_field_that_is_missing) {
    EXPECT_EQ(refusal(kMinimal), "accepted");
    for (const char* name :
         {"appid", "mchid", "description", "out_trade_no", "notify_url", "amount"}) {
        EXPECT_EQ(
            changed([&](json::object& o) { o.erase(name); }), std::string{"PARAM_ERROR /"} + name
        );
    }
}

TEST(NativeOrder, refuses_unknown_fields_at_any_depth) {
    EXPECT_EQ(changed([](auto& o) { o["extra"] = 1; }), "PARAM_ERROR /extra");
    EXPECT_EQ(
        changed([](auto& o) { o["amount"].as_object()["tip"] = 1; }), "PARAM_ERROR /amount/tip"
    );
    EXPECT_EQ(
        changed([](auto& o) {
            o["scene_info"] = {{"payer_client_ip", "1.1.1.1"}, {"x", "y"}};
        }),
        "PARAM_ERROR /scene_info/x"
    );
}

TEST(NativeOrder, refuses_wrong_types_nulls_and_lengths) {
    const std::pair<const char*, json::value> spoilt[] = {
        {"description", nullptr},
        {"description", ""},
        {"description", json::value(std::string("a\0b", 3))},
        {"description", json::value(std::string(128, 'x'))},
        {"out_trade_no", "12345"},
        {"out_trade_no", "with space"},
        {"out_trade_no", json::value(std::string(33, '1'))},
        {"notify_url", "shop.test/n"},
        {"notify_url", "https://shop.test"},
        {"notify_url", "https://shop.test/n?a=1"},
        {"time_expire", "tomorrow"},
        {"time_expire", nullptr},
        {"attach", ""},
        {"goods_tag", 1},
        {"support_fapiao", "true"},
        {"detail", json::array{}},
        {"settle_info", "x"},
        {"amount", 1}};
    for (const auto& [name, value] : spoilt) {
        EXPECT_EQ(
            changed([&, n = name, v = value](auto& o) { o[n] = v; }),
            std::string{"PARAM_ERROR /"} + name
        );
    }
    for (const json::value& total :
         {json::value{0},
          json::value{-1},
          json::value{1.0},
          json::value{"1"},
          json::value{nullptr},
          json::value{1e18}}) {
        EXPECT_EQ(
            changed([&](auto& o) { o["amount"].as_object()["total"] = total; }),
            "PARAM_ERROR /amount/total"
        );
    }
    EXPECT_EQ(
        changed([](auto& o) { o["amount"].as_object()["currency"] = "USD"; }),
        "PARAM_ERROR /amount/currency"
    );
}

TEST(NativeOrder, of_another_merchant_or_app_is_refused) {
    EXPECT_EQ(changed([](auto& o) { o["mchid"] = "20"; }), "INVALID_REQUEST /mchid");
    EXPECT_EQ(changed([](auto& o) { o["appid"] = "wx2"; }), "APPID_MCHID_NOT_MATCH");
}

TEST(NativeOrder, that_is_no_json_object_is_refused) {
    for (const char* body : {"", "x", "[]", "null", "1", "{", "{}{}"}) {
        EXPECT_EQ(refusal(body), "PARAM_ERROR") << body;
    }
}

TEST(NativeOrder, is_the_same_in_other_spacing_and_order_only) {
    EXPECT_TRUE(same_request(R"({"a":1,"b":{"c":"d"}})", R"({ "b": {"c":"d"}, "a": 1 })"));
    EXPECT_FALSE(same_request(R"({"a":1})", R"({"a":2})"));
    EXPECT_FALSE(same_request(R"({"a":1})", R"({"a":1,"b":2})"));
}

}  // namespace
}  // namespace doorbuster::sandbox::wechat_pay
