#include <algorithm>
#include <utility>

#include "sandbox/sandbox.hpp"

// What a buyer's phone does.
namespace doorbuster::sandbox {

namespace {

constexpr std::size_t kCodeUrlMax = 512;

std::string digits(Random& random, std::size_t length) {
    std::string text;
    while (text.size() < length) text += static_cast<char>('0' + random.next_u64() % 10);
    return text;
}

// 4200, then the day, then what makes it unique: 28 digits.
std::string transaction_number(Random& random, Time now) {
    const std::string day = to_rfc3339(now).substr(0, 10);
    return "420000" + day.substr(0, 4) + day.substr(5, 2) + day.substr(8, 2) + digits(random, 14);
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

struct Delivery {
    std::string event_id;
    bool dropped = false;
    bool duplicated = false;
    Milliseconds delay{0};
};

void store_notification(sql::Transaction& tx, const Trade& paid, const Delivery& delivery) {
    if (delivery.dropped) return;
    const Time due = *paid.paid_at + delivery.delay;
    insert_notification(tx, delivery.event_id, paid.out_trade_no, *paid.paid_at, due);
    if (delivery.duplicated) {
        insert_notification(tx, delivery.event_id, paid.out_trade_no, *paid.paid_at, due);
    }
}

}  // namespace

Result<Trade> Sandbox::find_payable(sql::Reader& reader, std::string_view code) {
    auto trade = code.empty() ? std::nullopt : find_trade_by_code(reader, code);
    if (!trade) return kUnknownCode;
    const Time now = clock_.now();
    if (trade->state == "SUCCESS") return kAlreadyPaid;
    if (trade->state == "CLOSED") return kOrderClosed;
    if (trade->expires_at <= now || trade->code_expires_at <= now) return kCodeExpired;
    return std::move(*trade);
}

Task<Result<Trade>> Sandbox::look_up(std::string code_url) {
    const auto work = [this, code_url = std::move(code_url)](sql::Reader& reader) {
        return find_payable(reader, code_of(code_url));
    };
    co_return co_await database_.read(work);
}

Task<std::vector<Trade>> Sandbox::payable() {
    const Time now = clock_.now();
    const auto work = [now](sql::Reader& reader) { return list_payable(reader, now); };
    co_return co_await database_.read(work);
}

Task<Result<Trade>> Sandbox::pay(std::string code_url, Money coupon) {
    // What chance decides is decided before the transaction, which may run twice.
    Trade payment;
    payment.code = code_of(code_url);
    payment.paid_at = clock_.now();
    payment.transaction_id = transaction_number(random_, *payment.paid_at);
    payment.payer = "o" + random_.token(27);
    Delivery delivery;
    delivery.event_id = "EV-" + random_.token(32);
    delivery.dropped = faults_.strikes(Faults::Point::drop_notification);
    delivery.duplicated = faults_.strikes(Faults::Point::duplicate_notification);
    const bool delayed = faults_.strikes(Faults::Point::delay_notification);
    if (delayed) delivery.delay = options_.notification_delay;

    const auto work = [this, payment, delivery, coupon](sql::Transaction& tx) -> Result<Trade> {
        auto paid = pay_in(tx, payment, coupon);
        if (paid.has_value()) store_notification(tx, *paid, delivery);
        return paid;
    };
    co_return co_await database_.write(work);
}

Result<Trade> Sandbox::pay_in(sql::Transaction& tx, const Trade& payment, Money coupon) {
    auto trade = find_payable(tx, payment.code);
    if (trade.has_error()) return trade;
    if (coupon.is_negative() || coupon > trade->total) {
        return Error{kValidationFailed, "coupon", "must be from 0 to the total of the order"};
    }
    trade->state = "SUCCESS";
    trade->transaction_id = payment.transaction_id;
    trade->payer = payment.payer;
    trade->payer_total = trade->total - coupon;
    trade->paid_at = payment.paid_at;
    if (!pay_trade(tx, *trade)) return kAlreadyPaid;
    return trade;
}

}  // namespace doorbuster::sandbox
