#include "flash_sale/staff/promotion_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::flash_sale {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value time_or_null(const std::optional<Time>& time) {
    return time ? value(to_rfc3339(*time)) : value{};
}

object to_json(const PromotionItem& item) {
    return {
        {"id", item.id.to_string()},
        {"sku_id", item.terms.sku.to_string()},
        {"product_id", item.product.to_string()},
        {"price", item.terms.price.fen()},
        {"allotment", item.terms.allotment},
        {"per_user_max", item.terms.per_user_max},
        {"per_order_max", item.terms.per_order_max}};
}

value milliseconds_or_null(const std::optional<std::chrono::microseconds>& time) {
    if (!time) return {};
    return static_cast<double>(time->count()) / 1000;
}

object to_json(const SaleMeter::Latency& latency) {
    return {
        {"p50_ms", milliseconds_or_null(latency.p50)},
        {"p99_ms", milliseconds_or_null(latency.p99)}};
}

object to_json(const SaleMeter::Rates& rates) {
    object by_outcome;
    for (const auto& outcome : rates.outcomes) by_outcome[outcome.word] = outcome.per_second;
    return {
        {"per_second", rates.per_second},
        {"by_outcome", std::move(by_outcome)},
        {"latency", to_json(rates.all)},
        {"order_latency", to_json(rates.placed)}};
}

// One that staff have ended is over, and a draft sells nothing, whatever its window says.
std::string_view phase_of(const Promotion& promotion, Time now) {
    switch (promotion.state) {
        case PromotionState::draft:
            return "draft";
        case PromotionState::ended:
            return to_string(Phase::ended);
        case PromotionState::published:
            break;
    }
    return to_string(phase_at(promotion.window, now));
}

}  // namespace

object to_json(const Promotion& promotion, Time now) {
    array items;
    for (const PromotionItem& item : promotion.items) items.push_back(to_json(item));
    return {
        {"id", promotion.id.to_string()},
        {"name", promotion.name},
        {"state", to_string(promotion.state)},
        {"phase", phase_of(promotion, now)},
        {"paused", promotion.paused},
        {"shadow", promotion.shadow},
        {"starts_at", to_rfc3339(promotion.window.starts_at)},
        {"ends_at", to_rfc3339(promotion.window.ends_at)},
        {"epoch", promotion.epoch},
        {"version", promotion.version},
        {"created_at", to_rfc3339(promotion.created_at)},
        {"published_at", time_or_null(promotion.published_at)},
        {"ended_at", time_or_null(promotion.ended_at)},
        {"items", std::move(items)}};
}

object to_json(const StockView& view) {
    return {
        {"open", view.open},
        {"granted", view.granted()},
        {"left", view.free()},
        {"held", view.reserved},
        {"sold", view.sold},
        {"offered", view.offered}};
}

object to_json(const ItemLive& item) {
    object json = to_json(item.counts.view);
    json["item_id"] = item.counts.item.to_string();
    json["released"] = item.counts.released;
    json["waiting"] = item.counts.waiting;
    json["door_leases"] = item.gate.leases;
    json["under_way"] = item.gate.under_way;
    const auto& ordinary = item.ordinary_price;
    json["price"] = item.price.fen();
    json["ordinary_price"] = ordinary ? value(ordinary->fen()) : value{};
    json["dearer_than_ordinary"] = ordinary && item.price > *ordinary;
    json["requests"] = to_json(item.rates);
    return json;
}

}  // namespace doorbuster::flash_sale
