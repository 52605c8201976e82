#include "simulation/plan.hpp"

#include "simulation/template.hpp"

namespace doorbuster::simulation {
namespace {

Microseconds seconds(Dice& dice, std::int64_t low, std::int64_t high) {
    return Microseconds{dice.between(low * 1'000'000, high * 1'000'000)};
}

Milliseconds whole_seconds(Dice& dice, std::int64_t low, std::int64_t high) {
    return std::chrono::seconds{dice.between(low, high)};
}

DatabaseManner draw_database(Dice& dice) {
    DatabaseManner manner;
    manner.in_order = dice.chance(500);
    manner.begin_max = Microseconds{dice.one_of({500, 5'000, 50'000, 400'000})};
    manner.commit_max = Microseconds{dice.one_of({200, 5'000, 50'000})};
    manner.answer_max = Microseconds{dice.one_of({200, 5'000, 50'000})};
    if (dice.chance(300)) manner.slow = 10;
    if (dice.chance(400)) manner.refused = dice.one_of({5, 30, 150});
    if (dice.chance(300)) manner.failed = dice.one_of({5, 40});
    if (dice.chance(500)) manner.run_twice = dice.one_of({10, 100});
    if (dice.chance(300)) manner.unknown_done = dice.one_of({10, 60, 200});
    if (dice.chance(300)) manner.unknown_lost = dice.one_of({10, 60});
    if (dice.chance(400)) manner.dies_before = dice.one_of({5, 30});
    if (dice.chance(400)) manner.dies_after = dice.one_of({5, 30});
    return manner;
}

NetworkManner draw_network(Dice& dice) {
    NetworkManner manner;
    manner.delay_max = Microseconds{dice.one_of({1'000, 20'000, 300'000})};
    manner.patience = seconds(dice, 1, 5);
    if (dice.chance(500)) manner.lost = dice.one_of({20, 150});
    if (dice.chance(500)) manner.doubled = dice.one_of({20, 300});
    if (dice.chance(300)) manner.slow = 20;
    return manner;
}

ServerSettings draw_server(Dice& dice) {
    ServerSettings server;
    server.database = draw_database(dice);
    server.sale.door_factor = dice.between(1, 4);
    server.gate_way_max = Microseconds{dice.one_of({0, 0, 500, 20'000})};
    server.lease_for = whole_seconds(dice, 2, 10);
    server.sale.unpaid_ttl = whole_seconds(dice, 4, 20);
    server.sale.waitlist.offer_for = whole_seconds(dice, 3, 12);
    server.sale.waitlist.places_max = dice.one_of({2, 5, 100});
    if (dice.chance(200)) server.sale.batches.queue_max = 2;
    if (dice.chance(200)) server.sale.batches.batch_max = 1;
    server.sale.batches.wait_max = Milliseconds{dice.one_of({200, 2'000})};
    return server;
}

flash_sale::PromotionDraft draw_sale(Dice& dice) {
    flash_sale::PromotionDraft sale;
    sale.name = "Sale";
    sale.shadow = dice.chance(100);
    const Time opens = SimClock::kStart + whole_seconds(dice, 1, 4);
    const Milliseconds lasts =
        dice.chance(400) ? whole_seconds(dice, 8, 40) : std::chrono::hours{4};
    sale.window = {opens, opens + lasts};
    const std::int64_t items = dice.between(1, kSkus);
    for (std::int64_t sku = 1; sku <= items; ++sku) {
        flash_sale::ItemTerms terms;
        terms.sku = SkuId{sku};
        terms.price = Money::fen(990);
        terms.allotment = dice.between(1, 8);
        terms.per_user_max = dice.between(1, 3);
        terms.per_order_max = dice.between(1, terms.per_user_max);
        sale.items.push_back(terms);
    }
    return sale;
}

std::vector<Plan::StaffStep> draw_staff(Dice& dice) {
    std::vector<Plan::StaffStep> steps;
    const std::int64_t count = dice.chance(600) ? dice.between(1, 4) : 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const Microseconds before = seconds(dice, 1, 8);
        const Microseconds during = seconds(dice, 0, 6);
        switch (dice.between(0, 5)) {
            case 0:
            case 1:
                steps.push_back({before, StaffAction::pause});
                steps.push_back({during, StaffAction::resume});
                break;
            case 2:
                steps.push_back({before, StaffAction::add_units, dice.between(1, 4)});
                break;
            case 3:
                steps.push_back({before, StaffAction::move_end, 0, whole_seconds(dice, -10, 30)});
                break;
            case 4:
                steps.push_back({before, StaffAction::stop_all});
                steps.push_back({during, StaffAction::go_on});
                break;
            default:
                if (dice.chance(300)) steps.push_back({before, StaffAction::end});
        }
    }
    return steps;
}

std::vector<Plan::Jump> draw_jumps(Dice& dice) {
    std::vector<Plan::Jump> jumps;
    if (!dice.chance(300)) return jumps;
    const std::int64_t sign = dice.chance(500) ? 1 : -1;
    const Milliseconds by =
        dice.chance(600) ? Milliseconds{std::chrono::hours{1}} : whole_seconds(dice, 1, 600);
    jumps.push_back({seconds(dice, 0, 15), seconds(dice, 1, 20), sign * by});
    return jumps;
}

}  // namespace

void make_small(Plan& plan) {
    plan.sale.window.ends_at = plan.sale.window.starts_at + std::chrono::hours{4};
    plan.sale.items.resize(1);
    plan.sale.items.front().allotment = 2;
    plan.buyers = 4;
    plan.crowd.wishes_max = 1;
    plan.crowd.bots = 0;
    plan.crowd.ordinary = 0;
    plan.crowd.arrive_from = plan.sale.window.starts_at - SimClock::kStart;
    plan.crowd.arrive_until = plan.crowd.arrive_from + Microseconds{500'000};
    plan.crashes_max = 0;
    plan.kills.clear();
    plan.jumps.clear();
    plan.staff.clear();
}

Plan draw_plan(Dice& dice) {
    Plan plan;
    plan.server = draw_server(dice);
    plan.network = draw_network(dice);
    plan.sale = draw_sale(dice);
    const Microseconds opens = plan.sale.window.starts_at - SimClock::kStart;
    const Microseconds closes = plan.sale.window.ends_at - SimClock::kStart;
    // A rush at the last moment, or the usual one at the first.
    const bool late = closes < std::chrono::minutes{1} && dice.chance(500);
    plan.crowd.arrive_from = late ? closes - Microseconds{1'500'000} : Microseconds{0};
    plan.crowd.arrive_until = late ? closes : opens + Microseconds{4'000'000};
    if (late && dice.chance(500)) plan.server.database.begin_max = Microseconds{600'000};
    plan.buyers = dice.between(2, kUsers);
    plan.crashes_max = dice.between(0, 3);
    while (dice.chance(350)) plan.kills.push_back(seconds(dice, 0, 30));
    plan.jumps = draw_jumps(dice);
    plan.staff = draw_staff(dice);
    plan.look_every = seconds(dice, 1, 3);
    plan.sells_out = dice.chance(500);
    return plan;
}

}  // namespace doorbuster::simulation
