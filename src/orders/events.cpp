#include "orders/events.hpp"

namespace doorbuster::orders {

// Numbers and words of our own only, so nothing needs escaping. Written by hand because it runs on
// the database's writer thread, once per order.
std::string OrderEvent::to_json() const {
    std::string json;
    json.reserve(160);
    json.append(R"({"order_no":")").append(order.to_string());
    json.append(R"(","user_id":")").append(user.to_string());
    json.append(R"(","status":")").append(status);
    json.append(R"(","total":)").append(std::to_string(total.fen()));
    json.append(R"(,"currency":")").append(kCurrency);
    json.append(R"(","reason":")").append(reason);
    return json.append(R"("})");
}

}  // namespace doorbuster::orders
