// The text of WeChat Pay's bills.
#include <algorithm>

#include "adapters/wechat_pay/bill_parser.hpp"
#include "fuzz/bill_rows.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

fuzz::ReadBill read(BillKind kind, std::string_view text, std::size_t piece) {
    fuzz::ReadBill bill;
    try {
        wechat_pay::BillParser parser{kind, [&](const BillRow& row) { bill.rows.push_back(row); }};
        for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
            parser.take(text.substr(0, piece));
        }
        bill.summary = parser.finish();
    } catch (const BadBill&) {
    }
    return bill;
}

// ---- a bill with rows of the input's choice ----

struct Written {
    std::string text;
    std::int64_t in = 0;
    std::int64_t out = 0;
    Money came;
    Money went;
};

Written write_fund_bill(fuzz::Input& input, Money too_much) {
    static constexpr std::string_view kRemarks[] = {"", "a,b", "`", "a,`b", ",`,`,`", "备注"};
    Written bill;
    bill.text =
        "\xef\xbb\xbf记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,"
        "收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n";
    for (int rows = input.byte() % 8; rows > 0; --rows) {
        const std::uint8_t what = input.byte();
        const Money amount = Money::fen(input.number());
        const bool in = (what & 1) != 0;
        bill.text += "`2026-11-22 10:00:00,`4200,`5,`交易,`交易,`" +
                     std::string{in ? "收入" : "支出"} + ",`" + amount.to_yuan() +
                     ",`0.00,`system,`" + std::string{kRemarks[what / 2 % 6]} + ",`SK1\r\n";
        (in ? bill.in : bill.out) += 1;
        (in ? bill.came : bill.went) += amount;
    }
    bill.text += "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`" +
                 std::to_string(bill.in + bill.out) + ".0,`" + std::to_string(bill.in) + ",`" +
                 (bill.came + too_much).to_yuan() + ",`" + std::to_string(bill.out) + ",`" +
                 bill.went.to_yuan() + "\r\n";
    return bill;
}

void check_written(fuzz::Input input) {
    fuzz::Input same = input;
    const Written bill = write_fund_bill(input, Money{});
    const auto told = read(BillKind::fund, bill.text, 64);
    demand(told.summary.has_value(), "a true bill is believed");
    demand(told.summary->paid == bill.came && told.summary->payments == bill.in, "what came in");
    demand(told.summary->refunded == bill.went && told.summary->refunds == bill.out, "went out");
    for (const BillRow& row : told.rows) demand(row.out_trade_no == "SK1", "no column moved");
    const Written lie = write_fund_bill(same, Money::fen(1));
    demand(!read(BillKind::fund, lie.text, 64).summary, "a bill with a wrong total is not");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_bills({data, size}, read, check_written);
    return 0;
}
