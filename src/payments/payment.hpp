#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "payments/checkout.hpp"
#include "payments/payment_state.hpp"
#include "ports/payment_provider.hpp"

// One attempt to be paid, and what can be said of it without asking anybody.
namespace doorbuster::payments {

struct Payment {
    PaymentId id;
    std::string app;
    std::string reference;
    std::string owner;
    std::string provider;
    std::string merchant;
    std::string seller;
    std::string out_trade_no;
    std::optional<std::string> transaction;
    PaymentState state = PaymentState::created;
    Money amount;
    std::string currency;
    std::string description;
    std::optional<std::string> code_url;  // empty: the buyer pays in a page of the provider
    std::optional<Time> code_at;
    std::string failure;  // the last refusal, or why it is suspect, for a person
    bool late = false;
    bool duplicate = false;
    bool suspect = false;
    bool refund_due = false;
    Money refunded;         // by refunds that succeeded
    Money refund_reserved;  // by refunds that have not failed
    Time created_at;
    Time expires_at;
    std::optional<Time> paid_at;
    std::optional<Time> closed_at;
    std::optional<Time> close_accepted_at;
    std::int64_t query_count = 0;  // active queries in this state
    std::optional<Time> next_query_at;
    // When money that is not kept goes back by itself; until then a late payment may be kept.
    std::optional<Time> give_back_at;
    std::optional<Time> accepted_at;

    friend bool operator==(const Payment&, const Payment&) = default;
};

// Between our deadline (or an accepted close) and the moment from which "does not exist" is final.
inline constexpr Milliseconds kMargin{60'000};
// No provider takes an attempt that ends sooner than this.
inline constexpr Milliseconds kShortestAttempt{60'000};
// How long a caller may keep a payment that came after payment.closed (Checkout::keep_late).
inline constexpr Milliseconds kLateOfferFor{10 * 60'000};
// A code is good for two hours (WeChat Pay Native); it is renewed a little earlier.
inline constexpr Milliseconds kCodeGoodFor{115 * 60'000};

bool has_fresh_code(const Payment& payment, Time now);
// The buyer pays in a page, and there is time enough to open it.
bool has_page(const Payment& payment, Time now);
bool is_past_margin(const Payment& payment, Time now);

// When to ask the provider next, nothing when there is no need to ask again:
//   created  again after 15 s, then at growing distances, at the deadline at the latest
//   pending  5 s, 15 s, 30 s, 1, 2, 3, 5, 10, 30 min after the code was made, then every 30 min,
//   and
//            at the deadline
//   closing  at once, then at growing distances up to half an hour, until it is known
//   closed   1 h and 24 h later, in case the provider took money after all
std::optional<Time> next_query(const Payment& payment, Time now);
// The same after a query that got no answer.
std::optional<Time> next_query_after_silence(const Payment& payment, Time now);

// What a verified answer means for the table; nothing when its state is not known to us.
std::optional<PaymentFact> fact_of(const ProviderTrade& trade);

// Why a verified answer is not about this attempt ("amount", "merchant", …); empty when it is.
std::string_view mismatch_of(const Payment& payment, const ProviderTrade& trade);

ProviderOrder provider_order(const Payment& payment);
PaymentView view_of(const Payment& payment, Time now);

}  // namespace doorbuster::payments
