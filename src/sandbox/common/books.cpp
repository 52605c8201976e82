#include "sandbox/common/books.hpp"

#include "sandbox/common/sql.hpp"

namespace doorbuster::sandbox {

namespace {

namespace queries = common::queries;

constexpr int kDownloadsMax = 32;
constexpr std::int64_t kFeePerMille = 6;

sql::Bytes bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
std::string text_of(sql::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Download> named(std::optional<Download> download, std::string_view token) {
    if (download) download->token = token;
    return download;
}

Download read_download(const sql::Row& row) {
    return {.token = {}, .name = row.string(0), .content = text_of(row.bytes(1)), .expires_at = {}};
}

}  // namespace

void create_common_tables(sql::Transaction& tx) {
    for (const auto* statement :
         {&queries::create_entries,
          &queries::create_entries_index,
          &queries::create_notifications,
          &queries::create_due_index,
          &queries::create_held_index,
          &queries::create_downloads}) {
        tx.execute(*statement, {});
    }
}

void insert_entry(sql::Transaction& tx, const Entry& entry) {
    if (entry.amount.is_zero()) return;
    tx.execute(
        queries::insert_entry,
        {entry.provider,
         entry.at,
         entry.kind,
         entry.out_trade_no,
         entry.reference,
         entry.merchant_no,
         entry.amount,
         entry.note}
    );
}

std::vector<Entry> list_entries(
    sql::Reader& reader, std::string_view provider, DaySpan span, std::int64_t limit
) {
    const auto read = [provider](const sql::Row& row) {
        return Entry{
            .id = row.integer(0),
            .provider = std::string{provider},
            .at = row.time(1),
            .kind = row.string(2),
            .out_trade_no = row.string(3),
            .reference = row.string(4),
            .merchant_no = row.string(5),
            .amount = row.money(6),
            .note = row.string(7)};
    };
    return reader.all(queries::list_entries, {provider, span.from, span.to, limit}, read);
}

Money balance_before(sql::Reader& reader, std::string_view provider, Time time) {
    const auto read = [](const sql::Row& row) { return row.money(0); };
    return *reader.find(queries::balance_before, {provider, time}, read);
}

EntrySum entry_sum_of(const sql::Row& row) { return {row.string(0), row.integer(1), row.money(2)}; }

std::vector<EntrySum> sums_by_kind(sql::Reader& reader, std::string_view provider, DaySpan span) {
    return reader.all(queries::sums_by_kind, {provider, span.from, span.to}, entry_sum_of);
}

void insert_download(sql::Transaction& tx, const Download& download, Time now) {
    tx.execute(queries::drop_expired_downloads, {now, kDownloadsMax - 1});
    tx.execute(
        queries::insert_download,
        {download.token, download.name, bytes_of(download.content), download.expires_at}
    );
}

std::optional<Download> take_download(sql::Transaction& tx, std::string_view token, Time now) {
    return named(tx.find(queries::take_download, {token, now}, read_download), token);
}

std::optional<Download> find_download(sql::Reader& reader, std::string_view token, Time now) {
    return named(reader.find(queries::find_download, {token, now}, read_download), token);
}

Money fee_of(Money settled) { return Money::fen((settled.fen() * kFeePerMille + 500) / 1000); }

Money share(Money whole, Money done, Money total) {
    if (total.is_zero()) return Money{};
    // Amounts are at most 10^10 fen, and their product more than 64 bits hold.
    const auto product = static_cast<__int128>(whole.fen()) * done.fen();
    return Money::fen(static_cast<std::int64_t>((product * 2 + total.fen()) / (total.fen() * 2)));
}

}  // namespace doorbuster::sandbox
