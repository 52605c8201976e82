#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "sandbox/common/archive.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/wechat_pay/bill.hpp"
#include "sandbox/wechat_pay/gateway.hpp"

// Bills: asked for by day, fetched once with a token.
namespace doorbuster::sandbox::wechat_pay {

namespace {

namespace json = boost::json;
using Point = Faults::Point;

constexpr std::int64_t kRowsMax = 200'000;  // of a bill, per kind of row
constexpr auto kUrlLife = std::chrono::minutes{5};
constexpr auto kKeptFor = std::chrono::days{93};
constexpr int kReadyHour = 10;  // Beijing time of the next day; WeChat Pay begins at nine

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    for (const auto known : words) {
        if (word == known) return true;
    }
    return false;
}

TradeBillType type_of(std::string_view word) {
    if (word == "SUCCESS") return TradeBillType::success;
    return word == "REFUND" ? TradeBillType::refund : TradeBillType::all;
}

std::vector<BilledRefund> refunds_of(sql::Reader& reader, DaySpan day) {
    std::vector<BilledRefund> billed;
    for (Refund& refund : list_accepted_refunds(reader, day, kRowsMax)) {
        Trade trade = *find_trade(reader, refund.out_trade_no);
        billed.push_back({std::move(refund), std::move(trade)});
    }
    return billed;
}

}  // namespace

std::optional<Reply> Gateway::bill_refusal(const BillQuery& query, DaySpan day) const {
    const bool trade = query.kind == BillQuery::Kind::trade;
    const bool known_type = trade ? is_one_of(query.type, {"", "ALL", "SUCCESS", "REFUND"})
                                  : is_one_of(query.type, {"", "BASIC", "OPERATION", "FEES"});
    if (!known_type) {
        return wechat_error(400, "PARAM_ERROR", "参数错误", trade ? "/bill_type" : "/account_type");
    }
    if (!is_one_of(query.tar_type, {"", "GZIP"})) {
        return wechat_error(400, "PARAM_ERROR", "参数错误", "/tar_type");
    }
    const Time now = ground_.clock.now();
    const bool at_once = ground_.options.get().bills_at_once;
    if (day.from > now || (day.to > now && !at_once) || day.from < now - kKeptFor) {
        return wechat_error(400, "PARAM_ERROR", "账单日期不可用", "/bill_date");
    }
    const bool made = at_once || now >= day.to + std::chrono::hours{kReadyHour};
    if (!made || ground_.faults.strikes(Point::bill_not_ready, query.date)) {
        return wechat_error(400, "STATEMENT_CREATING", "账单生成中，请稍后再试");
    }
    return std::nullopt;
}

std::string Gateway::bill_text(
    sql::Reader& reader, const BillQuery& query, DaySpan day, bool lossy
) {
    const MerchantSide& merchant = identity_.merchant;
    if (query.kind == BillQuery::Kind::fund) {
        if (!is_one_of(query.type, {"", "BASIC"})) return {};
        auto entries = list_entries(reader, kProvider, day, kRowsMax);
        if (lossy && !entries.empty()) entries.pop_back();
        const Money balance = balance_before(reader, kProvider, day.from);
        return entries.empty() ? std::string{} : fund_bill(merchant, entries, balance);
    }
    const TradeBillType type = type_of(query.type);
    std::vector<Trade> payments;
    std::vector<BilledRefund> refunds;
    if (type != TradeBillType::refund) payments = list_paid(reader, day, kRowsMax);
    if (type != TradeBillType::success) refunds = refunds_of(reader, day);
    if (payments.empty() && refunds.empty()) return {};
    if (lossy) payments.empty() ? refunds.pop_back() : payments.pop_back();
    return trade_bill(type, merchant, payments, refunds);
}

Task<Reply> Gateway::bill(BillQuery query) {
    const auto day = beijing_day_span(query.date);
    if (!day) co_return wechat_error(400, "PARAM_ERROR", "参数错误", "/bill_date");
    if (auto refusal = bill_refusal(query, *day)) co_return *refusal;
    const bool lossy = ground_.faults.strikes(Point::bill_missing_row, query.date);
    const bool wrong_hash = ground_.faults.strikes(Point::bill_wrong_hash, query.date);
    const std::string token = ground_.random.token(40);
    const Time now = ground_.clock.now();
    const bool packed = query.tar_type == "GZIP";
    std::string url = query.origin + "/v3/billdownload/file?token=" + token;
    if (packed) url += "&tartype=gzip";

    const auto work = [this, query = std::move(query), day = *day, lossy, packed, token, now](
                          sql::Transaction& tx
                      ) -> std::string {
        const std::string text = bill_text(tx, query, day, lossy);
        if (text.empty()) return {};
        const std::string file = packed ? gzip(text) : text;
        insert_download(tx, {token, query.date, file, now + kUrlLife}, now);
        return sha1_hex(text);
    };
    std::string hash = co_await ground_.database.write(work);
    if (hash.empty()) co_return wechat_error(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在");
    if (wrong_hash) std::reverse(hash.begin(), hash.end());
    co_return Reply{
        200,
        json::serialize(json::object{
            {"hash_type", "SHA1"}, {"hash_value", hash}, {"download_url", url}})};
}

Task<std::optional<Download>> Gateway::download(std::string token) {
    if (token.empty() || token.size() > 64) co_return std::nullopt;
    const Time now = ground_.clock.now();
    const auto work = [token = std::move(token), now](sql::Transaction& tx) {
        return take_download(tx, token, now);
    };
    co_return co_await ground_.database.write(work);
}

}  // namespace doorbuster::sandbox::wechat_pay
