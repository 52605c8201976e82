#include "pay_api/notifier.hpp"

#include <algorithm>
#include <charconv>

#include "pay_api/app_event.hpp"
#include "pay_api/app_store.hpp"
#include "pay_api/refund_reference.hpp"
#include "payments/events.hpp"
#include "refunds/events.hpp"

namespace doorbuster::pay_api {
namespace {

template <class AnId>
AnId id_of(const std::string& text) {
    std::int64_t id = 0;
    std::from_chars(text.data(), text.data() + text.size(), id);
    return AnId{id};
}

bool is_about_a_refund(const Event& event) { return event.topic.starts_with("refund."); }

AppEvent translated(
    sql::Reader& reader, const refunds::RefundService& refunds, const Event& event
) {
    if (!is_about_a_refund(event)) return payment_event(event);
    const auto told = refunds::RefundEvent::from_json(event.payload);
    const auto refund = refunds.find(reader, id_of<RefundId>(told.refund));
    return refund_event(event, refund ? reference_of(*refund) : "");
}

std::string body_for(const Event& event, std::string data) {
    Event in_their_words = event;
    in_their_words.payload = std::move(data);
    return webhooks::body_of(in_their_words);
}

bool there_are_apps(sql::Reader& reader, std::string_view) { return store::count(reader) > 0; }

}  // namespace

void Notifier::subscribe(events::Subscriptions& subscriptions) const {
    const std::vector<std::string> topics{
        std::string{payments::kPaymentSucceeded},
        std::string{payments::kPaymentClosed},
        std::string{payments::kPaymentRefundDue},
        std::string{refunds::kRefundSucceeded},
        std::string{refunds::kRefundFailed}};
    const auto tell_all = [this](sql::Transaction& tx, EventList events) { tell(tx, events); };
    subscriptions.on_many("pay_api.notify", topics, tell_all, there_are_apps);
    const auto decline = [this](sql::Transaction& tx, const Event& event) { give_back(tx, event); };
    subscriptions.on("pay_api.late", {std::string{payments::kPaymentRefundDue}}, decline);
}

void Notifier::tell(sql::Transaction& tx, EventList events) const {
    const auto apps = store::all(tx);
    const auto endpoints = endpoints_.all(tx);
    std::vector<webhooks::Endpoints::Message> messages;
    for (const Event* event : events) {
        AppEvent told = translated(tx, refunds_, *event);
        const auto app = std::ranges::find(apps, told.app, &PayApp::name);
        if (app == apps.end()) continue;
        const auto endpoint = std::ranges::find(endpoints, app->endpoint, &webhooks::Webhook::id);
        if (endpoint == endpoints.end() || endpoint->url.empty()) continue;
        messages.push_back({endpoint->id, event, body_for(*event, std::move(told.data))});
    }
    if (!messages.empty()) endpoints_.send(tx, messages);
}

void Notifier::give_back(sql::Transaction& tx, const Event& event) const {
    const auto told = payments::PaymentEvent::from_json(event.payload);
    if (store::find(tx, told.app)) refunds_.give_back(tx, id_of<PaymentId>(told.payment));
}

}  // namespace doorbuster::pay_api
