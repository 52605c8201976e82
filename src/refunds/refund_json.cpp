#include "refunds/refund_json.hpp"

#include <boost/json.hpp>

namespace doorbuster::refunds {
namespace {

boost::json::value text_or_null(const std::optional<std::string>& text) {
    return text ? boost::json::value(*text) : boost::json::value{};
}

boost::json::value time_or_null(const std::optional<Time>& time) {
    return time ? boost::json::value(to_rfc3339(*time)) : boost::json::value{};
}

}  // namespace

boost::json::object to_json(const Refund& refund) {
    std::optional<std::string> resolved_by;
    if (refund.resolved_by) resolved_by = refund.resolved_by->to_string();
    return {
        {"id", refund.id.to_string()},
        {"payment_id", refund.payment.to_string()},
        {"provider", refund.provider},
        {"merchant", refund.merchant},
        {"out_refund_no", refund.out_refund_no},
        {"provider_number", text_or_null(refund.provider_number)},
        {"origin", to_string(refund.origin)},
        {"status", to_string(refund.state)},
        {"amount", refund.amount.fen()},
        {"reason", refund.reason},
        {"asked_by", refund.asked_by},
        {"failure", refund.failure},
        {"tries", refund.tries},
        {"stuck", refund.stuck},
        {"needs_person", needs_person(refund)},
        {"resolution", text_or_null(refund.resolution)},
        {"resolved_by", text_or_null(resolved_by)},
        {"created_at", to_rfc3339(refund.created_at)},
        {"sent_at", time_or_null(refund.sent_at)},
        {"settled_at", time_or_null(refund.settled_at)},
        {"next_try_at", time_or_null(refund.next_try_at)},
        {"resolved_at", time_or_null(refund.resolved_at)}};
}

}  // namespace doorbuster::refunds
