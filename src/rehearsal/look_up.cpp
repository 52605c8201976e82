#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "rehearsal/http_line.hpp"
#include "rehearsal/load.hpp"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace doorbuster::rehearsal {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Await = asio::use_awaitable_t<Executor>;
constexpr asio::as_tuple_t<Await> kAwait{Await{}};
constexpr int kTriesMax = 20;

// The look-ups that several connections share out among them.
struct LookUps {
    std::uint16_t port;
    const std::vector<Buyer>& buyers;
    const std::vector<Recorder::Entry>& entries;
    asio::io_context loop{1};
    std::size_t next = 0;
    Found found;
};

Task<void> look_up_one(LookUps& all, HttpLine& line, const Recorder::Entry& entry) {
    const std::string path = "/api/v1/orders/" + entry.order_no;
    const Call call{.method = "GET", .path = path, .session = all.buyers[entry.buyer].session};
    for (int i = 0; i < kTriesMax; ++i) {
        Task<Answer> asking = line.ask(call, std::chrono::steady_clock::now() + 30s);
        const Answer answer = co_await std::move(asking);
        if (answer.status == 200 && answer.field("order_no") == entry.order_no) {
            ++all.found.statuses[std::string{answer.field("status")}];
            co_return;
        }
        if (answer.status == 404) break;
        asio::steady_timer pause{all.loop, 200ms};
        co_await pause.async_wait(kAwait);
    }
    all.found.lost.push_back(entry);
}

Task<void> look_up_some(LookUps& all) {
    HttpLine line{all.loop.get_executor(), all.port};
    while (all.next < all.entries.size()) {
        const Recorder::Entry& entry = all.entries[all.next++];
        Task<void> looking = look_up_one(all, line, entry);
        co_await std::move(looking);
    }
}

}  // namespace

Found look_up(
    std::uint16_t port,
    const std::vector<Buyer>& buyers,
    const std::vector<Recorder::Entry>& entries,
    int connections
) {
    LookUps all{port, buyers, entries};
    for (int i = 0; i < connections; ++i) {
        asio::co_spawn(all.loop, look_up_some(all), asio::detached);
    }
    all.loop.run();
    return std::move(all.found);
}

}  // namespace doorbuster::rehearsal
