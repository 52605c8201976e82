#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "payments/events.hpp"

namespace doorbuster::simulation {

// The one that every world has.
inline constexpr PromotionId kPromotion{1};

enum class Ask {
    token,          // a lease at the door, and the token that names it
    give_back,      // it
    order,          // with a token
    claim,          // the unit that the waitlist offers
    join,           // the waitlist
    leave,          // it
    place,          // in it
    buy_ordinary,   // one unit of ordinary stock, at the ordinary price
    cancel,         // an order
    begin_payment,  // of an order
    payment_event,  // from the payment side
    staff,          // one of the actions below
};

enum class StaffAction { publish, pause, resume, add_units, move_end, end, stop_all, go_on };
const char* to_string(StaffAction action);

const char* to_string(Ask ask);

// What a client sends.
struct Request {
    Ask ask = Ask::token;
    UserId user;
    PromotionItemId item;
    std::int64_t units = 1;
    std::string key;          // of `order` and `claim`
    std::uint64_t nonce = 0;  // the token
    std::int64_t epoch = 0;
    Time token_ends{};
    OrderNo order;
    std::string_view topic = {};  // of `payment_event`
    payments::PaymentEvent payment = {};
    StaffAction action = StaffAction::publish;  // of the world's one promotion
    Time time{};                                // of `move_end`
    std::int64_t arrival = 0;                   // the server numbers what reaches it
};

// What a server answers.
struct Reply {
    const ErrorKind* error = nullptr;  // none: done
    OrderNo order;
    bool replayed = false;
    std::uint64_t nonce = 0;
    std::int64_t epoch = 0;
    Time token_ends{};
    bool offered = false;   // the place in the waitlist has become an offer
    std::int64_t sent = 0;  // the judge numbers what the server answers

    bool ok() const { return error == nullptr; }
    bool is(const ErrorKind& kind) const { return error == &kind; }
    // A 503: ask again with the same key.
    bool try_again() const { return error && error->condition == Condition::unavailable; }
};

// One line of the trace.
std::string to_string(const Request& request);
std::string to_string(const Reply& reply);

}  // namespace doorbuster::simulation
