#include "sandbox/wechat_pay/bill.hpp"

#include <initializer_list>

#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::wechat_pay {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";
constexpr std::string_view kEnd = "\r\n";

using Values = std::vector<std::string>;

std::string signed_yuan(Money money) {
    return money.is_negative() ? "-" + (Money{} - money).to_yuan() : money.to_yuan();
}
std::string fee_text(Money fee) { return signed_yuan(fee) + "000"; }

// In values a control byte becomes a space, line breaks become two characters.
std::string value_of(std::string_view text) {
    std::string value;
    for (const char c : text) {
        if (c == '\r') {
            value += "\\r";
        } else if (c == '\n') {
            value += "\\n";
        } else {
            value += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return value;
}

std::string header_line(const std::vector<std::string_view>& names) {
    std::string line;
    for (const auto name : names) line.append(line.empty() ? "" : ",").append(name);
    return line.append(kEnd);
}

std::string value_line(const Values& values) {
    std::string line;
    for (const auto& value : values) {
        line.append(line.empty() ? "`" : ",`").append(value_of(value));
    }
    return line.append(kEnd);
}

struct Sums {
    std::int64_t rows = 0;
    Money settled;
    Money refunded;
    Money fees;
    Money ordered;
    Money asked_back;
};

void append(Values& values, std::initializer_list<std::string> more) {
    values.insert(values.end(), more);
}

// The columns up to the currency, which all rows share.
Values head_of(const MerchantSide& merchant, const Trade& trade, Time at, const char* state) {
    return {
        beijing_text(at),
        merchant.appid,
        merchant.mchid,
        "0",
        "",
        trade.transaction_id,
        trade.out_trade_no,
        trade.payer,
        "NATIVE",
        state,
        "OTHERS",
        "CNY"};
}

Values payment_row(
    TradeBillType type, const MerchantSide& merchant, const Trade& trade, Sums& sums
) {
    Values row = head_of(merchant, trade, *trade.paid_at, "SUCCESS");
    append(row, {trade.payer_total.to_yuan(), (trade.total - trade.payer_total).to_yuan()});
    if (type == TradeBillType::all) append(row, {"0", "0", "0.00", "0.00", "", ""});
    append(row, {trade.description, trade.attach.value_or(""), fee_text(trade.fee), "0.60%"});
    append(row, {trade.total.to_yuan()});
    if (type == TradeBillType::all) append(row, {"0.00"});
    append(row, {""});
    ++sums.rows;
    sums.settled += trade.payer_total;
    sums.fees += trade.fee;
    sums.ordered += trade.total;
    return row;
}

std::string status_of(const Refund& refund) {
    if (refund.state == "CLOSED") return "FAIL";
    return refund.state == "ABNORMAL" ? "CHANGE" : refund.state;
}

// What fails takes its share of the fee with it, as on the account.
Money fee_given_back(const Refund& refund) {
    return refund.state == "CLOSED" ? Money{} : refund.fee_back;
}

Values refund_row(
    TradeBillType type, const MerchantSide& merchant, const BilledRefund& billed, Sums& sums
) {
    const Refund& refund = billed.refund;
    Values row = head_of(merchant, billed.trade, refund.created_at, "REFUND");
    append(row, {"0.00", "0.00"});
    if (type == TradeBillType::refund) {
        const bool done = refund.state == "SUCCESS" && refund.settled_at;
        append(
            row, {beijing_text(refund.created_at), done ? beijing_text(*refund.settled_at) : ""}
        );
    }
    append(
        row,
        {refund.refund_id,
         refund.out_refund_no,
         refund.payer_refund.to_yuan(),
         "0.00",
         "ORIGINAL",
         status_of(refund),
         billed.trade.description,
         billed.trade.attach.value_or(""),
         fee_text(Money{} - fee_given_back(refund)),
         "0.60%",
         "0.00",
         refund.amount.to_yuan(),
         ""}
    );
    ++sums.rows;
    sums.refunded += refund.payer_refund;
    sums.fees -= fee_given_back(refund);
    sums.asked_back += refund.amount;
    return row;
}

std::vector<std::string_view> columns_of(TradeBillType type) {
    std::vector<std::string_view> names{
        "交易时间",
        "公众账号ID",
        "商户号",
        "特约商户号",
        "设备号",
        "微信订单号",
        "商户订单号",
        "用户标识",
        "交易类型",
        "交易状态",
        "付款银行",
        "货币种类",
        "应结订单金额",
        "代金券金额"};
    if (type == TradeBillType::refund) {
        names.insert(names.end(), {"退款申请时间", "退款成功时间"});
    }
    if (type != TradeBillType::success) {
        names.insert(
            names.end(),
            {"微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"}
        );
    }
    names.insert(names.end(), {"商品名称", "商户数据包", "手续费", "费率", "订单金额"});
    if (type != TradeBillType::success) names.push_back("申请退款金额");
    names.push_back("费率备注");
    return names;
}

std::string summary(TradeBillType type, const Sums& sums) {
    const std::string rows = std::to_string(sums.rows);
    if (type == TradeBillType::success) {
        return header_line({"总交易单数", "应结订单总金额", "手续费总金额", "订单总金额"}) +
               value_line(
                   {rows, sums.settled.to_yuan(), fee_text(sums.fees), sums.ordered.to_yuan()}
               );
    }
    return header_line(
               {"总交易单数",
                "应结订单总金额",
                "退款总金额",
                "充值券退款总金额",
                "手续费总金额",
                "订单总金额",
                "申请退款总金额"}
           ) +
           value_line(
               {rows,
                sums.settled.to_yuan(),
                sums.refunded.to_yuan(),
                "0.00",
                fee_text(sums.fees),
                sums.ordered.to_yuan(),
                sums.asked_back.to_yuan()}
           );
}

struct Wording {
    const char* name;
    const char* type;
};

Wording wording_of(const Entry& entry) {
    if (entry.kind == "payment") return {"交易", "交易"};
    if (entry.kind == "refund") return {"退款", "退款"};
    if (entry.kind == "refund_back") return {"退款", "退款退回"};
    return {"交易", "扣除交易手续费"};
}

Money absolute(Money money) { return money.is_negative() ? Money{} - money : money; }

}  // namespace

std::string trade_bill(
    TradeBillType type,
    const MerchantSide& merchant,
    const std::vector<Trade>& payments,
    const std::vector<BilledRefund>& refunds
) {
    Sums sums;
    std::string text = std::string{kMark} + header_line(columns_of(type));
    for (const Trade& trade : payments) {
        text += value_line(payment_row(type, merchant, trade, sums));
    }
    for (const BilledRefund& billed : refunds) {
        text += value_line(refund_row(type, merchant, billed, sums));
    }
    return text + summary(type, sums);
}

std::string fund_bill(
    const MerchantSide& merchant, const std::vector<Entry>& entries, Money balance
) {
    std::string text = std::string{kMark} + header_line(
                                                {"记账时间",
                                                 "微信支付业务单号",
                                                 "资金流水单号",
                                                 "业务名称",
                                                 "业务类型",
                                                 "收支类型",
                                                 "收支金额(元)",
                                                 "账户结余(元)",
                                                 "资金变更提交申请人",
                                                 "备注",
                                                 "业务凭证号"}
                                            );
    std::int64_t incomes = 0;
    Money income;
    Money expense;
    for (const Entry& entry : entries) {
        const bool in = !entry.amount.is_negative();
        const Money amount = absolute(entry.amount);
        balance += entry.amount;
        incomes += in ? 1 : 0;
        (in ? income : expense) += amount;
        const auto [name, type] = wording_of(entry);
        const std::string flow = merchant.mchid + without_dashes(beijing_day(entry.at)) +
                                 std::to_string(1'000'000'000 + entry.id);
        const std::string who = entry.kind == "refund" ? merchant.mchid + "API" : "system";
        text += value_line(
            {beijing_text(entry.at),
             entry.reference,
             flow,
             name,
             type,
             in ? "收入" : "支出",
             amount.to_yuan(),
             signed_yuan(balance),
             who,
             entry.note,
             entry.merchant_no}
        );
    }
    const auto rows = static_cast<std::int64_t>(entries.size());
    text += header_line({"资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"});
    return text + value_line(
                      {std::to_string(rows) + ".0",
                       std::to_string(incomes) + ".0",
                       income.to_yuan(),
                       std::to_string(rows - incomes) + ".0",
                       expense.to_yuan()}
                  );
}

}  // namespace doorbuster::sandbox::wechat_pay
