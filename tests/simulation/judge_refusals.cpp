#include "flash_sale/model/errors.hpp"
#include "simulation/judge.hpp"
#include "simulation/template.hpp"

// What buyers may be refused, and that everything is sold in the end: a server that sells nothing
// breaks no other promise.
namespace doorbuster::simulation {

void Judge::born(bool in_doubt) {
    born_in_doubt_ = in_doubt;
    inside_.clear();
}

void Judge::commit_unknown() {
    for (auto& [arrival, order] : inside_) order.in_doubt = true;
}

void Judge::enters(const Request& request) {
    const bool claim = request.ask == Ask::claim;
    if (request.ask != Ask::token && request.ask != Ask::order && !claim) return;
    Inside& entered = inside_[moment_];
    entered.key = id_of(request);
    entered.since = scheduler_.clock().passed();
    entered.offered = claim;
    entered.units = request.ask == Ask::token ? 0 : request.units;
}

// Its units are taken from the counters already.
bool Judge::is_placed(std::int64_t arrival, const Inside& order) const {
    const auto life = keys_.find(order.key);
    const bool placed = life != keys_.end() && life->second.order && life->second.placed > arrival;
    return placed && !order.in_doubt;
}

std::int64_t Judge::under_way(PromotionItemId item, bool offered) const {
    std::int64_t units = 0;
    for (const auto& [arrival, order] : inside_) {
        const bool of_item = std::get<0>(order.key) == item && order.offered == offered;
        if (of_item && !is_placed(arrival, order)) units += order.units;
    }
    return units;
}

// Only what is decided in the instant of its arrival by a gate that knows the last commit: about
// the others nobody can say what was true when they were decided.
void Judge::leaves(const Request& request, const Reply& reply, const StockGate& gate) {
    const auto found = inside_.find(request.arrival);
    if (found == inside_.end()) return;
    const bool at_once = found->second.since == scheduler_.clock().passed();
    const auto view = gate.view(request.item);
    const StockView& now = stock_[request.item].view;
    if (at_once && view && view->version == now.version) {
        if (reply.is(flash_sale::kSoldOut)) check_told_sold_out(request, now);
        if (reply.is(flash_sale::kNoOffer)) check_told_no_offer(request, now);
    }
    inside_.erase(found);
}

void Judge::check_told_sold_out(const Request& request, const StockView& now) {
    // Its own units are among those under way.
    const std::int64_t left = now.free() - under_way(request.item, false);
    const std::int64_t wanted = request.ask == Ask::token ? 1 : 0;
    if (left < wanted) return;
    fail(
        "user " + request.user.to_string() + " was told sold out while " +
        std::to_string(now.free()) + " units of item " + request.item.to_string() + " were free"
    );
}

void Judge::check_told_no_offer(const Request& request, const StockView& now) {
    if (now.offered < under_way(request.item, true)) return;
    for (const auto& [id, place] : places_) {
        const bool mine = place.item == request.item && place.user == request.user;
        if (!mine || place.state != "offered") continue;
        fail("place " + std::to_string(id) + " was told of no offer and has one");
    }
}

bool Judge::could_be_sold(PromotionItemId item) {
    const StockView& view = stock_[item].view;
    const Time now = scheduler_.clock().now();
    const bool live = view.open && view.opens_at <= now && now < view.closes_at;
    if (!live || view.free() <= 0) return false;
    for (std::int64_t user = 1; user <= kUsers; ++user) {
        if (live_units(item, UserId{user}) < per_user_max(item)) return true;
    }
    return false;
}

bool Judge::all_has_gone() {
    for (const auto& [item, stock] : stock_) {
        if (!gone_.contains(item) && !could_be_sold(item)) gone_.insert(item);
    }
    return gone_.size() == stock_.size();
}

void Judge::fail_unless_all_has_gone() {
    if (all_has_gone()) return;
    for (const auto& [item, stock] : stock_) {
        if (gone_.contains(item)) continue;
        const std::string units = std::to_string(stock.view.free());
        fail(units + " units of item " + item.to_string() + " are free and cannot be bought");
    }
}

}  // namespace doorbuster::simulation
