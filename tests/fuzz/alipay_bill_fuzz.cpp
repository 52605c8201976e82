// The CSV of Alipay's bills, in GB18030 or UTF-8.
#include <algorithm>

#include "adapters/alipay/bill_text.hpp"
#include "fuzz/bill_rows.hpp"
#include "support/zip_writer.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

fuzz::ReadBill read(BillKind kind, std::string_view text, std::size_t piece) {
    fuzz::ReadBill bill;
    const std::function<void(const BillRow&)> row = [&](const BillRow& each) {
        bill.rows.push_back(each);
    };
    try {
        alipay::BillText reader{kind, row};
        bool details = true;
        for (; details && !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
            details = reader.take(text.substr(0, piece));
        }
        if (details) bill.summary = reader.finish();
    } catch (const BadBill&) {
    }
    return bill;
}

// ---- a bill with rows of the input's choice ----

struct Written {
    std::string text;
    std::int64_t payments = 0;
    std::int64_t refunds = 0;
    Money paid;
    Money refunded;
    Money fees;
};

Written write_bill(fuzz::Input& input, Money too_much) {
    static constexpr std::string_view kTitles[] = {"手机", "a,b", "", "`", "a,,,b", "1.00,2.00"};
    Written bill;
    bill.text =
        "#支付宝业务明细查询\n#账号：[20881011221366690156]\n"
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,"
        "商家实收（元）,"
        "退款批次号/请求号,服务费（元）,备注\n";
    for (int rows = input.byte() % 8; rows > 0; --rows) {
        const std::uint8_t what = input.byte();
        const Money amount = Money::fen(input.number());
        const Money fee = Money::fen(input.byte());
        const bool refund = (what & 1) != 0;
        const std::string sign = refund ? "-" : "";
        bill.text += "2026\t,SK1\t," + std::string{refund ? "退款" : "交易"} + "," +
                     std::string{kTitles[what / 2 % 6]} +
                     ",2026-11-22 10:00:00,2026-11-22 10:00:05,*三," + sign + amount.to_yuan() +
                     "," + sign + amount.to_yuan() + "," + (refund ? "RF1" : "") + "," +
                     (refund ? "" : "-") + fee.to_yuan() + ",r,s\n";
        (refund ? bill.refunds : bill.payments) += 1;
        (refund ? bill.refunded : bill.paid) += amount;
        bill.fees += refund ? Money{} - fee : fee;
    }
    bill.text += "#-----业务明细列表结束-----\n#交易合计：" + std::to_string(bill.payments) +
                 "笔，商家实收共" + (bill.paid + too_much).to_yuan() + "元\n#退款合计：" +
                 std::to_string(bill.refunds) + "笔，商家实收退款共-" + bill.refunded.to_yuan() +
                 "元\n#导出时间：[2026-11-23 10:00:00]\n";
    return bill;
}

void check_written(fuzz::Input input) {
    fuzz::Input same = input;
    const Written bill = write_bill(input, Money{});
    for (const auto& text : {bill.text, test::to_gb18030(bill.text)}) {
        const auto told = read(BillKind::trade, text, 64);
        demand(told.summary.has_value(), "a true bill is believed");
        demand(told.summary->paid == bill.paid && told.summary->payments == bill.payments, "paid");
        demand(told.summary->refunded == bill.refunded, "refunded");
        demand(told.summary->refunds == bill.refunds && told.summary->fees == bill.fees, "fees");
    }
    const Written lie = write_bill(same, Money::fen(1));
    demand(!read(BillKind::trade, lie.text, 64).summary, "a bill with a wrong total is not");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_bills({data, size}, read, check_written);
    return 0;
}
