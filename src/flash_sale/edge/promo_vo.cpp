#include "flash_sale/edge/promo_vo.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace doorbuster::flash_sale {
namespace {

namespace json = boost::json;

Phase phase_of(const SaleItem& item, Time now) {
    return item.ended ? Phase::ended : phase_at(item.window, now);
}

bool is_shown(const Sale& sale, Time now) {
    return !sale.shadow && !sale.ended && phase_at(sale.window, now) != Phase::ended;
}

}  // namespace

json::object to_json(const PromoVo& vo) {
    const SaleItem& item = *vo.item;
    const SaleItem::Shown& shown = item.shown;
    const bool priced = shown.ordinary_price > Money::fen(0);
    return {
        {"promotion_id", item.promotion.to_string()},
        {"item_id", item.id.to_string()},
        {"product_id", item.product.to_string()},
        {"sku_id", item.terms.sku.to_string()},
        {"name", shown.name},
        {"title", shown.title},
        {"image", shown.image.empty() ? json::value(nullptr) : json::value(shown.image)},
        {"status", to_string(vo.status)},
        {"paused", vo.paused},
        {"sold_out", vo.sold_out},
        {"stock_band", to_string(vo.stock_band)},
        {"price", item.terms.price.fen()},
        {"original_price", priced ? json::value(shown.ordinary_price.fen()) : json::value(nullptr)},
        {"starts_at", to_rfc3339(item.window.starts_at)},
        {"ends_at", to_rfc3339(item.window.ends_at)},
        {"per_user_max", item.terms.per_user_max},
        {"per_order_max", item.terms.per_order_max},
        {"server_time", to_rfc3339(vo.server_time)}};
}

PromoVo PromoViews::view(const std::shared_ptr<const SaleItem>& item, bool stopped, Time now)
    const {
    PromoVo vo{.item = item, .status = phase_of(*item, now), .server_time = now};
    vo.paused = item->paused || stopped;
    const auto stock = gate_.view(item->id);
    // An item that the gate does not hold cannot be bought.
    vo.sold_out = !stock || gate_.sold_out(item->id);
    if (!vo.sold_out) vo.stock_band = band_of(stock->free(), stock->granted());
    return vo;
}

PromoVo PromoViews::of(const std::shared_ptr<const SaleItem>& item) const {
    return view(item, board_.stopped(), clock_.now());
}

std::string PromoViews::promotion_json(ProductId product) const {
    const auto snapshot = board_.snapshot();
    const auto found = snapshot->of_product.find(product);
    if (found == snapshot->of_product.end()) return "null";
    const Time now = clock_.now();
    json::array items;
    for (const auto& item : found->second) {
        if (phase_of(*item, now) == Phase::ended) continue;
        items.push_back(to_json(view(item, snapshot->stopped, now)));
    }
    if (items.empty()) return "null";
    return json::serialize(json::object{
        {"server_time", to_rfc3339(now)}, {"items", std::move(items)}});
}

json::object PromoViews::sale_json(const Sale& sale, bool stopped, Time now) const {
    json::array items;
    for (const auto& item : sale.items) items.push_back(to_json(view(item, stopped, now)));
    return {
        {"id", sale.id.to_string()},
        {"name", sale.name},
        {"status", to_string(phase_at(sale.window, now))},
        {"paused", sale.paused || stopped},
        {"starts_at", to_rfc3339(sale.window.starts_at)},
        {"ends_at", to_rfc3339(sale.window.ends_at)},
        {"items", std::move(items)}};
}

std::string PromoViews::list_json(std::int64_t page, std::int64_t page_size) const {
    const auto snapshot = board_.snapshot();
    const Time now = clock_.now();
    const std::int64_t first = (page - 1) * page_size;
    std::int64_t total = 0;
    json::array list;
    for (const Sale& sale : snapshot->sales) {
        if (!is_shown(sale, now)) continue;
        const std::int64_t place = total++;
        if (place < first || place >= first + page_size) continue;
        list.push_back(sale_json(sale, snapshot->stopped, now));
    }
    return json::serialize(json::object{
        {"list", std::move(list)},
        {"total", total},
        {"page", page},
        {"page_size", page_size},
        {"server_time", to_rfc3339(now)}});
}

}  // namespace doorbuster::flash_sale
