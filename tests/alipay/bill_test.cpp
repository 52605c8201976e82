#include <gtest/gtest.h>

#include "alipay_world.hpp"

// Bills of the simulator, fetched and read.
namespace doorbuster::alipay {
namespace {

using Kind = BillRow::Kind;

class AlipayBills : public testing::Test {
protected:
    AlipayBills() : world_{KeyMode::public_key, {.bills_at_once = true}} {
        std::string pattern = (std::filesystem::temp_directory_path() / "billXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~AlipayBills() override { std::filesystem::remove_all(folder_); }

    std::chrono::year_month_day today() {
        return std::chrono::floor<std::chrono::days>(world_.clock.now() + std::chrono::hours{8});
    }
    // Downloads and reads; the rows are kept.
    BillSummary bill(BillKind kind) {
        const auto file = folder_ / "bill";
        const auto outcome = test::run(world_.provider.download_bill(kind, today(), file));
        if (!outcome.value) throw std::runtime_error{outcome.refused.code};
        empty_ = outcome.value->empty;
        rows_.clear();
        if (empty_) return {};
        const auto keep = [this](const BillRow& row) { rows_.push_back(row); };
        return world_.provider.read_bill(kind, file, keep);
    }

    AlipayWorld world_;
    std::filesystem::path folder_;
    std::vector<BillRow> rows_;
    bool empty_ = false;
};

TEST_F(AlipayBills, of_trades_have_what_was_paid_and_what_went_back) {
    world_.pay("SK1");
    world_.pay("SK2");
    world_.refund(AlipayWorld::refund_order("SK1", "RF1", 30));
    const BillSummary summary = bill(BillKind::trade);
    EXPECT_EQ(summary.payments, 2);
    EXPECT_EQ(summary.paid, Money::fen(2 * 8888));
    EXPECT_EQ(summary.refunds, 1);
    EXPECT_EQ(summary.refunded, Money::fen(30));
    ASSERT_EQ(rows_.size(), 3u);
    int refunds = 0;
    for (const BillRow& row : rows_) {
        EXPECT_EQ(row.transaction_id, world_.query(row.out_trade_no).value->transaction_id);
        if (row.kind != Kind::refund) continue;
        ++refunds;
        EXPECT_EQ(row.out_trade_no, "SK1");
        EXPECT_EQ(row.out_refund_no, "RF1");
        EXPECT_EQ(row.amount, Money::fen(30));
    }
    EXPECT_EQ(refunds, 1);
}

TEST_F(AlipayBills, of_funds_are_the_trades_less_the_fees) {
    world_.pay("SK1");
    world_.refund(AlipayWorld::refund_order("SK1", "RF1", 30));
    const BillSummary trades = bill(BillKind::trade);
    const BillSummary funds = bill(BillKind::fund);
    EXPECT_EQ(funds.fees, trades.fees);
    EXPECT_EQ(funds.paid - funds.refunded, trades.paid - trades.refunded - trades.fees);
    ASSERT_FALSE(rows_.empty());
    EXPECT_EQ(rows_[0].out_trade_no, "SK1");
}

TEST_F(AlipayBills, of_a_day_without_business_say_so) {
    const BillSummary summary = bill(BillKind::trade);
    EXPECT_EQ(summary.payments, 0);
    EXPECT_TRUE(empty_ || rows_.empty());
}

}  // namespace
}  // namespace doorbuster::alipay
