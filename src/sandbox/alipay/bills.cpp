#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "sandbox/alipay/bill.hpp"
#include "sandbox/alipay/gateway.hpp"
#include "sandbox/alipay/routes.hpp"
#include "sandbox/common/text.hpp"

// Bills: asked for by day, fetched from a URL that lives shortly.
namespace doorbuster::sandbox::alipay {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr std::int64_t kRowsMax = 200'000;  // of a bill, per kind of row
constexpr auto kUrlLife = std::chrono::seconds{30};
constexpr auto kKeptFor = std::chrono::days{6 * 365};
constexpr int kReadyHour = 9;  // Beijing time of the next day

std::vector<BilledRefund> refunds_of(sql::Reader& reader, DaySpan day) {
    std::vector<BilledRefund> billed;
    for (Refund& refund : list_settled_refunds(reader, day, kRowsMax)) {
        Trade trade = *find_trade(reader, refund.out_trade_no);
        billed.push_back({std::move(refund), std::move(trade)});
    }
    return billed;
}

Reply no_bill() { return business_failure("isp.bill_not_exist", "账单不存在"); }

}  // namespace

// An empty text when nothing happened.
std::string Gateway::bill_zip(
    sql::Reader& reader,
    const std::string& type,
    const std::string& date,
    DaySpan day,
    bool lossy,
    bool wrong_totals,
    Time now
) const {
    const BillFrame frame{identity_.merchant.seller_id, date, now, wrong_totals};
    if (type == "signcustomer") {
        auto entries = list_entries(reader, kProvider, day, kRowsMax);
        if (entries.empty()) return {};
        if (lossy) entries.pop_back();
        return zip(fund_bill(frame, entries, balance_before(reader, kProvider, day.from)));
    }
    auto payments = list_paid(reader, day, kRowsMax);
    auto refunds = refunds_of(reader, day);
    if (payments.empty() && refunds.empty()) return {};
    if (lossy) payments.empty() ? refunds.pop_back() : payments.pop_back();
    return zip(trade_bill(frame, payments, refunds));
}

Task<Reply> Gateway::bill_url(Call call, std::string origin) {
    BizContent content{call.params["biz_content"]};
    const std::string type = content.text("bill_type", 32);
    const std::string date = content.text("bill_date", 16);
    const auto day = beijing_day_span(date);
    if (!content.wrong().empty() || !day) {
        co_return business_failure("INVAILID_ARGUMENTS", "入参不合法");
    }
    if (type != "trade" && type != "signcustomer") {
        co_return business_failure("TYPE_NOT_SUPPORTED", "账单类型不支持");
    }
    const Time now = ground_.clock.now();
    const bool at_once = ground_.options.get().bills_at_once;
    const bool made = at_once ? day->from <= now : now >= day->to + std::chrono::hours{kReadyHour};
    const bool not_ready = ground_.faults.strikes(Point::bill_not_ready, date);
    if (!made || not_ready || day->from < now - kKeptFor) co_return no_bill();
    const bool lossy = ground_.faults.strikes(Point::bill_missing_row, date);
    const bool wrong = ground_.faults.strikes(Point::bill_wrong_hash, date);
    const std::string token = ground_.random.token(40);
    const std::string url = origin + std::string{kBillPath} + "?token=" + token;
    const auto work = [this, type, date, day = *day, lossy, wrong, token, now](sql::Transaction& tx
                      ) -> bool {
        const std::string file = bill_zip(tx, type, date, day, lossy, wrong, now);
        if (file.empty()) return false;
        insert_download(tx, {token, date + ".csv.zip", file, now + kUrlLife}, now);
        return true;
    };
    const bool any = co_await ground_.database.write(work);
    Reply reply;
    if (any) {
        reply.members = ",\"bill_download_url\":" + json::serialize(json::value(url));
    } else {
        reply.members = R"(,"bill_file_code":"EMPTY_DATA_WITH_BILL_FILE")";
    }
    co_return reply;
}

Task<std::optional<Download>> Gateway::download(std::string token) {
    if (token.empty() || token.size() > 64) co_return std::nullopt;
    const Time now = ground_.clock.now();
    const auto work = [token = std::move(token), now](sql::Reader& reader) {
        return find_download(reader, token, now);
    };
    co_return co_await ground_.database.read(work);
}

}  // namespace doorbuster::sandbox::alipay
