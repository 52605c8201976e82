#include <gtest/gtest.h>

#include <thread>

#include "adapters/curl/curl_http_client.hpp"
#include "core/clock.hpp"
#include "http/server.hpp"
#include "wechat_world.hpp"

// The same protocol over real sockets: libcurl on one side, the server on the other.
namespace doorbuster::wechat_pay {
namespace {

TEST(WechatOverSockets, a_purchase_is_created_paid_notified_and_closed_orders_stay_closed) {
    const SystemClock clock;
    SystemRandom random;
    http::EventLoops loops{1};
    test::TestDatabase database{sql::Dialect::sqlite, test::TestDatabase::Schema::empty};
    sandbox::create_tables(*database);
    test::NobodySignedIn nobody;
    http::Router router{nobody};
    http::Server server{loops, router, {.port = 0}, clock, random};
    curl::CurlHttpClient http;
    sandbox::Faults faults;
    sandbox::Sandbox simulator{test::shared_identity(), *database, http, clock, random, faults};
    router.add(sandbox::sandbox_routes(simulator));

    std::optional<ProviderNotification> told;
    std::unique_ptr<WechatPay> provider;
    const auto receive = [&](http::Request& request) -> http::Response {
        PaymentProvider::Headers headers;
        for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
        std::string reason;
        told = provider->verify_notification(headers, request.body, clock.now(), reason);
        return {.status = told ? 204 : 401};
    };
    router.add(
        {{http::Method::post,
          kNotifyPath,
          http::Access::anyone(),
          http::SyncHandler{receive},
          {.csrf = false}}}
    );
    server.start();
    loops.start();
    const std::string origin = "http://127.0.0.1:" + std::to_string(server.port());
    provider =
        std::make_unique<WechatPay>(config_for(simulator.merchant(), origin), http, clock, random);

    const ProviderOrder order{
        .out_trade_no = "SK2026|1*",
        .description = "演示订单",
        .amount = Money::fen(100),
        .expires_at = clock.now() + std::chrono::minutes{30}};
    const auto code_url = test::run(provider->create(order)).value;
    ASSERT_TRUE(code_url);
    OutboundRequest scan{.method = "POST", .url = origin + "/sandbox/scan"};
    scan.headers = {{"Content-Type", "application/json"}};
    scan.body = R"({"code_url":")" + *code_url + "\"}";
    EXPECT_EQ(test::run(http.send(scan)).status, 200);

    EXPECT_TRUE(test::run(simulator.deliver_due_notification()));
    ASSERT_TRUE(told);
    EXPECT_EQ(told->trade.out_trade_no, order.out_trade_no);
    const auto trade = test::run(provider->query(order.out_trade_no)).value;
    ASSERT_TRUE(trade);
    EXPECT_EQ(trade->state, ProviderTrade::State::paid);
    EXPECT_EQ(test::run(provider->close(order.out_trade_no)).value, false);

    ProviderOrder other = order;
    other.out_trade_no = "SK2026|2*";
    ASSERT_TRUE(test::run(provider->create(other)).value);
    EXPECT_EQ(test::run(provider->close(other.out_trade_no)).value, true);
    EXPECT_LT(std::chrono::abs(provider->clock_skew()), std::chrono::seconds{60});
    EXPECT_TRUE(server.stop());
    loops.stop();
}

}  // namespace
}  // namespace doorbuster::wechat_pay
