#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "payments/payment.hpp"
#include "ports/payment_refunds.hpp"
#include "refunds/refund_state.hpp"

// One refund, and what can be said of it without asking anybody.
namespace doorbuster::refunds {

enum class Origin {
    staff,      // somebody of the shop
    caller,     // the order system that asked for the payment: a cancellation, a return
    late,       // the money came after its reference was given up
    duplicate,  // the reference was paid twice
    external,   // found at the provider: made in its console, not by us
};
std::string_view to_string(Origin origin);

struct Refund {
    RefundId id;
    PaymentId payment;
    std::string provider;
    std::string merchant;
    std::string out_refund_no;
    std::optional<std::string> provider_number;
    Origin origin = Origin::staff;
    RefundState state = RefundState::requested;
    Money amount;
    bool kept = true;  // of money that counts as a sale
    std::string reason;
    std::string asked_by;  // "u42", "order", "system", "provider"
    std::optional<std::string> request_key;
    Time created_at;
    std::optional<Time> sent_at;
    std::optional<Time> settled_at;
    std::int64_t tries = 0;
    std::optional<Time> next_try_at;
    std::optional<Time> refused_at;
    std::string failure;
    bool stuck = false;
    std::optional<std::string> resolution;
    std::optional<UserId> resolved_by;
    std::optional<Time> resolved_at;
};

// A refund that is not known by then is told to a person, once.
inline constexpr Milliseconds kStuckAfter{24 * 3'600'000};
// How long after a final refusal a provider's "I know no such refund" confirms it.
inline constexpr Milliseconds kRefusalStandsAfter{60'000};

// How long to wait after the `tries`-th question: 10 s, 1, 5, 30 min, then an hour each.
Milliseconds distance_after(std::int64_t tries);

// When to ask the provider next: 10 s, 1, 5, 30 min after each other, then every hour; once a day
// about an abnormal one; nothing about a settled one.
std::optional<Time> next_try(const Refund& refund, Time now);

// A person must act: it failed, or hangs, and nobody has said what was done about it.
bool needs_person(const Refund& refund);

// What a verified answer means for the table. A provider that only says that it has no word of a
// refund which it refused before does not know it.
RefundFact fact_of(const Refund& refund, const ProviderRefund& told, Time now);
// Why a verified answer is not about this refund ("amount", …); empty when it is.
std::string_view mismatch_of(const Refund& refund, const ProviderRefund& told);

ProviderRefundOrder provider_order(const Refund& refund, const payments::Payment& payment);

}  // namespace doorbuster::refunds
