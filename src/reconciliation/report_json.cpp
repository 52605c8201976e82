#include "reconciliation/report_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::reconciliation {

namespace json = boost::json;

namespace {

json::value time_or_null(const std::optional<Time>& time) {
    return time ? json::value(to_rfc3339(*time)) : json::value{};
}

json::value fen_or_null(const std::optional<Money>& money) {
    return money ? json::value(money->fen()) : json::value{};
}

template <class AnId>
json::value id_or_null(const std::optional<AnId>& id) {
    return id ? json::value(id->to_string()) : json::value{};
}

}  // namespace

json::object to_json(const Reconciliation& run) {
    json::object bill{
        {"payments", run.bill.payments},
        {"paid", run.bill.paid.fen()},
        {"refunds", run.bill.refunds},
        {"refunded", run.bill.refunded.fen()},
        {"fees", run.bill.fees.fen()},
        {"trade_hash", run.trade_hash},
        {"fund_hash", run.fund_hash}};
    json::object matched{
        {"payments", run.matched.payments},
        {"paid", run.matched.paid.fen()},
        {"refunds", run.matched.refunds},
        {"refunded", run.matched.refunded.fen()}};
    return {
        {"id", run.id.to_string()},
        {"provider", run.provider},
        {"merchant", run.merchant},
        {"date", to_string(run.day)},
        {"state", to_string(run.state)},
        {"started_at", to_rfc3339(run.started_at)},
        {"finished_at", time_or_null(run.finished_at)},
        {"runs", run.runs},
        {"next_run_at", time_or_null(run.next_run_at)},
        {"failure", run.failure},
        {"bill", std::move(bill)},
        {"matched", std::move(matched)},
        {"open", run.open},
        {"not_kept", run.not_kept}};
}

json::object to_json(const Difference& difference) {
    return {
        {"id", difference.id.to_string()},
        {"subject", to_string(difference.subject)},
        {"kind", to_string(difference.kind)},
        {"number", difference.number},
        {"transaction_id", difference.transaction},
        {"payment_id", id_or_null(difference.payment)},
        {"refund_id", id_or_null(difference.refund)},
        {"ours", fen_or_null(difference.ours)},
        {"theirs", fen_or_null(difference.theirs)},
        {"our_status", difference.our_status},
        {"their_status", difference.their_status},
        {"state", to_string(difference.state)},
        {"note", difference.note},
        {"found_at", to_rfc3339(difference.found_at)},
        {"resolved_by", id_or_null(difference.resolved_by)},
        {"resolved_at", time_or_null(difference.resolved_at)}};
}

json::object to_json(const Report& report) {
    json::array differences;
    differences.reserve(report.differences.size());
    for (const Difference& difference : report.differences) {
        differences.push_back(to_json(difference));
    }
    json::object object = to_json(report.run);
    object["differences"] = std::move(differences);
    return object;
}

}  // namespace doorbuster::reconciliation
