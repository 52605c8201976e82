#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "flash_sale/staff/promotion_jobs.hpp"
#include "flash_sale/waitlist/waitlist_job.hpp"
#include "orders/order_jobs.hpp"
#include "support/promotion_world.hpp"

// What a jump of wall time does to a sale from its publication to its end, with the services and
// jobs that the server runs.
namespace doorbuster::flash_sale {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ClockJump : public test::PromotionWorld {
protected:
    static constexpr std::int64_t kUnits = 6;

    Promotion sale_in(Milliseconds from_now) {
        Draft made = draft({terms(teapot_, kUnits)});
        made.window = {clock_.now() + from_now, clock_.now() + from_now + minutes{8}};
        return published(made);
    }
    // What the scheduler calls every second.
    void look() {
        static_cast<void>(sale_clock_.now());
        while (test::run(order_jobs_.expire_unpaid())) {
        }
        while (test::run(waitlist_job_.pass_due())) {
        }
        while (test::run(jobs_.end_due())) {
        }
        gate_.sweep();
    }
    void pass(Milliseconds time) {
        clock_.advance(time);
        look();
    }
    // Twice as many buyers as units, all at once, each asking once. How many have got one: who is
    // refused was refused because others took what there was, so nothing is left over.
    std::int64_t rush(PromotionItemId item) {
        std::vector<Buyer> buyers;
        for (int i = 0; i < 2 * kUnits; ++i) buyers.push_back(add_buyer());
        std::atomic<std::int64_t> sold = 0;
        std::latch all_there{2 * kUnits};
        std::vector<std::thread> threads;
        for (const Buyer& buyer : buyers) {
            threads.emplace_back([&, buyer] {
                all_there.arrive_and_wait();
                if (buy(item, buyer.user, buyer.address).has_value()) ++sold;
            });
        }
        for (std::thread& thread : threads) thread.join();
        return sold;
    }
    std::int64_t orders_in(const std::string& status) {
        return integer("SELECT COUNT(*) FROM orders WHERE status = '" + status + "'");
    }

    PromotionJobs jobs_{database(), promotions_, loader_, sale_clock_};
    orders::OrderJobs order_jobs_{database(), service_, clock_};
    WaitlistJob waitlist_job_{database(), waitlist_};
};
DOORBUSTER_ON_BOTH_ENGINES(ClockJump);

TEST_P(ClockJump, ahead_opens_nothing_early_and_sells_the_units_once) {
    const auto sale = sale_in(minutes{5});
    const PromotionItemId item = sale.items[0].id;
    clock_.jump(hours{1});
    look();
    EXPECT_EQ(rush(item), 0) << "it is not open for another five minutes";
    expect_stock(item, kUnits, 0, 0);
    EXPECT_EQ(find(sale.id).state, PromotionState::published) << "nor is it over";

    // It opens when steady time says so, and the jump may end in the middle of it.
    pass(minutes{5});
    const auto early = buy(item, buyer_, address_);
    ASSERT_TRUE(early.has_value());
    clock_.jump(-hours{1});
    look();
    EXPECT_EQ(rush(item), kUnits - 1);
    expect_stock(item, 0, kUnits, 0);
    EXPECT_TRUE(gate_.sold_out(item));

    // Unpaid orders run out and the sale ends. The one order that was placed while wall time was
    // ahead was promised an hour more, and keeps it: no timer runs short, none is lost.
    pass(kUnpaidTtl);
    EXPECT_EQ(orders_in("closed"), kUnits - 1);
    EXPECT_EQ(status(early->number), "pending_payment");
    pass(minutes{4});
    EXPECT_EQ(find(sale.id).state, PromotionState::ended);
    pass(hours{1});
    EXPECT_EQ(status(early->number), "closed");
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

TEST_P(ClockJump, back_ends_nothing_late_for_good_and_loses_no_timer) {
    const auto sale = sale_in(minutes{0});
    const PromotionItemId item = sale.items[0].id;
    EXPECT_EQ(rush(item), kUnits);
    const Buyer waiting = add_buyer();
    join(item, waiting.user);
    clock_.jump(-hours{1});
    look();
    EXPECT_EQ(rush(item), 0);
    expect_stock(item, 0, kUnits, 0);

    // While wall time is behind, what is due by it waits; it is done as soon as time is right.
    pass(kUnpaidTtl);
    EXPECT_EQ(orders_in("closed"), 0);
    clock_.jump(hours{1});
    look();
    EXPECT_EQ(orders_in("closed"), kUnits);
    EXPECT_EQ(stock_of(item).offered, 1) << "who waits is offered a unit";
    pass(minutes{2} + seconds{1});
    EXPECT_EQ(stock_of(item).offered, 0) << "an offer ends by its own time";
    EXPECT_EQ(rush(item), kUnits);
    pass(minutes{2});
    EXPECT_EQ(find(sale.id).state, PromotionState::ended);
    pass(kUnpaidTtl);
    expect_level(teapot_, 10, 0, 0);
    expect_clean();
}

// An operator who never puts it right: after ten minutes wall time is believed, and everything
// that is due by it is done.
TEST_P(ClockJump, that_stays_is_believed_and_everything_comes_to_its_end) {
    const auto sale = sale_in(minutes{0});
    const PromotionItemId item = sale.items[0].id;
    const auto placed = buy(item, buyer_, address_);
    ASSERT_TRUE(placed.has_value());
    clock_.jump(hours{1});
    look();
    EXPECT_EQ(status(placed->number), "closed") << "orders go by wall time";
    EXPECT_EQ(find(sale.id).state, PromotionState::published) << "a sale goes by the earlier";
    EXPECT_EQ(rush(item), kUnits);
    pass(SaleClock::kBelieveAfter + seconds{1});
    EXPECT_FALSE(sale_clock_.in_doubt());
    EXPECT_EQ(find(sale.id).state, PromotionState::ended);
    pass(kUnpaidTtl);
    expect_level(teapot_, 10, 0, 0);
    EXPECT_EQ(orders_in("pending_payment"), 0);
    expect_clean();
}

}  // namespace
}  // namespace doorbuster::flash_sale
