#include "simulation/network.hpp"

namespace doorbuster::simulation {

// A client that waits. Owned by what will end the waiting, never by the client's own coroutine,
// which hangs on `over`.
struct Network::Waiting {
    Waiting(boost::asio::io_context& loop, std::optional<Reply>& where)
        : answer{where}, over{loop} {}
    std::optional<Reply>& answer;
    bool ended = false;
    Signal over;
};

Microseconds Network::delay() {
    const Microseconds usual{dice_.between(0, manner_.delay_max.count())};
    return dice_.chance(manner_.slow) ? usual * 100 : usual;
}

Task<std::optional<Reply>> Network::call(Request request) {
    std::optional<Reply> answer;
    auto waiting = std::make_shared<Waiting>(scheduler_.loop(), answer);
    Signal& over = waiting->over;
    if (!dice_.chance(manner_.lost)) travel(request, waiting);
    if (dice_.chance(manner_.doubled)) travel(request, waiting);
    scheduler_.after(manner_.patience, [waiting] {
        waiting->ended = true;
        waiting->over.fire();
    });
    waiting.reset();
    co_await over.wait();
    co_return answer;
}

void Network::travel(const Request& request, const std::shared_ptr<Waiting>& waiting) {
    scheduler_.after(delay(), [this, request, waiting] {
        door_(request, [this, request, waiting](const Reply& reply) {
            carry_back(request, reply, waiting);
        });
    });
}

void Network::carry_back(
    const Request& request, const Reply& reply, const std::shared_ptr<Waiting>& waiting
) {
    if (dice_.chance(manner_.lost)) return;
    scheduler_.after(delay(), [this, request, reply, waiting] {
        if (waiting->ended) return;
        waiting->ended = true;
        waiting->answer = reply;
        witness_(request, reply);
        waiting->over.fire();
    });
}

void Network::calm() { manner_.lost = manner_.doubled = manner_.slow = 0; }

}  // namespace doorbuster::simulation
