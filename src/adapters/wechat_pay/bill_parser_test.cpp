#include "adapters/wechat_pay/bill_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/pay_wire/base64.hpp"
#include "support/payment_vectors.hpp"

namespace doorbuster::wechat_pay {
namespace {

using Kind = BillRow::Kind;
using test::text_at;
using testing::HasSubstr;

struct Bill {
    std::vector<BillRow> rows;
    BillSummary summary;
    std::string wrong;  // why it is none

    std::vector<BillRow> of(Kind kind) const {
        std::vector<BillRow> some;
        for (const BillRow& row : rows) {
            if (row.kind == kind) some.push_back(row);
        }
        return some;
    }
};

Bill read(BillKind kind, const std::string& text, std::size_t piece = 1000) {
    Bill bill;
    BillParser parser{kind, [&](const BillRow& row) { bill.rows.push_back(row); }};
    try {
        for (std::size_t at = 0; at < text.size(); at += piece) parser.take(text.substr(at, piece));
        bill.summary = parser.finish();
    } catch (const BadBill& bad) {
        bill.wrong = bad.what();
    }
    return bill;
}
Bill trade(const std::string& text) { return read(BillKind::trade, text); }
Bill fund(const std::string& text) { return read(BillKind::fund, text); }

std::string raw(const boost::json::value& a_case) {
    return *pay_wire::from_base64(text_at(a_case, "raw_b64"));
}

void expect_trade_bill(const Bill& bill, const boost::json::object& expected) {
    EXPECT_EQ(bill.rows.size(), static_cast<std::size_t>(expected.at("rows").as_int64()));
    EXPECT_EQ(bill.summary.payments + bill.summary.refunds, expected.at("count").as_int64());
    EXPECT_EQ(bill.summary.paid.fen(), expected.at("order_total").as_int64());
    EXPECT_EQ(bill.summary.refunded.fen(), expected.at("refund_total").as_int64());
    const auto payments = bill.of(Kind::payment);
    ASSERT_EQ(payments.size(), expected.at("payments").as_array().size());
    for (std::size_t i = 0; i < payments.size(); ++i) {
        const auto& wanted = expected.at("payments").at(i);
        EXPECT_EQ(payments[i].out_trade_no, wanted.at(0).as_string().c_str());
        EXPECT_EQ(payments[i].amount.fen(), wanted.at(1).as_int64());
    }
    const auto refunds = bill.of(Kind::refund);
    ASSERT_EQ(refunds.size(), expected.at("refunds").as_array().size());
    for (std::size_t i = 0; i < refunds.size(); ++i) {
        const auto& wanted = expected.at("refunds").at(i);
        EXPECT_EQ(refunds[i].out_refund_no, wanted.at(0).as_string().c_str());
        EXPECT_EQ(refunds[i].amount.fen(), wanted.at(1).as_int64());
        EXPECT_EQ(refunds[i].status, wanted.at(2).as_string().c_str());
    }
}

void expect_fund_bill(const Bill& bill, const boost::json::object& expected) {
    EXPECT_EQ(bill.rows.size(), static_cast<std::size_t>(expected.at("count").as_int64()));
    EXPECT_EQ(bill.summary.paid.fen(), expected.at("income_total").as_int64());
    EXPECT_EQ(bill.summary.refunded.fen(), expected.at("expense_total").as_int64());
}

TEST(BillVectors, are_read_as_they_say_in_pieces_of_any_size) {
    const auto& cases = test::payment_cases("wechat-bill");
    ASSERT_EQ(cases.size(), 4u);
    for (const auto& a_case : cases) {
        SCOPED_TRACE(text_at(a_case, "name"));
        const auto& expected = a_case.at("expected").as_object();
        const bool is_trade = text_at(a_case, "kind") == "tradebill";
        for (const std::size_t piece : {1u, 7u, 64u, 100'000u}) {
            const Bill bill = read(is_trade ? BillKind::trade : BillKind::fund, raw(a_case), piece);
            ASSERT_EQ(bill.wrong, "");
            (is_trade ? expect_trade_bill : expect_fund_bill)(bill, expected);
        }
    }
}

TEST(TradeBill, has_everything_that_reconciliation_asks_for) {
    const Bill bill = trade(raw(test::payment_cases("wechat-bill").at(0)));
    const BillRow& payment = bill.rows.at(0);
    EXPECT_EQ(payment.transaction_id, "4200002214202611219384756101");
    EXPECT_EQ(payment.out_refund_no, "");
    EXPECT_EQ(payment.status, "SUCCESS");
    EXPECT_EQ(payment.at, *from_rfc3339("2026-11-21T10:00:01+08:00"));
    EXPECT_EQ(payment.fee, Money::fen(1));
    EXPECT_TRUE(payment.income);
    const BillRow& refund = bill.rows.at(2);
    EXPECT_EQ(refund.out_trade_no, "SK20261121000001");
    EXPECT_EQ(refund.refund_id, "50302030148218522032126281690");
    EXPECT_EQ(refund.fee, Money::fen(0)) << "0.2 fen came back";
    EXPECT_FALSE(refund.income);
    EXPECT_EQ(bill.summary.payments, 2);
    EXPECT_EQ(bill.summary.refunds, 1);
    EXPECT_EQ(bill.summary.fees, Money::fen(53)) << "as told: rows are rounded otherwise";
}

constexpr std::string_view kHeader =
    "交易时间,微信订单号,商户订单号,交易状态,货币种类,微信退款单号,商户退款单号,退款状态,"
    "商品名称,商户数据包,手续费,订单金额,申请退款金额\n";
constexpr std::string_view kTotals = "总交易单数,订单总金额,申请退款总金额\n";

std::string bill_of(const std::string& rows, const std::string& totals) {
    return std::string{kHeader} + rows + std::string{kTotals} + totals;
}
std::string payment_row(const std::string& name, const std::string& amount = "1.00") {
    return "`2026-11-21 10:00:01,`4200,`SK2026112101,`SUCCESS,`CNY,`0,`0,`,`" + name +
           ",`a=1,`0.00600,`" + amount + ",`0.00\n";
}

TEST(TradeBill, no_text_of_the_merchants_moves_a_value) {
    for (const std::string name :
         {"a,b", ",`", "x,`0.01,`0.02", "`", "``,`,`", "名称,`SUCCESS,`CNY", ",", ""}) {
        const Bill bill = trade(bill_of(payment_row(name), "`1,`1.00,`0.00\n"));
        ASSERT_EQ(bill.wrong, "") << name;
        EXPECT_EQ(bill.rows.at(0).amount, Money::fen(100)) << name;
        EXPECT_EQ(bill.rows.at(0).fee, Money::fen(1)) << name << ": 0.6 fen";
        EXPECT_EQ(bill.rows.at(0).kind, Kind::payment) << name;
    }
}

TEST(TradeBill, whose_totals_are_not_those_of_its_rows_is_none) {
    const std::string row = payment_row("x");
    EXPECT_EQ(trade(bill_of(row, "`1,`1.00,`0.00\n")).wrong, "");
    for (const char* totals :
         {"`2,`1.00,`0.00\n", "`1,`1.01,`0.00\n", "`1,`1.00,`0.01\n", "`1.5,`1.00,`0.00\n"}) {
        EXPECT_THAT(trade(bill_of(row, totals)).wrong, HasSubstr("is not that of the rows"));
    }
    EXPECT_NE(trade(bill_of("", "`1,`1.00,`0.00\n")).wrong, "") << "a row is missing";
    EXPECT_NE(trade(bill_of(row + row, "`1,`1.00,`0.00\n")).wrong, "") << "one came twice";
}

TEST(TradeBill, a_refund_may_repeat_the_amount_of_its_order) {
    const auto refund = [](const std::string& ordered) {
        return "`2026-11-21 11:00:00,`4200,`SK2026112101,`REFUND,`CNY,`503,`RF1,`PROCESSING,`x,`,"
               "`-0.00200,`" +
               ordered + ",`0.30\n";
    };
    for (const std::string ordered : {"0.00", "1.00"}) {
        const Bill bill = trade(bill_of(payment_row("x") + refund(ordered), "`2,`1.00,`0.30\n"));
        EXPECT_EQ(bill.wrong, "") << ordered;
        EXPECT_EQ(bill.summary.paid, Money::fen(100)) << ordered;
        EXPECT_EQ(bill.summary.refunded, Money::fen(30)) << ordered;
    }
}

TEST(TradeBill, in_the_layout_of_before_2018_is_read_too) {
    const Bill bill = trade(
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
        "交易状态,付款银行,货币种类,总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,"
        "企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率\n"
        "`2026-11-21 10:00:01,`wx1,`19,`0,`,`4200,`SK2026112101,`o,`NATIVE,`SUCCESS,`X,`CNY,`1.00,"
        "`0.00,`0,`0,`0,`0,`,`,`x,`,`0.01000,`0.60%\n"
        "`2026-11-21 10:00:02,`wx1,`19,`0,`,`4200,`SK2026112101,`o,`NATIVE,`REFUND,`X,`CNY,`0,`0,"
        "`503,`RF1,`0.30,`0,`ORIGINAL,`SUCCESS,`x,`,`-0.00200,`0.60%\n"
        "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额\n"
        "`2,`1.00,`0.30,`0.00,`0.01000\n"
    );
    ASSERT_EQ(bill.wrong, "");
    EXPECT_EQ(bill.rows.at(0).amount, Money::fen(100));
    EXPECT_EQ(bill.rows.at(1).amount, Money::fen(30));
    EXPECT_EQ(bill.rows.at(1).out_refund_no, "RF1");
}

TEST(TradeBill, another_state_is_neither_payment_nor_refund) {
    std::string row = payment_row("x");
    row.replace(row.find("SUCCESS"), 7, "REVOKED");
    const Bill bill = trade(bill_of(row, "`1,`1.00,`0.00\n"));
    ASSERT_EQ(bill.wrong, "");
    EXPECT_EQ(bill.rows.at(0).kind, Kind::other);
    EXPECT_EQ(bill.summary.paid, Money{});
}

TEST(TradeBill, that_is_cut_anywhere_is_none) {
    const std::string whole = bill_of(payment_row("a,b"), "`1,`1.00,`0.00\n");
    ASSERT_EQ(trade(whole).wrong, "");
    ASSERT_EQ(trade(whole.substr(0, whole.size() - 1)).wrong, "") << "but for the last line break";
    // Cut inside its last number, the file says less than it did, which only its hash can tell.
    for (std::size_t length = 0; length + 4 < whole.size(); ++length) {
        EXPECT_NE(trade(whole.substr(0, length)).wrong, "") << length;
    }
}

TEST(TradeBill, with_a_value_that_cannot_be_is_none_and_the_line_is_named) {
    const std::string good = payment_row("x");
    const std::pair<const char*, const char*> changes[] = {
        {"1.00", "1.001"},
        {"1.00", "-1.00"},
        {"1.00", "1e2"},
        {"1.00", ""},
        {"1.00", "99999999999.00"},
        {"2026-11-21 10", "2026-11-31 10"},
        {"2026-11-21 10", "2026-11-21 24"},
        {"CNY", "USD"},
        {"SK2026112101", "SK 2026"},
        {"SUCCESS", "SUC\xff"},
        {"SUCCESS", "SUC\x01"},
        {"SUCCESS", "REFUND,`x"},
        {"`4200,", ""},
    };
    for (const auto& [from, to] : changes) {
        std::string row = good;
        row.replace(row.find(from), std::string_view{from}.size(), to);
        const std::string wrong = trade(bill_of(row, "`1,`1.00,`0.00\n")).wrong;
        EXPECT_THAT(wrong, HasSubstr("line 2: ")) << to;
    }
}

TEST(TradeBill, of_other_lines_than_those_of_a_bill_is_none) {
    const std::string row = payment_row("x");
    const std::string totals{kTotals};
    const std::string last = "`1,`1.00,`0.00\n";
    for (const std::string& text :
         {std::string{},
          std::string{"\n\r\n"},
          std::string{R"({"code":"NO_AUTH"})"},
          row + totals + last,
          std::string{kHeader} + row + totals + last + row,
          std::string{kHeader} + row + totals + totals,
          std::string{kHeader} + row + last,
          std::string{"商户订单号\n"} + totals + last,
          std::string(300, ',') + "\n",
          std::string{kHeader} + "`" + std::string(70'000, 'x')}) {
        EXPECT_NE(trade(text).wrong, "") << text.substr(0, 100);
    }
}

constexpr std::string_view kFundHeader =
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号\n";
constexpr std::string_view kFundTotals = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n";

TEST(FundBill, says_what_came_and_what_went_and_under_which_numbers) {
    const Bill bill = fund(raw(test::payment_cases("wechat-bill").at(3)));
    ASSERT_EQ(bill.rows.size(), 3u);
    EXPECT_EQ(bill.rows[0].kind, Kind::payment);
    EXPECT_EQ(bill.rows[0].out_trade_no, "SK20261121000001");
    EXPECT_EQ(bill.rows[0].transaction_id, "4200002214202611219384756101");
    EXPECT_TRUE(bill.rows[0].income);
    EXPECT_EQ(bill.rows[1].kind, Kind::fee);
    EXPECT_EQ(bill.rows[1].fee, Money::fen(1));
    EXPECT_FALSE(bill.rows[1].income);
    EXPECT_EQ(bill.rows[2].kind, Kind::refund);
    EXPECT_EQ(bill.rows[2].out_refund_no, "RF20261121000001");
    EXPECT_EQ(bill.rows[2].refund_id, "50302030148218522032126281690");
    EXPECT_EQ(bill.rows[2].out_trade_no, "");
    EXPECT_EQ(bill.summary.fees, Money::fen(1));
}

TEST(FundBill, whose_totals_are_not_those_of_its_rows_is_none) {
    const std::string row =
        "`2026-11-21 10:00:02,`4200,`1900,`交易,`交易,`收入,`1.00,`1.00,`system,`a,`b,`SK1\n";
    const auto with = [&](const std::string& totals) {
        return fund(std::string{kFundHeader} + row + std::string{kFundTotals} + totals).wrong;
    };
    EXPECT_EQ(with("`1,`1,`1.00,`0,`0.00\n"), "");
    for (const char* totals :
         {"`2,`1,`1.00,`0,`0.00\n",
          "`1,`0,`1.00,`0,`0.00\n",
          "`1,`1,`1.01,`0,`0.00\n",
          "`1,`1,`1.00,`1,`0.00\n",
          "`1,`1,`1.00,`0,`0.01\n",
          "`1,`1,`1.00,`0,`x\n"}) {
        EXPECT_NE(with(totals), "") << totals;
    }
}

TEST(FundBill, knows_other_movements_from_payments) {
    const Bill bill = fund(
        std::string{kFundHeader} +
        "`2026-11-21 10:00:02,`4200,`1,`提现,`提现,`支出,`5.00,`1.00,`system,`,`\n" +
        "`2026-11-21 10:00:03,`4200,`2,`退还手续费,`退还交易手续费,`收入,`0.01,`1,`s,`,`SK1\n" +
        std::string{kFundTotals} + "`2,`1,`0.01,`1,`5.00\n"
    );
    ASSERT_EQ(bill.wrong, "");
    EXPECT_EQ(bill.rows[0].kind, Kind::other);
    EXPECT_EQ(bill.rows[1].kind, Kind::fee);
    EXPECT_EQ(bill.summary.fees, Money::fen(-1)) << "it came back";
}

TEST(BillLine, amounts_are_exact_to_a_thousandth_of_a_fen) {
    const std::pair<const char*, std::int64_t> good[] = {
        {"0", 0},
        {"0.1", 10'000},
        {"0.01000", 1000},
        {"-0.00200", -200},
        {"88.88", 8'888'000},
        {"1.000000000", 100'000}};
    for (const auto& [text, value] : good) EXPECT_EQ(parse_millifen(text), value) << text;
    for (const char* text :
         {"", "-", ".", "1.", ".1", "+1", "1,0", " 1", "1e2", "0.000001", "12345678901", "--1"}) {
        EXPECT_FALSE(parse_millifen(text)) << text;
    }
}

}  // namespace
}  // namespace doorbuster::wechat_pay
