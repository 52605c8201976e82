#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "ports/database.hpp"

// The books that both providers keep: movements of money, events to be told, files to be fetched.
// All functions but `create_common_tables` work inside a caller's transaction.
namespace doorbuster::sandbox {

// A movement on the merchant's account. Negative amounts are taken from the merchant.
struct Entry {
    std::int64_t id = 0;
    std::string provider;
    Time at;
    std::string kind;  // payment, fee, refund, fee_back, refund_back
    std::string out_trade_no;
    std::string reference;
    std::string merchant_no;
    Money amount;
    std::string note;
};

struct DaySpan {
    Time from;
    Time to;  // not included
};

void create_common_tables(sql::Transaction& tx);

void insert_entry(sql::Transaction& tx, const Entry& entry);
// At most `limit`, in their order.
std::vector<Entry> list_entries(
    sql::Reader& reader, std::string_view provider, DaySpan span, std::int64_t limit
);
Money balance_before(sql::Reader& reader, std::string_view provider, Time time);

struct EntrySum {
    std::string kind;
    std::int64_t count = 0;
    Money amount;
};
EntrySum entry_sum_of(const sql::Row& row);  // of kind, count, amount
std::vector<EntrySum> sums_by_kind(sql::Reader& reader, std::string_view provider, DaySpan span);

// A file that can be fetched with a token until `expires_at`.
struct Download {
    std::string token;
    std::string name;
    std::string content;
    Time expires_at;
};
// At most 32 are kept; the ones that expire first go.
void insert_download(sql::Transaction& tx, const Download& download, Time now);
// A token may be used once (`take`) or until it expires (`find`).
std::optional<Download> take_download(sql::Transaction& tx, std::string_view token, Time now);
std::optional<Download> find_download(sql::Reader& reader, std::string_view token, Time now);

// What a payment costs the merchant: 0.6 %, to the nearest fen.
Money fee_of(Money settled);
// The part of `whole` that belongs to the first `done` of `total`, to the nearest fen: what several
// parts get sums to the whole.
Money share(Money whole, Money done, Money total);

}  // namespace doorbuster::sandbox
