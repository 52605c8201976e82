#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "payments/payment.hpp"
#include "ports/sql.hpp"

// Refunds that a notification told of and that nobody here asked for, until the provider is asked.
// The notification is answered when its row is stored: a provider waits a few seconds only.
namespace doorbuster::refunds {

using LookupId = Id<struct LookupTag>;

struct Lookup {
    LookupId id;
    PaymentId payment;
    std::string out_refund_no;
    Time heard_at;
    std::int64_t tries = 0;
};

// What both providers allow for a refund's number.
inline constexpr std::size_t kRefundNumberBytesMax = 64;

// When to ask again after no answer that decides it: as of refunds, 10 s, 1, 5, 30 min, then every
// hour, for two days; nothing afterwards, when the bills must tell.
std::optional<Time> next_try(const Lookup& lookup, Time now);

namespace store {

// Due at once. Nothing happens when it waits already.
void insert_lookup(
    sql::Transaction& tx,
    const payments::Payment& payment,
    std::string_view out_refund_no,
    Time heard_at
);
std::optional<Lookup> find_lookup(sql::Reader& reader, LookupId id);
std::vector<LookupId> take_due_lookups(
    sql::Transaction& tx, std::string_view provider, Time now, std::size_t limit, Time lease_end
);
void put_off_lookup(sql::Transaction& tx, LookupId id, Time next_try_at);
void delete_lookup(sql::Transaction& tx, LookupId id);

}  // namespace store
}  // namespace doorbuster::refunds
