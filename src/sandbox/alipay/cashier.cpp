#include <utility>

#include "sandbox/alipay/gateway.hpp"
#include "sandbox/common/key_files.hpp"
#include "sandbox/common/text.hpp"

// What a buyer does in his browser.
namespace doorbuster::sandbox::alipay {

namespace {

using Point = Faults::Point;

constexpr std::size_t kTokenLength = 32;
constexpr std::size_t kBuyerMax = 64;

bool is_token(std::string_view text) {
    return text.size() == kTokenLength &&
           text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
           ) == std::string_view::npos;
}

// Day, "22001", what makes it unique: 28 digits.
std::string trade_number(Random& random, Time now) {
    return without_dashes(beijing_day(now)) + "22001" + random_digits(random, 15);
}

// The same buyer always has the same number.
std::string buyer_number(std::string_view buyer) {
    std::string digits;
    for (const char c : sha1_hex(buyer).substr(0, 12)) {
        digits += static_cast<char>('0' + (c <= '9' ? c - '0' : c - 'a' + 10) % 10);
    }
    return "2088" + digits;
}

bool same_terms(const Terms& one, const Terms& other) {
    return one.total == other.total && one.subject == other.subject;
}

Reply page_failure(const Error& error) {
    if (error.is(kAlreadyPaid)) return business_failure("ACQ.TRADE_HAS_SUCCESS", "交易已被支付");
    if (error.is(kOrderClosed)) return business_failure("ACQ.TRADE_HAS_CLOSE", "交易已经关闭");
    if (error.is(kOtherTerms)) {
        return business_failure("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改");
    }
    return business_failure("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "交易已超时");
}

}  // namespace

// The trade of a page as it may be paid; one that does not exist yet has no number.
Result<Trade> Gateway::payable_in(
    sql::Transaction& tx, const Page& page, bool any_state, Time now
) {
    auto trade = find_current(tx, page.terms.out_trade_no, "", now);
    if (!trade) {
        if (page.terms.expires_at <= now && !any_state) return kCodeExpired;
        Trade fresh;
        fresh.terms = page.terms;
        return fresh;
    }
    if (trade->is_paid()) return kAlreadyPaid;
    if (!same_terms(trade->terms, page.terms)) return kOtherTerms;
    if (trade->state == "TRADE_CLOSED" && !any_state) return kOrderClosed;
    return std::move(*trade);
}

Task<std::variant<Page, Reply>> Gateway::open_page(Call call) {
    using Outcome = std::variant<Page, Reply>;
    const Time now = ground_.clock.now();
    auto read = read_page_pay(call, now);
    if (auto* refusal = std::get_if<Reply>(&read)) co_return Outcome{std::move(*refusal)};
    Page page{ground_.random.token(kTokenLength), std::get<Terms>(std::move(read))};
    const auto work = [this, page, now](sql::Transaction& tx) -> Outcome {
        Page opened = page;
        const auto first = find_first_page(tx, opened.terms.out_trade_no);
        if (first && !same_terms(first->terms, opened.terms)) {
            return page_failure(kOtherTerms);
        }
        // A relative deadline counts from the first request.
        if (first && first->terms.expires_at < opened.terms.expires_at) {
            opened.terms.expires_at = first->terms.expires_at;
        }
        const auto payable = payable_in(tx, opened, false, now);
        if (payable.has_error()) return page_failure(payable.error());
        insert_page(tx, opened);
        return opened;
    };
    co_return co_await ground_.database.write(work);
}

Task<Result<Gateway::Shown>> Gateway::look_up(std::string token) {
    if (!is_token(token)) co_return kUnknownCode;
    const Time now = ground_.clock.now();
    const auto work = [token = std::move(token), now](sql::Transaction& tx) -> Result<Shown> {
        auto page = find_page(tx, token);
        if (!page) return kUnknownCode;
        auto trade = find_current(tx, page->terms.out_trade_no, "", now);
        return Shown{std::move(*page), std::move(trade)};
    };
    co_return co_await ground_.database.write(work);
}

Result<Trade> Gateway::log_in_in(
    sql::Transaction& tx,
    const Page& page,
    const std::string& buyer,
    const std::string& trade_no,
    bool any_state,
    Time now
) {
    auto trade = payable_in(tx, page, any_state, now);
    if (trade.has_error()) return trade;
    if (!trade->trade_no.empty()) {
        if (trade->buyer != buyer) return kOtherBuyer;
        return trade;
    }
    trade->trade_no = trade_no;
    trade->buyer = buyer;
    trade->buyer_id = buyer_number(buyer);
    trade->state = "WAIT_BUYER_PAY";
    trade->terms.created_at = now;
    insert_trade(tx, *trade);
    return trade;
}

Task<Result<Trade>> Gateway::log_in(std::string token, std::string buyer) {
    if (!is_token(token)) co_return kUnknownCode;
    if (buyer.empty() || buyer.size() > kBuyerMax) {
        co_return Error{kValidationFailed, "buyer", "must have 1 to 64 bytes"};
    }
    const Time now = ground_.clock.now();
    const std::string number = trade_number(ground_.random, now);
    const auto work = [this, token, buyer, number, now](sql::Transaction& tx) -> Result<Trade> {
        const auto page = find_page(tx, token);
        if (!page) return kUnknownCode;
        return log_in_in(tx, *page, buyer, number, false, now);
    };
    co_return co_await ground_.database.write(work);
}

Task<Result<Trade>> Gateway::pay(std::string token, std::string buyer, Money coupon) {
    if (!is_token(token)) co_return kUnknownCode;
    if (buyer.empty() || buyer.size() > kBuyerMax) {
        co_return Error{kValidationFailed, "buyer", "must have 1 to 64 bytes"};
    }
    const auto find = [token](sql::Reader& reader) { return find_page(reader, token); };
    const auto page = co_await ground_.database.read(find);
    if (!page) co_return kUnknownCode;
    // What chance decides is decided before the transaction, which may run twice.
    const std::string number = page->terms.out_trade_no;
    const bool late = ground_.faults.strikes(Point::pay_after_close, number);
    const bool closed = ground_.faults.strikes(Point::close_under_buyer, number);
    const bool at_deadline = ground_.faults.strikes(Point::pay_at_deadline, number);
    const Time now = ground_.clock.now();
    const Time paid_at = at_deadline ? page->terms.expires_at : now;
    const std::string trade_no = trade_number(ground_.random, now);
    const Fate told = fate(number);

    const auto work =
        [this, page = *page, buyer, coupon, late, closed, now, paid_at, trade_no, told](
            sql::Transaction& tx
        ) -> std::variant<Trade, Error> {
        auto trade = log_in_in(tx, page, buyer, trade_no, late, now);
        if (trade.has_error()) return trade.error();
        if (coupon.is_negative() || coupon > trade->terms.total) {
            return Error{kValidationFailed, "coupon", "must be from 0 to the total of the order"};
        }
        if (closed && close_trade(tx, page.terms.out_trade_no, now)) return Error{kOrderClosed};
        trade->state = "TRADE_SUCCESS";
        trade->payer_total = trade->terms.total - coupon;
        trade->fee = fee_of(trade->payer_total);
        trade->paid_at = paid_at;
        trade->closed_at.reset();
        if (!pay_trade(tx, *trade)) return Error{kAlreadyPaid};
        tell(tx, *trade, "payment", nullptr, now, told);
        return std::move(*trade);
    };
    // A variant and not a Result: what was created or closed on the way stays.
    auto outcome = co_await ground_.database.write(work);
    if (const Error* error = std::get_if<Error>(&outcome)) co_return *error;
    co_return std::move(std::get<Trade>(outcome));
}

Task<std::vector<Page>> Gateway::open_pages() {
    const Time now = ground_.clock.now();
    const auto work = [now](sql::Reader& reader) { return list_open_pages(reader, now); };
    co_return co_await ground_.database.read(work);
}

std::string Gateway::way_back(const Page& page, const Trade& trade) const {
    if (page.terms.return_url.empty()) return {};
    Params params{
        {"method", "alipay.trade.page.pay.return"},
        {"out_trade_no", trade.terms.out_trade_no},
        {"trade_no", trade.trade_no},
        {"total_amount", trade.terms.total.to_yuan()},
        {"timestamp", beijing_text(ground_.clock.now())}};
    const char* join = page.terms.return_url.find('?') == std::string::npos ? "?" : "&";
    return page.terms.return_url + join +
           form_of(gate_.signed_params(std::move(params), page.terms.certified));
}

}  // namespace doorbuster::sandbox::alipay
