#include "bookkeeping/book_routes.hpp"

#include <boost/json.hpp>

#include "bookkeeping/books.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"

namespace doorbuster::bookkeeping {
namespace {

using http::Request;
using http::Response;

boost::json::object to_json(const Balance& balance) {
    return {
        {"account", balance.account},
        {"provider", balance.provider},
        {"merchant", balance.merchant},
        {"debit", balance.debit.fen()},
        {"credit", balance.credit.fen()},
        {"balance", balance.balance().fen()}};
}

boost::json::object to_json(const Entry& entry) {
    return {
        {"id", std::to_string(entry.id)},
        {"kind", entry.kind},
        {"subject", entry.subject},
        {"payment_id", entry.payment.to_string()},
        {"provider", entry.provider},
        {"merchant", entry.merchant},
        {"debit", entry.debit},
        {"credit", entry.credit},
        {"amount", entry.amount.fen()},
        {"at", to_rfc3339(entry.at)}};
}

Task<Response> show_balance(sql::Database& database, Request& request) {
    http::Fields query = http::Fields::query(request);
    const auto from = query.optional_time("from");
    const auto until = query.optional_time("until");
    if (auto bad = query.check(); bad.has_error()) co_return http::failure(request, bad.error());
    const auto read = [&](sql::Reader& reader) { return trial_balance(reader, from, until); };
    const TrialBalance trial = co_await database.read(read);
    boost::json::array accounts;
    for (const Balance& balance : trial.balances) accounts.push_back(to_json(balance));
    const boost::json::object data{
        {"accounts", std::move(accounts)},
        {"debit", trial.debit.fen()},
        {"credit", trial.credit.fen()},
        {"currency", kCurrency}};
    co_return http::ok(request, data);
}

Task<Response> show_entries(sql::Database& database, Request& request) {
    const auto payment = request.path_id<PaymentId>("id");
    const auto read = [&](sql::Reader& reader) { return entries_of(reader, payment); };
    const auto entries = co_await database.read(read);
    if (entries.empty()) co_return http::failure(request, kNotFound);  // nothing was booked for it
    boost::json::array list;
    for (const Entry& entry : entries) list.push_back(to_json(entry));
    co_return http::ok(request, boost::json::object{{"list", std::move(list)}});
}

}  // namespace

http::Routes book_routes(sql::Database& database) {
    const auto access = http::Access::staff(Right::finance);
    const auto balance = [&database](Request& request) { return show_balance(database, request); };
    const auto entries = [&database](Request& request) { return show_entries(database, request); };
    return {
        {http::Method::get, "/api/admin/v1/books/balance", access, http::AsyncHandler{balance}},
        {http::Method::get,
         "/api/admin/v1/payments/{id}/book-entries",
         access,
         http::AsyncHandler{entries}}};
}

}  // namespace doorbuster::bookkeeping
