#pragma once

#include <functional>
#include <vector>

#include "simulation/dice.hpp"
#include "simulation/network.hpp"

namespace doorbuster::simulation {

// The buyers of a world. Each is a coroutine of its own that keeps to the protocol: the same key
// for a retry, a new key for a new wish. Bots do the same without patience and many times at once.
class Crowd {
public:
    struct Manner {
        Microseconds arrive_from{0};
        Microseconds arrive_until{6'000'000};
        std::int64_t wishes_max = 3;  // of one buyer, one after the other
        std::int64_t bots = 250;      // chances in a thousand
        std::int64_t pays = 450;
        std::int64_t cancels = 200;
        std::int64_t asks_again = 300;  // repeats a request that was answered
        std::int64_t waits = 700;       // in the waitlist, when it is sold out
        std::int64_t claims = 700;      // what is offered there
        std::int64_t gives_back = 50;   // a token, unused
        std::int64_t ordinary = 100;    // buys at the ordinary price
    };
    // What buyers may want.
    struct Offer {
        PromotionItemId item;
        std::int64_t per_order_max = 1;
    };
    // A buyer pays an order at the provider.
    using Pay = std::function<void(OrderNo)>;

    Crowd(
        Scheduler& scheduler,
        Dice& dice,
        Network& network,
        Manner manner,
        std::vector<Offer> offers,
        Pay pay
    )
        : scheduler_{scheduler},
          dice_{dice},
          network_{network},
          manner_{manner},
          offers_{std::move(offers)},
          pay_{std::move(pay)} {}

    void send(UserId user);
    // Wants one unit after the other of each item, and does not give up before `over()`.
    void send_to_buy(UserId user, const std::function<bool()>& over);
    bool gone() const { return inside_ == 0; }

private:
    Task<void> live(UserId user);
    Task<void> want(UserId user, Offer offer);
    Task<void> buy_on(UserId user, PromotionItemId item, std::function<bool()> over);
    // A token; nothing: there is no point in asking on.
    Task<std::optional<Reply>> get_token(UserId user, PromotionItemId item);
    Task<std::optional<Reply>> place(Request& order);
    Task<void> stand_in_line(UserId user, PromotionItemId item);
    Task<void> claim(UserId user, PromotionItemId item);
    Task<void> settle(Request order, OrderNo number);
    Task<std::optional<Reply>> insist(Request request, int tries);

    Task<void> pause(std::int64_t milliseconds_max);
    std::string new_key();
    void start(Task<void> task);
    Task<void> counted(Task<void> task);

    Scheduler& scheduler_;
    Dice& dice_;
    Network& network_;
    const Manner manner_;
    const std::vector<Offer> offers_;
    const Pay pay_;
    std::int64_t inside_ = 0;
    std::int64_t keys_ = 0;
};

}  // namespace doorbuster::simulation
