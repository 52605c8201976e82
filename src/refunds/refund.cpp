#include "refunds/refund.hpp"

#include <algorithm>
#include <array>

namespace doorbuster::refunds {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Milliseconds, 5> kDistances{
    seconds{10}, minutes{1}, minutes{5}, minutes{30}, hours{1}};
constexpr Milliseconds kAbnormalDistance = hours{24};

}  // namespace

std::string_view to_string(Origin origin) {
    switch (origin) {
        case Origin::staff:
            return "staff";
        case Origin::caller:
            return "caller";
        case Origin::late:
            return "late";
        case Origin::duplicate:
            return "duplicate";
        case Origin::external:
            return "external";
    }
    return {};
}

Milliseconds distance_after(std::int64_t tries) {
    const auto last = static_cast<std::int64_t>(kDistances.size()) - 1;
    return kDistances[static_cast<std::size_t>(std::clamp<std::int64_t>(tries - 1, 0, last))];
}

std::optional<Time> next_try(const Refund& refund, Time now) {
    switch (refund.state) {
        case RefundState::requested:
            return now;
        case RefundState::processing:
            return now + distance_after(refund.tries);
        case RefundState::abnormal:
            return now + kAbnormalDistance;
        case RefundState::succeeded:
        case RefundState::failed:
            return std::nullopt;
    }
    return std::nullopt;
}

bool needs_person(const Refund& refund) {
    if (refund.resolved_at) return false;
    const bool hangs = refund.stuck && is_open(refund.state);
    return refund.state == RefundState::failed || refund.state == RefundState::abnormal || hangs;
}

RefundFact fact_of(const Refund& refund, const ProviderRefund& told, Time now) {
    using State = ProviderRefund::State;
    const bool refusal_stands =
        refund.refused_at && now >= *refund.refused_at + kRefusalStandsAfter;
    const auto no_word = refusal_stands ? RefundFact::refusal_confirmed : RefundFact::no_answer;
    switch (told.state) {
        case State::processing:
            return refund.refused_at && told.refund_id.empty() ? no_word : RefundFact::taken;
        case State::succeeded:
            return RefundFact::verified_succeeded;
        case State::failed:
            return RefundFact::verified_failed;
        case State::abnormal:
            return RefundFact::verified_abnormal;
        case State::not_exist:
            return no_word;
        case State::unknown:
            return RefundFact::no_answer;
    }
    return RefundFact::no_answer;
}

std::string_view mismatch_of(const Refund& refund, const ProviderRefund& told) {
    using State = ProviderRefund::State;
    if (told.state == State::not_exist || told.state == State::unknown) return {};
    if (!told.out_refund_no.empty() && told.out_refund_no != refund.out_refund_no) return "number";
    if (told.amount && *told.amount != refund.amount) return "amount";
    return {};
}

ProviderRefundOrder provider_order(const Refund& refund, const payments::Payment& payment) {
    return {
        .out_refund_no = refund.out_refund_no,
        .out_trade_no = payment.out_trade_no,
        .transaction_id = payment.transaction.value_or(""),
        .amount = refund.amount,
        .paid = payment.amount,
        .reason = refund.reason};
}

}  // namespace doorbuster::refunds
