#include "pay_api/app_event.hpp"

#include <boost/json.hpp>

#include "payments/events.hpp"
#include "refunds/events.hpp"

namespace doorbuster::pay_api {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value{} : json::value(text);
}

}  // namespace

AppEvent payment_event(const Event& event) {
    const auto told = payments::PaymentEvent::from_json(event.payload);
    const bool closed = event.topic == payments::kPaymentClosed;
    const json::value at(to_rfc3339(told.paid_at));
    const json::object data{
        {"reference", told.reference},
        {"payment", text_or_null(told.payment)},
        {"provider", text_or_null(told.provider)},
        {"amount", closed ? json::value{} : json::value(told.amount.fen())},
        {"transaction_id", text_or_null(told.transaction)},
        {"paid_at", closed ? json::value{} : at},
        {"closed_at", closed ? at : json::value{}},
        {"late", told.late},
        {"duplicate", told.duplicate}};
    return {told.app, json::serialize(data)};
}

AppEvent refund_event(const Event& event, const std::string& refund_reference) {
    const auto told = refunds::RefundEvent::from_json(event.payload);
    const json::object data{
        {"reference", told.reference},
        {"payment", told.payment},
        {"refund", told.refund},
        {"refund_reference", text_or_null(refund_reference)},
        {"provider", told.provider},
        {"amount", told.amount.fen()},
        {"status", told.state},
        {"origin", told.origin},
        {"reason", told.reason}};
    return {told.app, json::serialize(data)};
}

}  // namespace doorbuster::pay_api
