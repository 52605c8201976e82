#include "payments/events.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace doorbuster::payments {
namespace {

std::string text_of(const boost::json::object& object, std::string_view name) {
    return std::string{object.at(name).as_string()};
}

PaymentEvent read(const boost::json::object& object) {
    PaymentEvent event;
    event.payment = text_of(object, "payment");
    event.app = text_of(object, "app");
    event.reference = text_of(object, "reference");
    event.provider = text_of(object, "provider");
    event.amount = Money::fen(object.at("amount").as_int64());
    event.transaction = text_of(object, "transaction");
    const auto at = from_rfc3339(text_of(object, "paid_at"));
    if (!at) throw std::invalid_argument{"paid_at"};
    event.paid_at = *at;
    event.late = object.at("late").as_bool();
    event.duplicate = object.at("duplicate").as_bool();
    return event;
}

}  // namespace

std::string PaymentEvent::to_json() const {
    const boost::json::object object{
        {"payment", payment},
        {"app", app},
        {"reference", reference},
        {"provider", provider},
        {"amount", amount.fen()},
        {"transaction", transaction},
        {"paid_at", to_rfc3339(paid_at)},
        {"late", late},
        {"duplicate", duplicate}};
    return boost::json::serialize(object);
}

PaymentEvent PaymentEvent::from_json(std::string_view json) {
    try {
        return read(boost::json::parse(json).as_object());
    } catch (const std::exception& error) {
        throw std::invalid_argument{std::string{"not a payment event: "} + error.what()};
    }
}

}  // namespace doorbuster::payments
