// 资金账单 of the basic account. Columns and their meaning: the provider's document 申请资金账单.

#include "adapters/wechat_pay/bill_rows.hpp"

namespace doorbuster::wechat_pay {

namespace {

constexpr Sum kMillifen = 1000;

class FundBill final : public BillRows {
public:
    void columns(const BillColumns& header) override;
    std::optional<std::size_t> last_free_text() const override { return remark_; }
    const BillRow& row(const BillValues& values) override;
    BillSummary summary(const BillColumns& header, const BillValues& values) override;

private:
    void read_numbers(const BillValues& values);

    // One direction of the money.
    struct Flow {
        std::int64_t count = 0;
        Sum fen = 0;
        void add(Money amount) {
            ++count;
            fen += amount.fen();
        }
    };

    std::size_t time_ = 0;
    std::size_t business_ = 0;
    std::size_t type_ = 0;
    std::size_t direction_ = 0;
    std::size_t amount_ = 0;
    std::optional<std::size_t> voucher_;
    std::optional<std::size_t> remark_;
    BillRow row_;
    Flow in_;
    Flow out_;
    Sum fees_ = 0;
};

void FundBill::columns(const BillColumns& header) {
    time_ = required(header, {"记账时间"});
    business_ = required(header, {"微信支付业务单号"});
    type_ = required(header, {"业务类型"});
    direction_ = required(header, {"收支类型"});
    amount_ = required(header, {"收支金额(元)", "收支金额（元）", "收支金额"});
    voucher_ = header.find({"业务凭证号"});
    remark_ = header.find({"备注"});
}

BillRow::Kind kind_of(std::string_view type) {
    if (type == "交易") return BillRow::Kind::payment;
    if (type == "退款") return BillRow::Kind::refund;
    const bool fee = type.find("手续费") != std::string_view::npos;
    return fee ? BillRow::Kind::fee : BillRow::Kind::other;
}

const BillRow& FundBill::row(const BillValues& values) {
    const auto direction = values.at(direction_);
    row_.income = direction == "收入";
    if (!row_.income && direction != "支出") throw BadBill{"money that neither came nor went"};
    row_.kind = kind_of(values.at(type_));
    word_in(values.at(type_), row_.status);
    row_.at = time_in(values.at(time_));
    row_.amount = fen_in(values.at(amount_));
    const bool is_fee = row_.kind == BillRow::Kind::fee;
    row_.fee = is_fee ? row_.amount : Money{};
    if (is_fee) fees_ += row_.income ? -row_.amount.fen() : row_.amount.fen();
    (row_.income ? in_ : out_).add(row_.amount);
    read_numbers(values);
    return row_;
}

// A refund is booked under its own numbers, everything else under those of the payment.
void FundBill::read_numbers(const BillValues& values) {
    const bool refund = row_.kind == BillRow::Kind::refund;
    const auto voucher = voucher_ ? values.at(*voucher_) : std::string_view{};
    number_in(values.at(business_), refund ? row_.refund_id : row_.transaction_id);
    number_in(voucher, refund ? row_.out_refund_no : row_.out_trade_no);
    (refund ? row_.transaction_id : row_.refund_id).clear();
    (refund ? row_.out_trade_no : row_.out_refund_no).clear();
}

BillSummary FundBill::summary(const BillColumns& header, const BillValues& values) {
    const auto told_count = [&](std::string_view name) {
        return parse_count(values.at(required(header, {name}))).value_or(-1);
    };
    const auto told_sum = [&](std::string_view name) {
        return Sum{millifen_in(values.at(required(header, {name})))};
    };
    expect_total("资金流水总笔数", told_count("资金流水总笔数"), in_.count + out_.count);
    expect_total("收入笔数", told_count("收入笔数"), in_.count);
    expect_total("支出笔数", told_count("支出笔数"), out_.count);
    expect_total("收入金额", told_sum("收入金额"), in_.fen * kMillifen);
    expect_total("支出金额", told_sum("支出金额"), out_.fen * kMillifen);
    return {
        .payments = in_.count,
        .refunds = out_.count,
        .paid = rounded(in_.fen * kMillifen),
        .refunded = rounded(out_.fen * kMillifen),
        .fees = rounded(fees_ * kMillifen)};
}

}  // namespace

std::unique_ptr<BillRows> fund_bill() { return std::make_unique<FundBill>(); }

}  // namespace doorbuster::wechat_pay
