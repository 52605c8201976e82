// Bills between the adapter and the simulator, which were written apart.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "wechat_world.hpp"

namespace doorbuster::wechat_pay {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Point = sandbox::Faults::Point;

class BillWire : public testing::Test {
protected:
    BillWire() {
        std::string pattern = (fs::temp_directory_path() / "billwireXXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        const auto local = world_.clock.now() + 8h;
        day_ = std::chrono::floor<std::chrono::days>(local);
    }
    ~BillWire() override { fs::remove_all(folder_); }

    void pay(const std::string& number) {
        ASSERT_EQ(world_.scan(world_.created(world_.order(number))).status, 200);
    }
    void refund(const std::string& number, const std::string& refund_number) {
        const ProviderRefundOrder order{
            .out_refund_no = refund_number,
            .out_trade_no = number,
            .amount = Money::fen(88),
            .paid = Money::fen(8888)};
        ASSERT_TRUE(test::run(world_.provider.refund(order)).value);
        world_.clock.advance(61s);
        while (test::run(world_.sandbox.settle_due_refund())) {
        }
    }
    // To eleven o'clock of the next day in Beijing.
    void night_passes() {
        const Time then = day_ + 24h + 11h - 8h;
        world_.clock.advance(then - world_.clock.now());
    }
    auto download(BillKind kind) {
        return test::run(
            world_.provider.download_bill(kind, std::chrono::year_month_day{day_}, file())
        );
    }
    fs::path file() const { return folder_ / "bill"; }
    BillSummary read(BillKind kind) {
        rows_.clear();
        return world_.provider.read_bill(kind, file(), [&](const BillRow& row) {
            rows_.push_back(row);
        });
    }

    WechatWorld world_;
    fs::path folder_;
    std::chrono::sys_days day_;
    std::vector<BillRow> rows_;
};

TEST_F(BillWire, of_trades_has_what_was_paid_and_refunded_that_day) {
    pay("SK2026112301");
    pay("SK2026112302");
    refund("SK2026112301", "RF1");
    night_passes();
    const auto outcome = download(BillKind::trade);
    ASSERT_TRUE(outcome.value) << outcome.refused.code << ' ' << outcome.refused.message;
    const BillSummary summary = read(BillKind::trade);
    EXPECT_EQ(summary.payments, 2);
    EXPECT_EQ(summary.paid, Money::fen(2 * 8888));
    EXPECT_EQ(summary.refunds, 1);
    EXPECT_EQ(summary.refunded, Money::fen(88));
    ASSERT_EQ(rows_.size(), 3u);
    std::map<BillRow::Kind, BillRow> of_first;
    for (const BillRow& row : rows_) {
        if (row.out_trade_no == "SK2026112301") of_first[row.kind] = row;
    }
    const auto trade = world_.query("SK2026112301").value;
    EXPECT_EQ(of_first[BillRow::Kind::payment].transaction_id, trade->transaction_id);
    EXPECT_EQ(of_first[BillRow::Kind::payment].at, trade->paid_at);
    EXPECT_EQ(of_first[BillRow::Kind::refund].out_refund_no, "RF1");
    EXPECT_EQ(of_first[BillRow::Kind::refund].amount, Money::fen(88));
}

TEST_F(BillWire, of_the_account_agrees_with_that_of_trades) {
    pay("SK2026112301");
    pay("SK2026112302");
    refund("SK2026112301", "RF1");
    night_passes();
    ASSERT_TRUE(download(BillKind::trade).value);
    const BillSummary trades = read(BillKind::trade);
    ASSERT_TRUE(download(BillKind::fund).value);
    const BillSummary funds = read(BillKind::fund);
    EXPECT_EQ(funds.paid - funds.refunded, trades.paid - trades.refunded - funds.fees);
    EXPECT_EQ(funds.fees, trades.fees);
}

TEST_F(BillWire, of_a_day_without_payments_is_empty) {
    night_passes();
    const auto outcome = download(BillKind::trade);
    ASSERT_TRUE(outcome.value) << outcome.refused.code;
    EXPECT_TRUE(outcome.value->empty);
}

TEST_F(BillWire, is_not_ready_before_the_morning_and_may_be_late) {
    pay("SK2026112301");
    EXPECT_FALSE(download(BillKind::trade).value);
    night_passes();
    world_.faults.set(Point::bill_not_ready, 1);
    const auto outcome = download(BillKind::trade);
    EXPECT_FALSE(outcome.value);
    EXPECT_EQ(outcome.refused.code, "STATEMENTCREATING");
    EXPECT_FALSE(outcome.refused.final_answer);
}

TEST_F(BillWire, with_a_wrong_hash_is_thrown_away) {
    pay("SK2026112301");
    night_passes();
    world_.faults.set(Point::bill_wrong_hash, 1);
    EXPECT_FALSE(download(BillKind::trade).value);
    EXPECT_TRUE(fs::is_empty(folder_));
    world_.faults.set(Point::bill_wrong_hash, 0);
    EXPECT_TRUE(download(BillKind::trade).value);
}

TEST_F(BillWire, whose_name_is_forged_is_not_fetched) {
    pay("SK2026112301");
    night_passes();
    world_.faults.set(Point::answer_bad_signature, 1);
    EXPECT_FALSE(download(BillKind::trade).value);
    EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace doorbuster::wechat_pay
