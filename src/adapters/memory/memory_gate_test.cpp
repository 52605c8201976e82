#include "adapters/memory/memory_gate.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace doorbuster::memory {
namespace {

using Outcome = StockGate::Outcome;

constexpr PromotionItemId kItem{1};
constexpr std::int64_t kUnits = 6;
constexpr Milliseconds kLease{60'000};

// Six units; what is committed is told by hand, step by step, as the engine and others do it.
class MemoryGateAtACommit : public testing::Test {
protected:
    MemoryGateAtACommit() {
        gate_.load(kItem, {.per_user_max = 1, .door_factor = 5}, view(1, 0), {});
    }

    static StockView view(std::int64_t version, std::int64_t reserved, std::int64_t offered = 0) {
        StockView made;
        made.version = version;
        made.open = true;
        made.available = kUnits - reserved;
        made.offered = offered;
        made.reserved = reserved;
        return made;
    }
    Entry order(std::int64_t user) {
        const UserId buyer{user};
        const auto door = test::run(gate_.open_door(kItem, buyer, 1, kLease));
        if (door != Entry::in) return door;
        return test::run(gate_.take(kItem, buyer, 1, 1));
    }
    void let_in(std::int64_t first, std::int64_t last) {
        for (std::int64_t user = first; user <= last; ++user) ASSERT_EQ(order(user), Entry::in);
    }
    void settle(std::int64_t first, std::int64_t last, Outcome outcome) {
        for (std::int64_t user = first; user <= last; ++user) {
            gate_.settle({kItem, UserId{user}, 1, false}, outcome);
        }
    }

    test::ManualClock clock_;
    MemoryGate gate_{clock_};
};

TEST_F(MemoryGateAtACommit, lets_in_who_finds_a_unit_between_a_commit_and_its_answers) {
    let_in(1, 4);
    gate_.begin_commit(kItem, {.version = 2, .units = 4});
    gate_.apply(kItem, view(2, 4));
    EXPECT_FALSE(gate_.sold_out(kItem)) << "two are free, and nobody is about to take them";
    let_in(5, 5);
    gate_.end_commit(kItem, true);
    EXPECT_FALSE(gate_.sold_out(kItem));
    let_in(6, 6);
    EXPECT_TRUE(gate_.sold_out(kItem));
    EXPECT_EQ(order(7), Entry::sold_out);

    settle(1, 4, Outcome::placed);
    EXPECT_EQ(order(8), Entry::sold_out) << "the last two are under way";
    settle(5, 6, Outcome::refused);
    let_in(9, 10);
    EXPECT_EQ(order(11), Entry::sold_out);
    EXPECT_EQ(gate_.counts(kItem).under_way, 2);
}

TEST_F(MemoryGateAtACommit, knows_its_units_in_a_later_view_that_comes_first) {
    let_in(1, 4);
    gate_.begin_commit(kItem, {.version = 2, .units = 4});
    gate_.apply(kItem, view(3, 5));  // of somebody else's commit after it
    let_in(5, 5);
    EXPECT_EQ(order(6), Entry::sold_out);
    gate_.apply(kItem, view(2, 4));
    gate_.end_commit(kItem, true);
    settle(1, 4, Outcome::placed);
    EXPECT_EQ(order(6), Entry::sold_out);
}

TEST_F(MemoryGateAtACommit, takes_nothing_for_committed_that_was_not) {
    let_in(1, 4);
    gate_.begin_commit(kItem, {.version = 2, .units = 4});
    gate_.end_commit(kItem, false);
    gate_.apply(kItem, view(2, 2));  // the version is now somebody else's
    EXPECT_TRUE(gate_.sold_out(kItem)) << "two are sold and four under way";
    settle(1, 4, Outcome::failed);
    EXPECT_FALSE(gate_.sold_out(kItem));
    let_in(5, 8);
    EXPECT_EQ(order(9), Entry::sold_out);
}

TEST_F(MemoryGateAtACommit, counts_a_transaction_that_is_run_again_once) {
    let_in(1, 4);
    gate_.begin_commit(kItem, {.version = 2, .units = 4});
    gate_.apply(kItem, view(2, 1));  // it was rolled back; one unit went elsewhere
    gate_.end_commit(kItem, false);
    gate_.begin_commit(kItem, {.version = 3, .units = 3});
    gate_.apply(kItem, view(3, 4));
    gate_.end_commit(kItem, true);
    settle(1, 3, Outcome::placed);
    settle(4, 4, Outcome::refused);
    let_in(5, 6);
    EXPECT_EQ(order(7), Entry::sold_out);
}

TEST_F(MemoryGateAtACommit, lets_everybody_in_who_is_offered_a_unit) {
    gate_.apply(kItem, view(2, 4, 2));
    EXPECT_EQ(test::run(gate_.take_offered(kItem, UserId{1}, 1)), Entry::in);
    gate_.begin_commit(kItem, {.version = 3, .offered = 1});
    gate_.apply(kItem, view(3, 5, 1));
    gate_.end_commit(kItem, true);
    EXPECT_EQ(test::run(gate_.take_offered(kItem, UserId{2}, 1)), Entry::in);
    EXPECT_EQ(test::run(gate_.take_offered(kItem, UserId{3}, 1)), Entry::sold_out);
}

}  // namespace
}  // namespace doorbuster::memory
