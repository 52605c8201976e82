#pragma once

#include <string>

#include "ports/event_bus.hpp"

namespace doorbuster::pay_api {

// An event of the payment side in the words of the API: whose it is, and the `data` of what that
// app is sent.
struct AppEvent {
    std::string app;
    std::string data;  // a JSON object
};

// Of a topic payment.*. Throws std::invalid_argument on what the payment side never
// wrote.
AppEvent payment_event(const Event& event);
// Of a topic refund.*. `refund_reference`: the app's own number, empty when it was not
// the app that asked.
AppEvent refund_event(const Event& event, const std::string& refund_reference);

}  // namespace doorbuster::pay_api
