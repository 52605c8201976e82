#include <algorithm>
#include <utility>

#include "sandbox/common/key_files.hpp"
#include "sandbox/common/text.hpp"
#include "sandbox/wechat_pay/gateway.hpp"

// What a buyer's phone does.
namespace doorbuster::sandbox::wechat_pay {

namespace {

using Point = Faults::Point;

constexpr std::size_t kCodeUrlMax = 512;

// 4200, then the day, then what makes it unique: 28 digits.
std::string transaction_number(Random& random, Time now) {
    return "420000" + without_dashes(beijing_day(now)) + random_digits(random, 14);
}

// The code of a code_url; empty for any other text.
std::string_view code_of(std::string_view code_url) {
    if (!code_url.starts_with(kCodeUrlPrefix) || code_url.size() > kCodeUrlMax) return {};
    const auto code = code_url.substr(kCodeUrlPrefix.size());
    const bool plain = std::all_of(code.begin(), code.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    return plain ? code : std::string_view{};
}

// A buyer of a name is always the same one; one without is always another.
std::string openid_of(std::string_view buyer, Random& random) {
    if (buyer.empty()) return "o" + random.token(27);
    return "o" + sha1_hex(buyer).substr(0, 27);
}

}  // namespace

Result<Trade> Gateway::find_payable(sql::Reader& reader, std::string_view code, bool any_state) {
    auto trade = code.empty() ? std::nullopt : find_trade_by_code(reader, code);
    if (!trade) return kUnknownCode;
    const Time now = ground_.clock.now();
    if (trade->is_paid()) return kAlreadyPaid;
    if (any_state) return std::move(*trade);
    if (trade->state == "CLOSED") return kOrderClosed;
    if (trade->expires_at <= now || trade->code_expires_at <= now) return kCodeExpired;
    return std::move(*trade);
}

Task<Result<Trade>> Gateway::look_up(std::string code_url) {
    const auto work = [this, code_url = std::move(code_url)](sql::Reader& reader) {
        return find_payable(reader, code_of(code_url), false);
    };
    co_return co_await ground_.database.read(work);
}

Task<std::vector<Trade>> Gateway::payable() {
    const Time now = ground_.clock.now();
    const auto work = [now](sql::Reader& reader) { return list_payable(reader, now); };
    co_return co_await ground_.database.read(work);
}

Task<Result<Trade>> Gateway::pay(std::string code_url, Money coupon, std::string buyer) {
    Trade payment;
    payment.code = code_of(code_url);
    // Faults go by the order's number, so it is looked up first.
    const auto find = [code = payment.code](sql::Reader& reader) {
        return code.empty() ? std::nullopt : find_trade_by_code(reader, code);
    };
    const auto known = co_await ground_.database.read(find);
    if (!known) co_return kUnknownCode;
    // What chance decides is decided before the transaction, which may run twice.
    const std::string number = known->out_trade_no;
    const bool late = ground_.faults.strikes(Point::pay_after_close, number);
    const bool closed = ground_.faults.strikes(Point::close_under_buyer, number);
    const bool at_deadline = ground_.faults.strikes(Point::pay_at_deadline, number);
    payment.paid_at = at_deadline ? known->expires_at : ground_.clock.now();
    payment.transaction_id = transaction_number(ground_.random, *payment.paid_at);
    payment.payer = openid_of(buyer, ground_.random);
    const Fate fate = fate_of_event(ground_, "EV-" + ground_.random.token(32), number);
    const Time now = ground_.clock.now();

    const auto work = [this, payment, fate, coupon, late, closed, now, number](sql::Transaction& tx
                      ) -> std::variant<Trade, Error> {
        if (closed && close_trade(tx, number)) return Error{kOrderClosed};
        auto paid = pay_in(tx, payment, coupon, late);
        if (paid.has_error()) return paid.error();
        Event event{
            .provider = std::string{kProvider},
            .out_trade_no = number,
            .kind = "payment",
            .url = paid->notify_url,
            .content = transaction_json(*paid, identity_.merchant),
            .created_at = now};
        insert_event(tx, event, fate);
        return std::move(*paid);
    };
    // A variant and not a Result: the order that was closed under the buyer's hands stays closed.
    auto outcome = co_await ground_.database.write(work);
    if (const Error* error = std::get_if<Error>(&outcome)) co_return *error;
    co_return std::move(std::get<Trade>(outcome));
}

Result<Trade> Gateway::pay_in(
    sql::Transaction& tx, const Trade& payment, Money coupon, bool any_state
) {
    auto trade = find_payable(tx, payment.code, any_state);
    if (trade.has_error()) return trade;
    if (coupon.is_negative() || coupon > trade->total) {
        return Error{kValidationFailed, "coupon", "must be from 0 to the total of the order"};
    }
    trade->state = "SUCCESS";
    trade->transaction_id = payment.transaction_id;
    trade->payer = payment.payer;
    trade->payer_total = trade->total - coupon;
    trade->fee = fee_of(trade->payer_total);
    trade->paid_at = payment.paid_at;
    if (!pay_trade(tx, *trade)) return kAlreadyPaid;
    return trade;
}

}  // namespace doorbuster::sandbox::wechat_pay
