#pragma once

#include <map>
#include <string>
#include <vector>

#include "payments/checkout.hpp"
#include "payments/events.hpp"
#include "simulation/disk.hpp"

namespace doorbuster::simulation {

// The payment side, played by hand: it has a memory of its own that no crash of the shop touches,
// answers every reference once (payment.succeeded or payment.closed), and tells money that came too
// late by payment.refund_due.
class PaymentSide final : public payments::Checkout {
public:
    explicit PaymentSide(Disk& disk) : disk_{disk} {}

    // Buyers of a world pay by `begin` and `paid`, which wait for nothing.
    Task<Result<payments::PaymentView>> pay(const payments::PaymentOrder&, const std::string&)
        override {
        co_return kUnavailable;
    }
    // What the order side asks here is found again by `closing`, as a row would be.
    void close(sql::Transaction&, const std::string&) override {}
    bool is_closed(sql::Reader&, const std::string& reference) override {
        return !attempts_.contains(reference);
    }

    bool keep_late(sql::Transaction&, const std::string&, const std::function<bool()>&) override {
        return false;
    }

    // An attempt for an order that awaits payment. False: there is no such order, or no more.
    bool begin(OrderNo order);
    // What is to be told of each: the buyer has paid; the shop wants it closed. Nothing: it was
    // answered before, and nothing follows from this.
    struct Telling {
        std::string_view topic;
        payments::PaymentEvent event;
    };
    std::optional<Telling> paid(const std::string& reference, Time now);
    std::optional<Telling> closed(const std::string& reference, Time now);

    // Orders that wait for this side's answer, and have not had it.
    std::vector<std::string> closing();

    enum class State { open, paid, closed };
    std::optional<State> state(const std::string& reference) const;

private:
    struct Attempt {
        State state = State::open;
        Money amount;
        bool refund_due = false;
    };
    Disk& disk_;
    std::map<std::string, Attempt> attempts_;
};

}  // namespace doorbuster::simulation
