#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "payments/payment_store.hpp"

// Rows of many payments of one provider and merchant at a time, by one statement a table, inside a
// caller's transaction.
namespace doorbuster::payments::store {

struct KnownReference {
    std::string app;
    std::string reference;
    Reference known;
};
// Locks the references of these trades, in the same order whoever asks, until the transaction ends.
std::vector<KnownReference> lock_references(
    sql::Transaction& tx,
    std::string_view provider,
    std::string_view merchant,
    std::span<const std::string_view> out_trade_nos
);
// All attempts of the references of these trades, those at other providers, too.
std::vector<Payment> of_references(
    sql::Reader& reader,
    std::string_view provider,
    std::string_view merchant,
    std::span<const std::string_view> out_trade_nos
);
// Which of these transactions belong to an attempt.
std::vector<std::string> known_transactions(
    sql::Reader& reader, std::string_view provider, std::span<const std::string_view> transactions
);

// An attempt as it became, and the state it was in. Nothing else than its being paid has changed.
struct Success {
    Payment paid;
    PaymentState from;
};
// These two throw sql::Error when a row is not as it was read, which cannot be while the references
// are locked.
void mark_paid(sql::Transaction& tx, std::span<const Success> successes);
void answer_succeeded(sql::Transaction& tx, std::span<const Success> successes);

// As keep_notification; no id twice.
void keep_notifications(sql::Transaction& tx, std::span<const NotificationRow> rows);

}  // namespace doorbuster::payments::store
