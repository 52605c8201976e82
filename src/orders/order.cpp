#include "orders/order.hpp"

#include <array>
#include <boost/json.hpp>
#include <unordered_map>

#include "core/assert.hpp"

namespace doorbuster::orders {
namespace {

template <class Enum, std::size_t N>
Enum find_by_name(const std::array<Enum, N>& all, std::string_view text) {
    for (const Enum value : all) {
        if (to_string(value) == text) return value;
    }
    constexpr bool written_by_a_release = false;
    DOORBUSTER_ASSERT(written_by_a_release);
    return all[0];
}

}  // namespace

std::string_view to_string(PaymentStatus status) {
    switch (status) {
        case PaymentStatus::unpaid:
            return "unpaid";
        case PaymentStatus::paid:
            return "paid";
        case PaymentStatus::refund_due:
            return "refund_due";
        case PaymentStatus::refunding:
            return "refunding";
        case PaymentStatus::partly_refunded:
            return "partly_refunded";
        case PaymentStatus::refunded:
            return "refunded";
    }
    return {};
}

std::string_view to_string(Fulfillment status) {
    switch (status) {
        case Fulfillment::unfulfilled:
            return "unfulfilled";
        case Fulfillment::shipped:
            return "shipped";
        case Fulfillment::received:
            return "received";
    }
    return {};
}

std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::timeout:
            return "timeout";
        case CloseReason::user:
            return "user";
        case CloseReason::merchant:
            return "merchant";
        case CloseReason::refunded:
            return "refunded";
    }
    return {};
}

PaymentStatus payment_status_from(std::string_view text) {
    using P = PaymentStatus;
    constexpr std::array kAll{
        P::unpaid, P::paid, P::refund_due, P::refunding, P::partly_refunded, P::refunded};
    return find_by_name(kAll, text);
}

Fulfillment fulfillment_from(std::string_view text) {
    using F = Fulfillment;
    return find_by_name(std::array{F::unfulfilled, F::shipped, F::received}, text);
}

CloseReason close_reason_from(std::string_view text) {
    using C = CloseReason;
    return find_by_name(std::array{C::timeout, C::user, C::merchant, C::refunded}, text);
}

Money items_total_of(const std::vector<Item>& items) {
    Money total;
    for (const Item& item : items) total += item.subtotal();
    return total;
}

std::vector<inventory::StockLine> stock_lines(const std::vector<Item>& items) {
    std::vector<inventory::StockLine> lines;
    lines.reserve(items.size());
    for (const Item& item : items) {
        if (!item.promotion) lines.push_back({item.sku, item.quantity});
    }
    return lines;
}

std::vector<inventory::StockLine> merged(const std::vector<inventory::StockLine>& lines) {
    std::vector<inventory::StockLine> result;
    std::unordered_map<SkuId, std::size_t> places;
    for (const auto& line : lines) {
        const auto [place, is_new] = places.emplace(line.sku, result.size());
        if (is_new) {
            result.push_back(line);
        } else {
            result[place->second].quantity += line.quantity;
        }
    }
    return result;
}

std::string address_json(const shipping::AddressFields& address) {
    const boost::json::object copy{
        {"recipient", address.recipient},
        {"phone", address.phone},
        {"province", address.province},
        {"city", address.city},
        {"district", address.district},
        {"detail", address.detail},
        {"postcode", address.postcode}};
    return boost::json::serialize(copy);
}

}  // namespace doorbuster::orders
