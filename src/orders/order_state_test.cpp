#include "orders/order_state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

namespace doorbuster::orders {
namespace {

using S = Status;
using A = Action;

const std::map<std::pair<S, A>, S> kAllowed = {
    {{S::pending_payment, A::pay}, S::paid},
    {{S::pending_payment, A::give_up}, S::closing},
    {{S::pending_payment, A::close}, S::closed},
    {{S::closing, A::pay}, S::paid},
    {{S::closing, A::close}, S::closed},
    {{S::paid, A::ship}, S::shipped},
    {{S::shipped, A::complete}, S::completed},
    {{S::paid, A::refund}, S::closed},
    {{S::closed, A::revive}, S::paid}};

TEST(OrderState, allows_exactly_the_edges_of_the_design) {
    for (const S status : kAllStatuses) {
        for (const A action : kAllActions) {
            const auto expected = kAllowed.find({status, action});
            const auto actual = next(status, action);
            ASSERT_EQ(actual.has_value(), expected != kAllowed.end())
                << to_string(status) << " action " << static_cast<int>(action);
            if (!actual) continue;
            EXPECT_EQ(*actual, expected->second);
        }
    }
}

TEST(OrderState, completed_is_final_and_only_a_late_payment_leaves_closed) {
    for (const A action : kAllActions) {
        EXPECT_EQ(next(S::closed, action).has_value(), action == A::revive);
        EXPECT_FALSE(next(S::completed, action));
    }
}

// Whatever happens in whatever order, the held units are resolved at most once.
TEST(OrderState, stock_is_held_from_the_start_and_resolved_once_on_every_path) {
    std::set<S> reached{S::pending_payment};
    std::set<S> frontier = reached;
    while (!frontier.empty()) {
        const S status = *frontier.begin();
        frontier.erase(frontier.begin());
        for (const A action : kAllActions) {
            const auto after = next(status, action);
            if (!after) continue;
            EXPECT_FALSE(!holds_stock(status) && holds_stock(*after)) << to_string(status);
            if (reached.insert(*after).second) frontier.insert(*after);
        }
    }
    EXPECT_EQ(reached.size(), kAllStatuses.size()) << "every state can be reached";
}

TEST(OrderState, names_are_read_back) {
    for (const S status : kAllStatuses) EXPECT_EQ(status_from(to_string(status)), status);
    EXPECT_FALSE(status_from("pending"));
    EXPECT_FALSE(status_from(""));
}

}  // namespace
}  // namespace doorbuster::orders
