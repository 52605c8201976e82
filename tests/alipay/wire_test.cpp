#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alipay_world.hpp"

// Pages, query, close and refunds over the wire protocol, in both key modes.
namespace doorbuster::alipay {
namespace {

using State = ProviderTrade::State;
using RefundState = ProviderRefund::State;
using testing::HasSubstr;

const std::string kNumber = "SK2026112300000001";

class AlipayWire : public testing::TestWithParam<KeyMode> {
protected:
    AlipayWorld world_{GetParam()};
};

TEST_P(AlipayWire, a_page_is_opened_paid_and_found_paid) {
    EXPECT_EQ(world_.query(kNumber).value->state, State::not_exist);
    const ProviderOrder order = world_.order(kNumber);
    const std::string cashier = world_.open(order);
    ASSERT_THAT(cashier, HasSubstr("/sandbox/alipay/cashier"));
    EXPECT_EQ(world_.query(kNumber).value->state, State::not_exist) << "nobody has logged in";

    ASSERT_EQ(world_.scan(cashier, false).status, 200);
    EXPECT_EQ(world_.query(kNumber).value->state, State::not_paid);
    const auto scanned = world_.scan(cashier);
    ASSERT_EQ(scanned.status, 200) << scanned.body;

    const auto trade = world_.query(kNumber).value;
    ASSERT_TRUE(trade);
    EXPECT_EQ(trade->state, State::paid);
    EXPECT_EQ(trade->out_trade_no, kNumber);
    EXPECT_EQ(trade->transaction_id, scanned.text("/data/trade_no"));
    EXPECT_EQ(trade->merchant, world_.provider.merchant());
    EXPECT_EQ(trade->seller, world_.provider.seller());
    EXPECT_EQ(trade->amount, Money::fen(8888));
    EXPECT_EQ(trade->currency, "CNY");
    EXPECT_EQ(trade->paid_at, std::chrono::floor<std::chrono::seconds>(world_.clock.now()));
}

TEST_P(AlipayWire, a_page_opened_twice_is_one_trade) {
    const ProviderOrder order = world_.order(kNumber);
    const std::string first = world_.open(order);
    const std::string second = world_.open(order);
    ASSERT_EQ(world_.scan(first, false).status, 200);
    EXPECT_EQ(world_.scan(second).status, 200);
    EXPECT_EQ(world_.query(kNumber).value->state, State::paid);
}

TEST_P(AlipayWire, the_address_of_a_page_opens_it_too) {
    const auto form = world_.provider.pay_form(world_.order(kNumber), world_.clock.now());
    OutboundRequest request;
    request.url = form->address;
    const auto answer = test::run(world_.network.send(std::move(request)));
    EXPECT_EQ(world_.scan(std::string{answer.header("Location")}).status, 200);
    EXPECT_EQ(world_.query(kNumber).value->state, State::paid);
}

TEST_P(AlipayWire, a_browser_that_comes_back_says_which_order_and_no_more) {
    const auto scanned = world_.scan(world_.open(world_.order(kNumber)));
    const std::string back = scanned.text("/data/return_url");
    world_.query(kNumber);  // learns of the certificate that signs now
    const std::string query = back.substr(back.find('?') + 1);
    const auto told = world_.provider.verify_return(query);
    ASSERT_TRUE(told) << back;
    EXPECT_EQ(told->out_trade_no, kNumber);
    EXPECT_FALSE(world_.provider.verify_return(query + "&x=1"));
}

TEST_P(AlipayWire, closing_tells_the_unpaid_the_paid_and_the_unknown_apart) {
    EXPECT_FALSE(world_.close(kNumber).value) << "there is no trade, and may be one later";
    const std::string cashier = world_.open(world_.order(kNumber));
    world_.scan(cashier, false);
    EXPECT_EQ(world_.close(kNumber).value, true);
    EXPECT_EQ(world_.query(kNumber).value->state, State::closed);
    EXPECT_NE(world_.scan(cashier).status, 200);
    const std::string paid = "SK2026112300000002";
    world_.pay(paid);
    EXPECT_EQ(world_.close(paid).value, false);
    EXPECT_EQ(world_.query(paid).value->state, State::paid);
}

TEST_P(AlipayWire, money_goes_back_in_parts_and_once_however_often_it_is_asked_for) {
    world_.pay(kNumber);
    const auto part = AlipayWorld::refund_order(kNumber, "RF1", 30);
    EXPECT_EQ(world_.query_refund(part).value->state, RefundState::not_exist);
    EXPECT_EQ(world_.refund(part).value->state, RefundState::succeeded);
    EXPECT_EQ(world_.refund(part).value->state, RefundState::processing) << "nothing moved now";
    const auto found = world_.query_refund(part).value;
    EXPECT_EQ(found->state, RefundState::succeeded);
    EXPECT_EQ(found->amount, Money::fen(30));
    EXPECT_EQ(world_.query(kNumber).value->state, State::paid);

    auto other = part;
    other.amount = Money::fen(31);
    EXPECT_TRUE(world_.refund(other).refused.final_answer) << "the number has another amount";
    const auto too_much = AlipayWorld::refund_order(kNumber, "RF2", 8859);
    EXPECT_TRUE(world_.refund(too_much).refused.final_answer);
    const auto rest = AlipayWorld::refund_order(kNumber, "RF3", 8858);
    EXPECT_EQ(world_.refund(rest).value->state, RefundState::succeeded);
    EXPECT_EQ(world_.query(kNumber).value->state, State::refunded) << "and not closed unpaid";
}

TEST_P(AlipayWire, an_answer_that_was_changed_on_the_way_is_not_believed) {
    world_.pay(kNumber);
    world_.network.tamper = [](OutboundResponse& answer) {
        const auto at = answer.body.find("TRADE_SUCCESS");
        if (at != std::string::npos) answer.body.replace(at, 13, "TRADE_CLOSED\t");
    };
    EXPECT_EQ(world_.query(kNumber).refused.code, "UNVERIFIED");
    world_.network.tamper = nullptr;
    world_.network.reachable = false;
    EXPECT_EQ(world_.query(kNumber).refused.code, "NO_ANSWER");
}

TEST_P(AlipayWire, the_gateway_refuses_what_another_application_signed) {
    Config config = config_for(world_.sandbox.alipay_merchant(), GetParam());
    config.app_id += "1";
    const Alipay stranger{config, world_.network, world_.clock};
    const auto form = stranger.pay_form(world_.order(kNumber), world_.clock.now());
    OutboundRequest request;
    request.url = form->address;
    const auto answer = test::run(world_.network.send(std::move(request)));
    EXPECT_EQ(answer.header("Location"), "");
}

INSTANTIATE_TEST_SUITE_P(
    modes,
    AlipayWire,
    testing::Values(KeyMode::public_key, KeyMode::certificates),
    [](const auto& mode) {
        return mode.param == KeyMode::public_key ? "public_key" : "certificates";
    }
);

TEST(AlipayRotation, in_the_middle_of_a_day_stops_nothing) {
    AlipayWorld world{KeyMode::certificates};
    world.pay(kNumber);
    EXPECT_EQ(world.query(kNumber).value->state, State::paid);
    ASSERT_TRUE(world.sandbox.rotate_key("alipay"));
    EXPECT_EQ(world.query(kNumber).value->state, State::paid);
    world.deliver();
    EXPECT_EQ(world.accepted.size(), 1u);
    EXPECT_TRUE(world.refused.empty());
}

}  // namespace
}  // namespace doorbuster::alipay
