#pragma once

#include <array>
#include <optional>
#include <string_view>

// Which state of an order may follow which, as a pure function.
namespace doorbuster::orders {

enum class Status { pending_payment, closing, closed, paid, shipped, completed };

inline constexpr std::array kAllStatuses{
    Status::pending_payment,
    Status::closing,
    Status::closed,
    Status::paid,
    Status::shipped,
    Status::completed};

// What happens to an order.
enum class Action {
    pay,       // the payment side has the money
    give_up,   // cancelled or expired while a payment may still succeed: ask the payment side
    close,     // nothing was paid and nothing can be any more
    ship,      // handed to a carrier
    complete,  // received, or taken as received after some days
    refund,    // all its money goes back before it was shipped
    revive,    // paid after it was closed, and its units could be taken again
};

inline constexpr std::array kAllActions{
    Action::pay,
    Action::give_up,
    Action::close,
    Action::ship,
    Action::complete,
    Action::refund,
    Action::revive};

// The state after `action`, or nothing when the state does not allow it.
std::optional<Status> next(Status status, Action action);

// The order holds units that are neither sold nor given back.
constexpr bool holds_stock(Status status) {
    return status == Status::pending_payment || status == Status::closing;
}

std::string_view to_string(Status status);
std::optional<Status> status_from(std::string_view text);

}  // namespace doorbuster::orders
