#pragma once

#include "flash_sale/engine/batch_committer.hpp"
#include "flash_sale/engine/seen_keys.hpp"
#include "flash_sale/engine/twins.hpp"

namespace doorbuster::flash_sale {

// Where a buyer with a valid token orders: decides in memory, commits in a batch, then answers.
// Every answer is final; a PlacedOrder is durable. Thread-safe.
class OrderDesk {
public:
    OrderDesk(
        const SaleBoard& board,
        StockGate& gate,
        SeenKeys& seen,
        BatchCommitter& committer,
        const SaleClock& clock
    )
        : board_{board}, gate_{gate}, seen_{seen}, committer_{committer}, clock_{clock} {}

    struct Wish {
        std::shared_ptr<const SaleItem> item;
        UserId user;
        AddressId address;
        std::int64_t units = 1;
        // What the token says; its signature, user, item and time are checked by whoever calls.
        std::uint64_t nonce = 0;
        std::int64_t epoch = 0;
        bool offered = false;    // for the unit that the waitlist offers; no token is needed
        claims::RequestKey key;  // see OrderRequest
        // Why it cannot be a new order (a bad token): only a retry may succeed.
        std::optional<Error> refusal;
    };
    // Errors: kNotOpen, kEnded, kPaused, kStopped, kTooManyAtOnce, kTokenUsed, kTokenExpired,
    // kSoldOut, kLimitReached, kNoOffer, kBusy (nothing was done, the token is still good),
    // kUnavailable (it may have been placed: ask again with the same key), and those of
    // OrderWriter. A retry with the same key gets the first answer, whatever has come
    // between; one that comes while the first is inside waits for it.
    Task<Result<PlacedOrder>> place(Wish wish);

private:
    Task<Result<PlacedOrder>> decide(const Wish& wish);
    Task<std::optional<Error>> enter(const Wish& wish);
    void settle(const Wish& wish, const std::optional<Result<PlacedOrder>>& outcome);

    const SaleBoard& board_;
    StockGate& gate_;
    SeenKeys& seen_;
    BatchCommitter& committer_;
    const SaleClock& clock_;
    Twins twins_;
};

// Whether an item can be ordered from at this moment, as far as its terms and the clock say.
// Errors: kStopped, kEnded, kPaused, kNotOpen.
Result<void> check_open(const SaleItem& item, bool stopped, Time now);

}  // namespace doorbuster::flash_sale
