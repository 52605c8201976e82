#include "sandbox/alipay/bill.hpp"

#include <algorithm>

#include "sandbox/alipay/gateway.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox::alipay {

namespace {

using Values = std::vector<std::string>;

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kDashes = "-----------------------------------------";

std::string yuan(Money money) {
    return money.is_negative() ? "-" + (Money{} - money).to_yuan() : money.to_yuan();
}
Money minus(Money money) { return Money{} - money; }

// Nothing quotes a comma: one in a text of the merchant becomes a space, as control characters do.
std::string cell(std::string_view text) {
    std::string value{text};
    std::replace_if(
        value.begin(),
        value.end(),
        [](char c) { return c == ',' || static_cast<unsigned char>(c) < 0x20; },
        ' '
    );
    return value;
}
std::string tabbed(std::string_view text) { return cell(text) + "\t"; }

std::string line(const Values& values) {
    std::string text;
    for (const auto& value : values) text.append(text.empty() ? "" : ",").append(value);
    return text.append(kEnd);
}

std::string comment(const std::string& text) { return "#" + text + std::string{kEnd}; }

std::string chinese_day(const std::string& day) {
    return day.substr(0, 4) + "年" + day.substr(5, 2) + "月" + day.substr(8, 2) + "日";
}

std::string list_edge(const std::string& name) {
    return comment(std::string{kDashes} + name + std::string{kDashes});
}

std::string head(const BillFrame& frame, const std::string& title) {
    const std::string day = chinese_day(frame.day);
    return comment("支付宝" + title + "查询") + comment("账号：[" + frame.seller_id + "0156]") +
           comment("起始日期：[" + day + " 00:00:00]   终止日期：[" + day + " 24:00:00]");
}

std::string foot(const BillFrame& frame) {
    const std::string text = beijing_text(frame.made_at);
    return comment("导出时间：[" + chinese_day(text) + text.substr(10) + "]");
}

ZipEntry entry(const BillFrame& frame, const std::string& name, const std::string& text) {
    return {
        to_gbk(frame.seller_id + "0156_" + without_dashes(frame.day) + "_" + name + ".csv"),
        to_gbk(text)};
}

struct Sums {
    std::int64_t payments = 0;
    std::int64_t refunds = 0;
    Money ordered;
    Money received;
    Money given_back;
    Money discounts;
    Money discounts_back;
    Money fees;  // as the merchant's account sees them: negative
};

struct TradeRow {
    const char* type;
    Money amount;
    Money received;
    Money discount;
    Money fee;
    Time done_at;
    std::string request_no;
};

std::string trade_line(const Trade& trade, const TradeRow& row) {
    return line(
        {tabbed(trade.trade_no),
         tabbed(trade.terms.out_trade_no),
         tabbed(row.type),
         cell(trade.terms.subject) + "            ",
         beijing_text(trade.terms.created_at),
         beijing_text(row.done_at),
         "\t",
         "\t",
         "\t",
         "\t",
         masked(trade.buyer),
         yuan(row.amount),
         yuan(row.received),
         "0.00",
         "0.00",
         "0.00",
         yuan(row.discount),
         "0.00",
         "",
         "0.00\t",
         "0.00",
         tabbed(row.request_no),
         yuan(row.fee),
         "0.00",
         cell(trade.terms.body)}
    );
}

std::string payment_line(const Trade& trade, Sums& sums) {
    const Money discount = trade.terms.total - trade.payer_total;
    ++sums.payments;
    sums.ordered += trade.terms.total;
    sums.received += trade.payer_total;
    sums.discounts += discount;
    sums.fees -= trade.fee;
    return trade_line(
        trade,
        {"交易",
         trade.terms.total,
         trade.payer_total,
         discount,
         minus(trade.fee),
         *trade.paid_at,
         ""}
    );
}

std::string refund_line(const BilledRefund& billed, Sums& sums) {
    const Refund& refund = billed.refund;
    const Money discount = refund.amount - refund.payer_refund;
    ++sums.refunds;
    sums.ordered -= refund.amount;
    sums.given_back += refund.payer_refund;
    sums.discounts_back += discount;
    sums.fees += refund.fee_back;
    return trade_line(
        billed.trade,
        {"退款",
         minus(refund.amount),
         minus(refund.payer_refund),
         minus(discount),
         refund.fee_back,
         *refund.settled_at,
         refund.out_request_no}
    );
}

std::string totals(const BillFrame& frame, const Sums& sums) {
    const Money received = frame.wrong_totals ? sums.received + Money::fen(1) : sums.received;
    return comment(
               "交易合计：" + std::to_string(sums.payments) + "笔，商家实收共" + yuan(received) +
               "元，商家优惠共" + yuan(sums.discounts) + "元"
           ) +
           comment(
               "退款合计：" + std::to_string(sums.refunds) + "笔，商家实收退款共" +
               yuan(minus(sums.given_back)) + "元，商家优惠退款共" +
               yuan(minus(sums.discounts_back)) + "元"
           );
}

std::string summary(const BillFrame& frame, const Sums& sums) {
    const Money net = sums.received - sums.given_back;
    return head(frame, "业务汇总") + list_edge("业务汇总列表") +
           line(
               {"门店编号",
                "门店名称",
                "交易订单总笔数",
                "退款订单总笔数",
                "订单金额（元）",
                "商家实收（元）",
                "支付宝优惠（元）",
                "商家优惠（元）",
                "卡消费金额（元）",
                "服务费（元）",
                "分润（元）",
                "实收净额（元）"}
           ) +
           line(
               {"合计",
                "\t",
                std::to_string(sums.payments),
                std::to_string(sums.refunds),
                yuan(sums.ordered),
                yuan(net),
                "0.00",
                yuan(sums.discounts - sums.discounts_back),
                "0.00",
                yuan(sums.fees),
                "0.00",
                yuan(net + sums.fees)}
           ) +
           list_edge("业务汇总列表结束") + foot(frame);
}

const char* fund_type(const Entry& entry) {
    if (entry.kind == "payment") return "在线支付";
    if (entry.kind == "refund") return "交易退款";
    return entry.kind == "fee" ? "收费" : "退费";
}

std::string fund_line(const Entry& entry, Money balance) {
    const bool in = !entry.amount.is_negative();
    return line(
        {tabbed(without_dashes(beijing_day(entry.at)) + std::to_string(100'000'000 + entry.id)),
         tabbed(entry.reference),
         tabbed(entry.merchant_no),
         tabbed(entry.note),
         beijing_text(entry.at),
         "\t",
         in ? yuan(entry.amount) : "0.00",
         in ? "0.00" : yuan(entry.amount),
         yuan(balance),
         "支付宝\t",
         tabbed(fund_type(entry)),
         tabbed("")}
    );
}

}  // namespace

std::vector<ZipEntry> trade_bill(
    const BillFrame& frame,
    const std::vector<Trade>& payments,
    const std::vector<BilledRefund>& refunds
) {
    Sums sums;
    std::string text = head(frame, "业务明细") + list_edge("业务明细列表") +
                       line(
                           {"支付宝交易号",
                            "商户订单号",
                            "业务类型",
                            "商品名称",
                            "创建时间",
                            "完成时间",
                            "门店编号",
                            "门店名称",
                            "操作员",
                            "终端号",
                            "对方账户",
                            "订单金额（元）",
                            "商家实收（元）",
                            "支付宝红包（元）",
                            "集分宝（元）",
                            "支付宝优惠（元）",
                            "商家优惠（元）",
                            "券核销金额（元）",
                            "券名称",
                            "商家红包消费金额（元）",
                            "卡消费金额（元）",
                            "退款批次号/请求号",
                            "服务费（元）",
                            "分润（元）",
                            "备注"}
                       );
    for (const Trade& trade : payments) text += payment_line(trade, sums);
    for (const BilledRefund& billed : refunds) text += refund_line(billed, sums);
    text += list_edge("业务明细列表结束") + totals(frame, sums) + foot(frame);
    return {entry(frame, "业务明细", text), entry(frame, "业务明细(汇总)", summary(frame, sums))};
}

std::vector<ZipEntry> fund_bill(
    const BillFrame& frame, const std::vector<Entry>& entries, Money balance
) {
    std::string text = head(frame, "账务明细") + list_edge("账务明细列表") +
                       line(
                           {"账务流水号",
                            "业务流水号",
                            "商户订单号",
                            "商品名称",
                            "发生时间",
                            "对方账号",
                            "收入金额（+元）",
                            "支出金额（-元）",
                            "账户余额（元）",
                            "交易渠道",
                            "业务类型",
                            "备注"}
                       );
    std::int64_t incomes = 0;
    Money income;
    Money expense;
    for (const Entry& one : entries) {
        const bool in = !one.amount.is_negative();
        balance += one.amount;
        incomes += in ? 1 : 0;
        (in ? income : expense) += one.amount;
        text += fund_line(one, balance);
    }
    const auto expenses = static_cast<std::int64_t>(entries.size()) - incomes;
    const Money told = frame.wrong_totals ? income + Money::fen(1) : income;
    text += list_edge("账务明细列表结束") +
            comment("支出合计：" + std::to_string(expenses) + "笔，共" + yuan(expense) + "元") +
            comment("收入合计：" + std::to_string(incomes) + "笔，共" + yuan(told) + "元") +
            foot(frame);
    const std::string sums =
        head(frame, "账务汇总") + list_edge("账务汇总列表") +
        line({"类型", "收入（笔数）", "收入金额（+元）", "支出（笔数）", "支出金额（-元）"}) +
        line(
            {"合计", std::to_string(incomes), yuan(income), std::to_string(expenses), yuan(expense)}
        ) +
        list_edge("账务汇总列表结束") + foot(frame);
    return {entry(frame, "账务明细", text), entry(frame, "账务明细(汇总)", sums)};
}

}  // namespace doorbuster::sandbox::alipay
