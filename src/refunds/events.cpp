#include "refunds/events.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace doorbuster::refunds {
namespace {

std::string text_of(const boost::json::object& object, std::string_view name) {
    return std::string{object.at(name).as_string()};
}

RefundEvent read(const boost::json::object& object) {
    RefundEvent event;
    event.refund = text_of(object, "refund");
    event.payment = text_of(object, "payment");
    event.app = text_of(object, "app");
    event.reference = text_of(object, "reference");
    event.provider = text_of(object, "provider");
    event.out_refund_no = text_of(object, "out_refund_no");
    event.origin = text_of(object, "origin");
    event.state = text_of(object, "state");
    event.amount = Money::fen(object.at("amount").as_int64());
    event.reason = text_of(object, "reason");
    return event;
}

}  // namespace

std::string RefundEvent::to_json() const {
    const boost::json::object object{
        {"refund", refund},
        {"payment", payment},
        {"app", app},
        {"reference", reference},
        {"provider", provider},
        {"out_refund_no", out_refund_no},
        {"origin", origin},
        {"state", state},
        {"amount", amount.fen()},
        {"reason", reason}};
    return boost::json::serialize(object);
}

RefundEvent RefundEvent::from_json(std::string_view json) {
    try {
        return read(boost::json::parse(json).as_object());
    } catch (const std::exception& error) {
        throw std::invalid_argument{std::string{"not a refund event: "} + error.what()};
    }
}

}  // namespace doorbuster::refunds
