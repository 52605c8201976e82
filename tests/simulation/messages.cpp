#include "simulation/messages.hpp"

#include "simulation/trace.hpp"

namespace doorbuster::simulation {

const char* to_string(Ask ask) {
    switch (ask) {
        case Ask::token:
            return "token";
        case Ask::give_back:
            return "give_back";
        case Ask::order:
            return "order";
        case Ask::claim:
            return "claim";
        case Ask::join:
            return "join";
        case Ask::leave:
            return "leave";
        case Ask::place:
            return "place";
        case Ask::buy_ordinary:
            return "buy_ordinary";
        case Ask::cancel:
            return "cancel";
        case Ask::begin_payment:
            return "begin_payment";
        case Ask::payment_event:
            return "payment_event";
        case Ask::staff:
            return "staff";
    }
    return "";
}

const char* to_string(StaffAction action) {
    switch (action) {
        case StaffAction::publish:
            return "publish";
        case StaffAction::pause:
            return "pause";
        case StaffAction::resume:
            return "resume";
        case StaffAction::add_units:
            return "add_units";
        case StaffAction::move_end:
            return "move_end";
        case StaffAction::end:
            return "end";
        case StaffAction::stop_all:
            return "stop_all";
        case StaffAction::go_on:
            return "go_on";
    }
    return "";
}

std::string to_string(const Request& request) {
    std::string text = to_string(request.ask);
    if (request.ask == Ask::payment_event) {
        return text + ' ' + std::string{request.topic} + ' ' + request.payment.reference;
    }
    if (request.ask == Ask::staff) {
        return text + ' ' + to_string(request.action) + " x" + std::to_string(request.units);
    }
    text += " u" + request.user.to_string() + " i" + request.item.to_string();
    if (!request.key.empty()) {
        text += " key " + request.key + " x" + std::to_string(request.units);
        text += " nonce " + hex(request.nonce) + " epoch " + std::to_string(request.epoch);
    }
    if (request.order != OrderNo{}) text += " order " + request.order.to_string();
    return text;
}

std::string to_string(const Reply& reply) {
    if (!reply.ok()) return std::string{reply.error->name};
    std::string text = "ok";
    if (reply.order != OrderNo{}) text += " order " + reply.order.to_string();
    if (reply.replayed) text += " again";
    if (reply.nonce != 0) text += " nonce " + hex(reply.nonce);
    if (reply.offered) text += " offered";
    return text;
}

}  // namespace doorbuster::simulation
