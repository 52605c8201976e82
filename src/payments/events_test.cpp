#include "payments/events.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace doorbuster::payments {
namespace {

TEST(PaymentEvent, reads_back_what_it_wrote) {
    PaymentEvent event;
    event.payment = "12";
    event.app = "shop";
    event.reference = "9007199254740993";
    event.provider = "wechat_pay";
    event.amount = Money::fen(8888);
    event.transaction = "4200002214202611229384756102";
    event.paid_at = from_milliseconds(1'795'319'001'234);
    event.late = true;
    const PaymentEvent read = PaymentEvent::from_json(event.to_json());
    EXPECT_EQ(read.payment, event.payment);
    EXPECT_EQ(read.app, event.app);
    EXPECT_EQ(read.reference, event.reference);
    EXPECT_EQ(read.provider, event.provider);
    EXPECT_EQ(read.amount, event.amount);
    EXPECT_EQ(read.transaction, event.transaction);
    EXPECT_EQ(read.paid_at, event.paid_at);
    EXPECT_TRUE(read.late);
    EXPECT_FALSE(read.duplicate);
}

TEST(PaymentEvent, refuses_what_it_did_not_write) {
    for (const char* text : {"", "[]", "{}", "{\"payment\":1}", "null", "{\"payment\":\"1\""}) {
        EXPECT_THROW(PaymentEvent::from_json(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace doorbuster::payments
