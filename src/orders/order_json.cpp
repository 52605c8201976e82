#include "orders/order_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::orders {
namespace {

namespace json = boost::json;

// 40 Chinese characters are 120 bytes; WeChat Pay takes 127 (payment documents, `description`).
constexpr std::size_t kDescriptionCharactersMax = 40;

json::value to_json(const std::optional<Time>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::value to_json(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

json::value promotion_of(const Item& item) {
    if (!item.promotion) return nullptr;
    return json::object{{"item_id", item.promotion->to_string()}, {"name", item.promotion_name}};
}

std::string_view part_of(std::string_view actor, UserId buyer) {
    if (!actor.starts_with('u')) return actor;
    return actor == Actor::user(buyer).name() ? "shopper" : "staff";
}

// The first characters of UTF-8 text; continuation bytes are 10xxxxxx.
std::string shortened(const std::string& text, std::size_t characters_max) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        if (begins && characters++ == characters_max) return text.substr(0, i);
    }
    return text;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
    out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":\"");
    out.append(value).append("\"");
}

void append_number(std::string& out, std::string_view name, Money value) {
    out.append(",\"").append(name).append("\":").append(std::to_string(value.fen()));
}

}  // namespace

// Numbers and words of our own only, so nothing needs escaping. Written by hand because it may run
// on the database's writer thread, once per order.
std::string placed_json(const Order& order) {
    std::string out = "{";
    out.reserve(288);
    append_text(out, "order_no", order.number.to_string());
    append_number(out, "total", order.total);
    append_number(out, "items_total", order.items_total);
    append_number(out, "freight", order.freight);
    append_text(out, "currency", kCurrency);
    append_text(out, "status", to_string(order.status));
    append_text(out, "payment_status", to_string(order.payment_status));
    append_text(out, "created_at", to_rfc3339(order.created_at));
    append_text(out, "expires_at", to_rfc3339(order.expires_at));
    return out += '}';
}

json::object to_json(const Order& order) {
    const auto& reason = order.close_reason;
    return {
        {"order_no", order.number.to_string()},
        {"user_id", order.user.to_string()},
        {"status", to_string(order.status)},
        {"payment_status", to_string(order.payment_status)},
        {"fulfillment_status", to_string(order.fulfillment)},
        {"close_reason", reason ? json::value(to_string(*reason)) : json::value(nullptr)},
        {"items_total", order.items_total.fen()},
        {"discount_total", order.discount_total.fen()},
        {"freight", order.freight.fen()},
        {"total", order.total.fen()},
        {"currency", kCurrency},
        {"address", json::parse(order.address_json)},
        {"note", order.note},
        {"carrier", to_json(order.carrier)},
        {"tracking_number", to_json(order.tracking_number)},
        {"created_at", to_rfc3339(order.created_at)},
        {"expires_at", to_rfc3339(order.expires_at)},
        {"paid_at", to_json(order.paid_at)},
        {"shipped_at", to_json(order.shipped_at)},
        {"completed_at", to_json(order.completed_at)},
        {"closed_at", to_json(order.closed_at)}};
}

json::array to_json(const std::vector<Item>& items) {
    json::array list;
    list.reserve(items.size());
    for (const Item& item : items) {
        list.push_back(
            {{"sku_id", item.sku.to_string()},
             {"product_id", item.product.to_string()},
             {"title", item.title},
             {"options", item.options},
             {"sku", item.sku_code},
             {"image", item.image},
             {"price", item.price.fen()},
             {"quantity", item.quantity},
             {"returned", item.returned},
             {"subtotal", item.subtotal().fen()},
             {"promotion", promotion_of(item)}}
        );
    }
    return list;
}

json::array to_json(const std::vector<TimelineEntry>& timeline, UserId buyer) {
    json::array list;
    list.reserve(timeline.size());
    for (const TimelineEntry& entry : timeline) {
        list.push_back(
            {{"kind", entry.kind},
             {"status", entry.status},
             {"actor", part_of(entry.actor, buyer)},
             {"detail", entry.detail},
             {"at", to_rfc3339(entry.at)}}
        );
    }
    return list;
}

std::string payment_description(const std::vector<Item>& items) {
    if (items.empty()) return {};
    std::string text = shortened(items.front().title, kDescriptionCharactersMax);
    if (items.size() > 1) text += " +" + std::to_string(items.size() - 1);
    return text;
}

}  // namespace doorbuster::orders
