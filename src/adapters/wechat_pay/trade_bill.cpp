// 交易账单, type ALL. Columns and their meaning: the provider's document 申请交易账单.

#include <algorithm>

#include "adapters/wechat_pay/bill_rows.hpp"

namespace doorbuster::wechat_pay {

namespace {

using Column = std::optional<std::size_t>;

// Bills of merchants that opened before 2018 have 总金额 for what is ordered, and their refunds
// have no amount beside the one that was paid out.
class TradeBill final : public BillRows {
public:
    void columns(const BillColumns& header) override;
    Column last_free_text() const override { return last_free_text_; }
    const BillRow& row(const BillValues& values) override;
    BillSummary summary(const BillColumns& header, const BillValues& values) override;

private:
    void read_payment(const BillValues& values);
    void read_refund(const BillValues& values);
    void count(const BillValues& values);
    Sum value_of(const BillValues& values, Column column) const;

    std::size_t time_ = 0;
    std::size_t state_ = 0;
    std::size_t transaction_ = 0;
    std::size_t out_trade_no_ = 0;
    std::size_t ordered_ = 0;
    Column refund_id_;
    Column out_refund_no_;
    Column asked_back_;
    Column refund_state_;
    Column fee_;
    Column currency_;
    Column last_free_text_;
    BillRow row_;

    // A column with a total of its own at the end. Whether a refund's row repeats the amounts of
    // its order has changed in the past, so that either sum may be the one told.
    struct Total {
        std::string_view name;  // of the column, and what it was called before
        std::string_view older_name;
        std::string_view total;
        std::string_view older_total;
        Column column = std::nullopt;
        Sum of_rows = 0;
        Sum of_payments = 0;
    };
    Total totals_[5] = {
        {"订单金额", "", "订单总金额", ""},
        {"应结订单金额", "总金额", "应结订单总金额", "总交易额"},
        {"申请退款金额", "", "申请退款总金额", ""},
        {"退款金额", "", "退款总金额", "总退款金额"},
        {"充值券退款金额", "", "充值券退款总金额", ""},
    };
    std::int64_t payments_ = 0;
    std::int64_t refunds_ = 0;
    std::int64_t others_ = 0;
    Sum paid_ = 0;
    Sum refunded_ = 0;
    Sum fees_ = 0;
};

// CHANGE: the bank sent it back, and a person can still make it succeed.
BillRow::Outcome outcome_of(std::string_view state) {
    if (state == "SUCCESS") return BillRow::Outcome::done;
    if (state == "FAIL" || state == "CLOSED") return BillRow::Outcome::failed;
    return BillRow::Outcome::pending;
}

void TradeBill::columns(const BillColumns& header) {
    time_ = required(header, {"交易时间"});
    state_ = required(header, {"交易状态"});
    transaction_ = required(header, {"微信订单号"});
    out_trade_no_ = required(header, {"商户订单号"});
    ordered_ = required(header, {"订单金额", "总金额"});
    refund_id_ = header.find({"微信退款单号"});
    out_refund_no_ = header.find({"商户退款单号"});
    asked_back_ = header.find({"申请退款金额", "退款金额"});
    refund_state_ = header.find({"退款状态"});
    fee_ = header.find({"手续费"});
    currency_ = header.find({"货币种类"});
    // In this order: the later one, when there is one, decides.
    last_free_text_ = std::max(header.find({"商品名称"}), header.find({"商户数据包"}));
    for (Total& total : totals_) {
        total.column = header.find({total.name, total.older_name});
    }
}

Sum TradeBill::value_of(const BillValues& values, Column column) const {
    return column ? millifen_in(values.at(*column)) : 0;
}

const BillRow& TradeBill::row(const BillValues& values) {
    if (currency_ && values.at(*currency_) != kCurrency) throw BadBill{"the currency is not CNY"};
    const auto state = values.at(state_);
    row_.kind = state == "SUCCESS"  ? BillRow::Kind::payment
                : state == "REFUND" ? BillRow::Kind::refund
                                    : BillRow::Kind::other;
    row_.at = time_in(values.at(time_));
    number_in(values.at(transaction_), row_.transaction_id);
    number_in(values.at(out_trade_no_), row_.out_trade_no);
    const Sum fee = value_of(values, fee_);
    row_.fee = rounded(fee < 0 ? -fee : fee);
    row_.income = row_.kind == BillRow::Kind::payment;
    if (row_.kind == BillRow::Kind::refund) {
        read_refund(values);
    } else {
        read_payment(values);
    }
    count(values);
    return row_;
}

void TradeBill::read_payment(const BillValues& values) {
    row_.outcome = BillRow::Outcome::done;
    row_.out_refund_no.clear();
    row_.refund_id.clear();
    word_in(values.at(state_), row_.status);
    row_.amount = fen_in(values.at(ordered_));
}

void TradeBill::read_refund(const BillValues& values) {
    if (!refund_id_ || !out_refund_no_ || !asked_back_) {
        throw BadBill{"a refund in a bill without columns for refunds"};
    }
    number_in(values.at(*refund_id_), row_.refund_id);
    number_in(values.at(*out_refund_no_), row_.out_refund_no);
    word_in(refund_state_ ? values.at(*refund_state_) : std::string_view{}, row_.status);
    row_.outcome = outcome_of(row_.status);
    row_.amount = fen_in(values.at(*asked_back_));
}

void TradeBill::count(const BillValues& values) {
    const bool payment = row_.kind == BillRow::Kind::payment;
    for (Total& total : totals_) {
        const Sum value = value_of(values, total.column);
        total.of_rows += value;
        if (payment) total.of_payments += value;
    }
    fees_ += value_of(values, fee_);
    switch (row_.kind) {
        case BillRow::Kind::payment:
            ++payments_;
            paid_ += row_.amount.fen();
            break;
        case BillRow::Kind::refund:
            ++refunds_;
            refunded_ += row_.amount.fen();
            break;
        case BillRow::Kind::fee:
        case BillRow::Kind::other:
            ++others_;
            break;
    }
}

BillSummary TradeBill::summary(const BillColumns& header, const BillValues& values) {
    constexpr Sum kMillifen = 1000;
    const auto rows = parse_count(values.at(required(header, {"总交易单数"})));
    expect_total("总交易单数", rows.value_or(-1), payments_ + refunds_ + others_);
    // Without this one nothing would have been compared.
    required(header, {"订单总金额", "应结订单总金额", "总交易额"});
    for (const Total& total : totals_) {
        const Column column = header.find({total.total, total.older_total});
        if (!column || !total.column) continue;
        const Sum told = millifen_in(values.at(*column));
        if (told != total.of_payments) expect_total(total.total, told, total.of_rows);
    }
    // Fees are told per row to a thousandth of a fen and charged by other roundings: the fund bill
    // is where they must agree.
    const Column fees = header.find({"手续费总金额"});
    return {
        .payments = payments_,
        .refunds = refunds_,
        .paid = rounded(paid_ * kMillifen),
        .refunded = rounded(refunded_ * kMillifen),
        .fees = rounded(fees ? millifen_in(values.at(*fees)) : fees_)};
}

}  // namespace

std::unique_ptr<BillRows> trade_bill() { return std::make_unique<TradeBill>(); }

}  // namespace doorbuster::wechat_pay
