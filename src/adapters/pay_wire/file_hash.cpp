#include "adapters/pay_wire/file_hash.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace doorbuster::pay_wire {

namespace {

// Lets others of this event loop have their turn.
Task<void> yield() {
    constexpr boost::asio::use_awaitable_t<Executor> token;
    const Executor executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, token);
}

// Sixteen pieces of 64 KiB take some milliseconds.
constexpr int kPiecesAtATime = 16;

}  // namespace

Task<std::string> hash_of(std::filesystem::path file, InflatedFile::Format format, Digest digest) {
    InflatedFile content{file, format};
    auto piece = content.next();
    for (int pieces = 0; !piece.empty(); piece = content.next()) {
        digest.add(piece);
        if (++pieces % kPiecesAtATime == 0) co_await yield();
    }
    co_return digest.hex();
}

}  // namespace doorbuster::pay_wire
