#pragma once

#include <functional>
#include <optional>

#include "simulation/dice.hpp"
#include "simulation/messages.hpp"
#include "simulation/scheduler.hpp"

namespace doorbuster::simulation {

// How messages travel. Chances are in a thousand messages.
struct NetworkManner {
    Microseconds delay_max{20'000};
    Microseconds patience{3'000'000};  // how long a client waits for an answer
    std::int64_t lost = 0;             // on either way
    std::int64_t doubled = 0;          // a request arrives twice
    std::int64_t slow = 0;             // takes a hundred times as long
};

// Between clients and whichever life of the server is up.
class Network {
public:
    using Answer = std::function<void(const Reply&)>;
    // What a request meets when it arrives.
    using Door = std::function<void(const Request&, Answer)>;
    // What a client has been told, in time.
    using Witness = std::function<void(const Request&, const Reply&)>;

    Network(Scheduler& scheduler, Dice& dice, NetworkManner manner)
        : scheduler_{scheduler}, dice_{dice}, manner_{manner} {}
    void connect(Door door, Witness witness) {
        door_ = std::move(door);
        witness_ = std::move(witness);
    }

    // Nothing: no answer came in time; anything may have happened.
    Task<std::optional<Reply>> call(Request request);

    // From now on nothing is lost, doubled or slow.
    void calm();

private:
    struct Waiting;
    void travel(const Request& request, const std::shared_ptr<Waiting>& waiting);
    void carry_back(
        const Request& request, const Reply& reply, const std::shared_ptr<Waiting>& waiting
    );
    Microseconds delay();

    Scheduler& scheduler_;
    Dice& dice_;
    NetworkManner manner_;
    Door door_;
    Witness witness_;
};

}  // namespace doorbuster::simulation
