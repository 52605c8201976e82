#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "ports/sql.hpp"

// The books of the payment side: double-entry, append-only.
namespace doorbuster::bookkeeping {

enum class Account {
    receivable,       // what buyers owe us
    clearing,         // what a provider owes us: paid - refunded - fees
    sales,            // money that was paid and kept
    refunds,          // of it, what was promised back
    refunds_payable,  // what we owe to payers
    fees,             // what providers keep for their service
};
std::string_view to_string(Account account);

// Whose money moves, and where it lies.
struct Source {
    PaymentId payment;
    std::string_view provider;
    std::string_view merchant;
};

// Books what happens to money, in the transaction in which it happens. Each effect of each payment
// and refund is booked once: false means that it was booked before, and nothing was written.
// Amounts are positive. Thread-safe.
class Books {
public:
    explicit Books(const Clock& clock) : clock_{clock} {}

    // Paid, and it counts as a sale.
    bool payment_kept(sql::Transaction& tx, const Source& source, Money amount) const;
    // The same of many payments at once; false when any entry was booked before.
    struct Kept {
        Source source;
        Money amount;
    };
    bool payments_kept(sql::Transaction& tx, std::span<const Kept> payments) const;
    // Paid, but late or twice: it is owed to its payer.
    bool payment_not_kept(sql::Transaction& tx, const Source& source, Money amount) const;
    // A late payment is kept after all.
    bool payment_accepted(sql::Transaction& tx, const Source& source, Money amount) const;

    // The first three are for refunds of kept money alone; other money is owed already.
    bool refund_asked(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
        const;
    bool refund_failed(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
        const;
    // It succeeded after it had failed.
    bool refund_revived(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
        const;
    bool refund_paid(sql::Transaction& tx, const Source& source, RefundId refund, Money amount)
        const;

    // What a provider's bill tells, once per payment and once per refund. See `fee_of` for what was
    // booked before.
    bool fee_charged(sql::Transaction& tx, const Source& source, Money fee) const;
    bool fee_returned(sql::Transaction& tx, const Source& source, RefundId refund, Money fee) const;
    // Many of both at once, of one provider and merchant; those that were booked before are left
    // out. Returns how many were new.
    struct Fee {
        PaymentId payment;
        std::optional<RefundId> refund;  // given back with it
        Money amount;                    // positive
    };
    std::int64_t fees(
        sql::Transaction& tx,
        std::string_view provider,
        std::string_view merchant,
        std::span<const Fee> fees
    ) const;

private:
    const Clock& clock_;
};

// The fee that was booked for a payment; nothing when none was.
std::optional<Money> fee_of(sql::Reader& reader, PaymentId payment);

struct Entry {
    std::int64_t id = 0;
    std::string kind;
    std::string subject;
    PaymentId payment;
    std::string provider;
    std::string merchant;
    std::string debit;
    std::string credit;
    Money amount;
    Time at;
};
// All that was booked for a payment and its refunds, oldest first.
std::vector<Entry> entries_of(sql::Reader& reader, PaymentId payment);

// What an account holds at one provider and merchant.
struct Balance {
    std::string account;
    std::string provider;
    std::string merchant;
    Money debit;
    Money credit;
    Money balance() const { return debit - credit; }
};
struct TrialBalance {
    std::vector<Balance> balances;
    // Equal, whatever happens: each entry debits what it credits.
    Money debit;
    Money credit;
};
// Of everything booked from `from` on and before `until`. Reads every entry of that time: not for
// every request.
TrialBalance trial_balance(
    sql::Reader& reader, std::optional<Time> from = {}, std::optional<Time> until = {}
);
// What a provider owes us. Reads every entry of the provider.
Money clearing(sql::Reader& reader, std::string_view provider, std::string_view merchant);

}  // namespace doorbuster::bookkeeping
