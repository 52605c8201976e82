#include "orders/order_state.hpp"

namespace doorbuster::orders {
namespace {

struct Edge {
    Status from;
    Action action;
    Status to;
};

constexpr Edge kEdges[] = {
    {Status::pending_payment, Action::pay, Status::paid},
    {Status::pending_payment, Action::give_up, Status::closing},
    {Status::pending_payment, Action::close, Status::closed},
    {Status::closing, Action::pay, Status::paid},
    {Status::closing, Action::close, Status::closed},
    {Status::paid, Action::ship, Status::shipped},
    {Status::shipped, Action::complete, Status::completed},
    {Status::paid, Action::refund, Status::closed},
    {Status::closed, Action::revive, Status::paid},
};

}  // namespace

std::optional<Status> next(Status status, Action action) {
    for (const Edge& edge : kEdges) {
        if (edge.from == status && edge.action == action) return edge.to;
    }
    return std::nullopt;
}

std::string_view to_string(Status status) {
    switch (status) {
        case Status::pending_payment:
            return "pending_payment";
        case Status::closing:
            return "closing";
        case Status::closed:
            return "closed";
        case Status::paid:
            return "paid";
        case Status::shipped:
            return "shipped";
        case Status::completed:
            return "completed";
    }
    return {};
}

std::optional<Status> status_from(std::string_view text) {
    for (const Status status : kAllStatuses) {
        if (to_string(status) == text) return status;
    }
    return std::nullopt;
}

}  // namespace doorbuster::orders
