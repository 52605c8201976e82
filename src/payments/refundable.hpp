#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/payment.hpp"
#include "ports/sql.hpp"

// What refunds need of payments, inside a caller's transaction.
namespace doorbuster::payments {

// The payment, with its reference locked until the transaction ends: nothing else changes it or
// its refunds meanwhile. Nothing when there is none.
std::optional<Payment> lock_payment(sql::Transaction& tx, PaymentId id, Time now);
std::optional<Payment> find_payment(sql::Reader& reader, PaymentId id);
std::optional<PaymentId> find_payment_by_trade(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::string_view out_trade_no
);
// All attempts of a reference.
std::vector<Payment> payments_of(
    sql::Reader& reader, const std::string& app, const std::string& reference
);

// Sets an amount of a paid payment apart for a refund. False: less is left.
bool reserve_refund(sql::Transaction& tx, PaymentId id, Money amount);
// The refund failed.
void free_refund(sql::Transaction& tx, PaymentId id, Money amount);
// The refund succeeded: what was set apart has gone.
void count_refunded(sql::Transaction& tx, PaymentId id, Money amount);

// Payments whose money is to go back by itself now.
std::vector<PaymentId> to_give_back(sql::Reader& reader, Time now, std::int64_t limit);
// It has begun, or cannot begin.
void begin_giving_back(sql::Transaction& tx, PaymentId id);

}  // namespace doorbuster::payments
