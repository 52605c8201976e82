#include "adapters/alipay/bill_text.hpp"

#include <gtest/gtest.h>

#include "adapters/alipay/beijing_time.hpp"
#include "support/seeded_random.hpp"
#include "support/zip_writer.hpp"

namespace doorbuster::alipay {
namespace {

using Kind = BillRow::Kind;

const std::string kTradeHead =
    "#支付宝业务明细查询\r\n#账号：[20880000]\r\n"
    "#-----------------------------------------业务明细列表----------------------------------------"
    "\r\n"
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
    "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/"
    "请求号,服务费（元）,分润（元）,备注\r\n";

std::string trade_row(
    const std::string& number,
    const std::string& type,
    const std::string& amount,
    const std::string& received,
    const std::string& fee,
    const std::string& refund = "",
    const std::string& title = "商品    "
) {
    return "T" + number + "\t," + number + "\t," + type + "\t," + title +
           ",2026-11-21 10:00:00,2026-11-21 10:00:05,\t,\t,\t,\t,*三(159****5620)," + amount + "," +
           received + ",0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00," + refund + "\t," + fee +
           ",0.00,\r\n";
}

std::string trade_end(const std::string& payments, const std::string& refunds) {
    return "#-----------------------------------------业务明细列表结束-----------------------------"
           "-------\r\n"
           "#交易合计：" +
           payments + "元，商家优惠共0.00元\r\n#退款合计：" + refunds +
           "元，商家优惠退款共0.00元\r\n#导出时间：[2026年11月22日 09:00:00]\r\n";
}

struct Read {
    std::vector<BillRow> rows;
    BillSummary summary;
    std::string refusal;
};

Read read(BillKind kind, const std::string& bytes, std::size_t piece = 1 << 20) {
    Read result;
    const std::function<void(const BillRow&)> keep = [&](const BillRow& row) {
        result.rows.push_back(row);
    };
    try {
        BillText text{kind, keep};
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            if (!text.take(std::string_view{bytes}.substr(at, piece))) {
                result.refusal = "not the details";
                return result;
            }
        }
        result.summary = text.finish();
    } catch (const BadBill& bad) {
        result.refusal = bad.what();
    }
    return result;
}

Read read_trade(const std::string& utf8, std::size_t piece = 1 << 20) {
    return read(BillKind::trade, test::to_gb18030(utf8), piece);
}

const std::string kGood = kTradeHead + trade_row("SK1", "交易", "88.88", "80.00", "-0.53") +
                          trade_row("SK2", "交易", "0.10", "0.10", "-0.00") +
                          trade_row("SK1", "退款", "-0.30", "-0.30", "0.02", "RF1") +
                          trade_end("2笔，商家实收共80.10", "1笔，商家实收退款共-0.30");

TEST(BillText, of_trades_is_read_row_by_row) {
    const Read bill = read_trade(kGood);
    ASSERT_EQ(bill.refusal, "");
    ASSERT_EQ(bill.rows.size(), 3u);
    const BillRow& payment = bill.rows[0];
    EXPECT_EQ(payment.kind, Kind::payment);
    EXPECT_EQ(payment.out_trade_no, "SK1");
    EXPECT_EQ(payment.transaction_id, "TSK1");
    EXPECT_EQ(payment.out_refund_no, "");
    EXPECT_EQ(payment.amount, Money::fen(8888)) << "the order's, coupons included";
    EXPECT_EQ(payment.fee, Money::fen(53));
    EXPECT_EQ(payment.status, "交易");
    EXPECT_EQ(payment.at, from_rfc3339("2026-11-21T02:00:05Z"));
    const BillRow& refund = bill.rows[2];
    EXPECT_EQ(refund.kind, Kind::refund);
    EXPECT_EQ(refund.out_refund_no, "RF1");
    EXPECT_EQ(refund.amount, Money::fen(30));
    EXPECT_EQ(refund.fee, Money::fen(2));
    EXPECT_EQ(bill.summary.payments, 2);
    EXPECT_EQ(bill.summary.refunds, 1);
    EXPECT_EQ(bill.summary.paid, Money::fen(8898));
    EXPECT_EQ(bill.summary.refunded, Money::fen(30));
    EXPECT_EQ(bill.summary.fees, Money::fen(51));
}

TEST(BillText, may_come_in_any_pieces_and_in_utf8) {
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 64u}) {
        EXPECT_EQ(read_trade(kGood, piece).refusal, "") << piece;
        EXPECT_EQ(read_trade(kGood, piece).rows.size(), 3u);
    }
    EXPECT_EQ(read(BillKind::trade, kGood).rows.size(), 3u);
    EXPECT_EQ(read(BillKind::trade, "\xef\xbb\xbf" + kGood).rows.size(), 3u);
}

TEST(BillText, that_is_not_whole_or_does_not_add_up_is_refused) {
    const std::string rows = kTradeHead + trade_row("SK1", "交易", "1.00", "1.00", "0");
    const auto refused = [&](const std::string& payments, const std::string& refunds) {
        return !read_trade(rows + trade_end(payments, refunds)).refusal.empty();
    };
    const std::string none = "0笔，商家实收退款共0.00";
    EXPECT_FALSE(refused("1笔，商家实收共1.00", none));
    EXPECT_TRUE(refused("2笔，商家实收共1.00", none));
    EXPECT_TRUE(refused("1笔，商家实收共1.01", none));
    EXPECT_TRUE(refused("1笔，商家实收共1.00", "1笔，商家实收退款共0.00"));
    EXPECT_TRUE(refused("笔，商家实收共1.00", none));
    EXPECT_TRUE(refused("1笔，商家实收1.00", none));
    EXPECT_TRUE(refused("1笔，商家实收共壹", none));
    EXPECT_NE(read_trade(rows).refusal, "") << "cut before the end";
    EXPECT_NE(read_trade(kTradeHead).refusal, "");
    EXPECT_NE(read_trade("").refusal, "");
    const std::string end = trade_end("1笔，商家实收共1.00", none);
    EXPECT_NE(read_trade(rows + end.substr(0, end.find("#退款"))).refusal, "") << "half the totals";
    EXPECT_NE(read_trade(rows + end + trade_row("SK2", "交易", "1", "1", "0")).refusal, "");
    EXPECT_NE(read_trade(rows + end + end).refusal, "") << "two ends";
}

TEST(BillText, cut_anywhere_before_its_totals_is_refused) {
    const std::string bytes = test::to_gb18030(kGood);
    const std::size_t totals = bytes.find(test::to_gb18030("#退款合计"));
    for (std::size_t length = 0; length <= totals; length += 3) {
        EXPECT_NE(read(BillKind::trade, bytes.substr(0, length)).refusal, "") << length;
    }
}

TEST(BillText, with_fields_that_are_none_is_refused) {
    const auto refusal = [](const std::string& row) {
        return read_trade(kTradeHead + row).refusal;
    };
    for (const std::string& row :
         {trade_row("SK1", "交易", "", "1.00", "0"),
          trade_row("SK1", "交易", "1.00", "1,00", "0"),
          trade_row("SK1", "交易", "1.001", "1.00", "0"),
          trade_row("SK1", "交易", "-1.00", "-1.00", "0"),
          trade_row("SK1", "交易", "9999999999999.00", "1.00", "0"),
          trade_row("SK1", "交易", "1.00", "1.00", "free"),
          std::string{"T1,SK1,交易\r\n"}}) {
        EXPECT_TRUE(refusal(row).starts_with("line 5 ")) << refusal(row) << row.substr(0, 200);
    }
    EXPECT_NE(refusal(std::string(200'000, 'x')).find("too long"), std::string::npos);
    EXPECT_NE(
        read(BillKind::trade, test::to_gb18030(kTradeHead) + "T1,SK1,\xff\xff\r\n").refusal, ""
    );
}

TEST(BillText, needs_its_columns_by_name_and_no_others) {
    std::string without = kGood;
    without.replace(without.find("服务费"), std::string{"服务费"}.size(), "某某费");
    EXPECT_NE(read_trade(without).refusal.find("服务费"), std::string::npos);
    std::string ascii = kGood;
    for (auto at = ascii.find("（元）"); at != std::string::npos; at = ascii.find("（元）", at)) {
        ascii.replace(at, std::string{"（元）"}.size(), "(元)");
    }
    EXPECT_EQ(read_trade(ascii).rows.size(), 3u);
}

TEST(BillText, a_comma_in_a_title_moves_nothing) {
    for (const char* title : {"a,b", "a,b,c", "a,,,,", ",", "a,2026-11-21 10:00:00", "1.00,2.00"}) {
        const Read bill = read_trade(
            kTradeHead + trade_row("SK1", "交易", "1.00", "1.00", "-0.01", "", title) +
            trade_end("1笔，商家实收共1.00", "0笔，商家实收退款共0.00")
        );
        ASSERT_EQ(bill.refusal, "") << title;
        EXPECT_EQ(bill.rows.at(0).amount, Money::fen(100)) << title;
        EXPECT_EQ(bill.rows.at(0).fee, Money::fen(1)) << title;
    }
}

TEST(BillText, commas_in_a_title_and_in_a_remark_move_nothing) {
    for (const char* title : {"a", "a,b", "a,b,c"}) {
        std::string row = trade_row("SK1", "交易", "1.00", "1.00", "-0.01", "", title);
        row.insert(row.size() - 2, "r,s,t");
        const Read bill = read_trade(
            kTradeHead + row + trade_end("1笔，商家实收共1.00", "0笔，商家实收退款共0.00")
        );
        ASSERT_EQ(bill.refusal, "") << title;
        EXPECT_EQ(bill.rows.at(0).amount, Money::fen(100)) << title;
        EXPECT_EQ(bill.rows.at(0).fee, Money::fen(1)) << title;
    }
}

// They would end in the database, which takes UTF-8 only, and in an index.
TEST(BillText, numbers_that_no_payment_can_have_are_refused_or_nobodys) {
    const std::string end = trade_end("1笔，商家实收共1.00", "0笔，商家实收退款共0.00");
    for (const std::string& number :
         {std::string{"S K"}, std::string{"订单"}, std::string(65, '1')}) {
        const auto bill =
            read_trade(kTradeHead + trade_row(number, "交易", "1.00", "1.00", "0") + end);
        EXPECT_TRUE(bill.refusal.starts_with("line 5 ")) << bill.refusal;
        const auto other = read_trade(
            kTradeHead + trade_row(number, "转账", "1.00", "1.00", "0") +
            trade_row("SK1", "交易", "1.00", "1.00", "0") + end
        );
        ASSERT_EQ(other.refusal, "");
        EXPECT_EQ(other.rows.at(0).out_trade_no, "");
    }
}

TEST(BillText, a_line_that_is_too_long_is_so_in_any_pieces) {
    const std::string row =
        trade_row("SK1", "交易", "1.00", "1.00", "0", "", std::string(65'500, 'x'));
    const std::string bill =
        kTradeHead + row + trade_end("1笔，商家实收共1.00", "0笔，商家实收退款共0.00");
    for (const std::size_t piece : {1'000u, 40'000u, 65'536u, 1u << 20}) {
        EXPECT_NE(read_trade(bill, piece).refusal.find("too long"), std::string::npos) << piece;
    }
}

TEST(BillText, rows_of_unknown_kinds_are_told_and_not_counted) {
    const Read bill = read_trade(
        kTradeHead + trade_row("SK1", "转账", "-5.00", "-5.00", "0") +
        trade_end("0笔，商家实收共0.00", "0笔，商家实收退款共0.00")
    );
    ASSERT_EQ(bill.refusal, "");
    EXPECT_EQ(bill.rows.at(0).kind, Kind::other);
    EXPECT_EQ(bill.rows.at(0).status, "转账");
    EXPECT_EQ(bill.summary.paid, Money{});
}

TEST(BillText, other_files_are_told_apart) {
    EXPECT_EQ(read_trade("#支付宝业务汇总查询\r\n#x\r\n").refusal, "not the details");
    EXPECT_NE(read_trade("#支付宝账务明细查询\r\n").refusal, "");
    EXPECT_NE(read(BillKind::fund, test::to_gb18030(kGood)).refusal, "");
    EXPECT_NE(read(BillKind::trade, "<html>").refusal, "");
    EXPECT_NE(read(BillKind::trade, std::string(100'000, '\0')).refusal, "");
}

TEST(BillText, of_funds_tells_what_came_in_and_what_went_out) {
    const std::string bytes = test::to_gb18030(
        "#支付宝账务明细查询\r\n#账号：[20880000]\r\n#---账务明细列表---\r\n"
        "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-"
        "元）,"
        "账户余额（元）,交易渠道,业务类型,备注\r\n"
        "1\t,T1\t,SK1\t,商品,2026-11-21 10:00:05,*三,88.88,0.00,88.88,支付宝,在线支付,\t\r\n"
        "2\t,T1\t,SK1\t,商品,2026-11-21 10:00:05,*三,0.00,-0.53,88.35,支付宝,收费,服务费[SK1]\r\n"
        "3\t,T1\t,SK1\t,商品,2026-11-21 11:00:00,*三,,-0.30,88.05,支付宝,交易退款,\t\r\n"
        "4\t,T9\t,\t,\t,2026-11-21 12:00:00,银行,0.00,-50.00,38.05,支付宝,提现,\t\r\n"
        "#---账务明细列表结束---\r\n#支出合计：3笔，共-50.83元\r\n#收入合计：1笔，共88.88元\r\n"
    );
    const Read bill = read(BillKind::fund, bytes);
    ASSERT_EQ(bill.refusal, "");
    ASSERT_EQ(bill.rows.size(), 4u);
    const Kind kinds[] = {Kind::payment, Kind::fee, Kind::refund, Kind::other};
    const std::int64_t amounts[] = {8888, 53, 30, 5000};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(bill.rows[i].kind, kinds[i]) << i;
        EXPECT_EQ(bill.rows[i].amount.fen(), amounts[i]) << i;
        EXPECT_EQ(bill.rows[i].income, i == 0) << i;
    }
    EXPECT_EQ(bill.rows[0].transaction_id, "T1");
    EXPECT_EQ(bill.summary.paid, Money::fen(8888));
    EXPECT_EQ(bill.summary.refunds, 3);
    EXPECT_EQ(bill.summary.refunded, Money::fen(5083));
    EXPECT_EQ(bill.summary.fees, Money::fen(53));
}

TEST(BillText, random_bytes_and_changed_bills_never_break_it) {
    test::SeededRandom random{9};
    const std::string good = test::to_gb18030(kGood);
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string bytes = good;
        for (auto left = 1 + random.next_u64() % 4; left > 0; --left) {
            const auto at = random.next_u64() % bytes.size();
            if (random.next_u64() % 3 == 0) {
                bytes.erase(at, random.next_u64() % 40);
            } else {
                bytes[at] = static_cast<char>(random.next_u64());
            }
        }
        const Read bill = read(BillKind::trade, bytes, 1 + random.next_u64() % 300);
        refused += bill.refusal.empty() ? 0 : 1;
        EXPECT_TRUE(!bill.refusal.empty() || bill.summary.payments == 2);
    }
    EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace doorbuster::alipay
