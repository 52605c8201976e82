#include "refunds/refund_service.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "payments/doubts.hpp"
#include "payments/errors.hpp"
#include "payments/provider_calls.hpp"
#include "payments/refundable.hpp"
#include "ports/log.hpp"
#include "refunds/errors.hpp"

namespace doorbuster::refunds {
namespace {

// The money side is not refused while the queue is full for everyone else.
constexpr sql::JobOptions kUrgent{.urgent = true};

PaymentId payment_of(const std::string& text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return PaymentId{whole ? id : 0};
}

bool is_paid(const payments::Payment& payment) {
    return payment.state == payments::PaymentState::paid && !payment.duplicate;
}

}  // namespace

RefundService::RefundService(
    sql::Database& database,
    const Clock& clock,
    const events::Outbox& outbox,
    std::vector<RefundProvider*> providers,
    std::string app
)
    : database_{database},
      clock_{clock},
      changes_{clock, outbox},
      providers_{std::move(providers)},
      app_{std::move(app)} {}

RefundProvider* RefundService::provider_named(std::string_view name, std::string_view merchant)
    const {
    for (RefundProvider* provider : providers_) {
        if (provider->name() == name && provider->merchant() == merchant) return provider;
    }
    return nullptr;
}

int RefundService::refunds_max_of(sql::Reader& reader, PaymentId id) const {
    const auto payment = payments::find_payment(reader, id);
    const RefundProvider* const provider =
        payment ? provider_named(payment->provider, payment->merchant) : nullptr;
    return provider ? provider->refunds_max() : 0;
}

Result<RefundId> RefundService::ask(sql::Transaction& tx, const Wish& wish) {
    for (const auto& payment : payments::payments_of(tx, app_, wish.reference)) {
        if (!is_paid(payment)) continue;
        const NewRefund wanted{
            .payment = payment.id,
            .amount = wish.amount,
            .origin = Origin::caller,
            .reason = wish.reason,
            .asked_by = wish.asked_by,
            .key = wish.key};
        const auto refund = request(tx, wanted);
        if (refund.has_error()) return refund.error();
        return refund->id;
    }
    return kNotRefundable;
}

void RefundService::decline_late(sql::Transaction& tx, const std::string& payment) {
    const PaymentId id = payment_of(payment);
    const auto known = payments::find_payment(tx, id);
    if (known && known->app == app_) changes_.give_back(tx, id);
}

RefundDesk::Standing RefundService::standing(sql::Reader& reader, const std::string& reference) {
    Standing standing;
    for (const auto& payment : payments::payments_of(reader, app_, reference)) {
        if (!is_paid(payment)) continue;
        standing.paid += payment.amount;
        standing.refunded += payment.refunded;
        standing.pending += payment.refund_reserved - payment.refunded;
        const auto refunds = store::of_payment(reader, payment.id);
        standing.needs_person |= std::ranges::any_of(refunds, needs_person);
    }
    return standing;
}

Result<Refund> RefundService::request(sql::Transaction& tx, const NewRefund& wanted) const {
    return changes_.request(tx, wanted, refunds_max_of(tx, wanted.payment));
}

Result<Refund> RefundService::retry(sql::Transaction& tx, RefundId id, UserId staff) const {
    const auto refund = store::find(tx, id);
    if (!refund) return kRefundNotFound;
    return changes_.retry(tx, id, staff, refunds_max_of(tx, refund->payment));
}

Result<Refund> RefundService::resolve(
    sql::Transaction& tx, RefundId id, UserId staff, const std::string& note
) const {
    return changes_.resolve(tx, id, staff, note);
}

bool RefundService::hear(sql::Transaction& tx, PaymentId id, const ProviderRefund& told) {
    if (told.out_refund_no.empty()) return true;
    const auto payment = payments::find_payment(tx, id);
    if (!payment) return true;
    const auto refund =
        store::find_by_number(tx, payment->provider, payment->merchant, told.out_refund_no);
    if (!refund) {
        if (told.out_refund_no.size() > kRefundNumberBytesMax) return true;  // none can have it
        store::insert_lookup(tx, *payment, told.out_refund_no, clock_.now());
        changes_.wake_later(tx);
        return false;
    }
    // A failed one that the provider speaks of again may have succeeded after all.
    changes_.reschedule(tx, refund->id, clock_.now());
    return true;
}

// Nobody may have said yet that it was paid, and what is set apart may become free again.
void RefundService::put_off(sql::Transaction& tx, const Lookup& lookup) const {
    const Time now = clock_.now();
    if (const auto next = next_try(lookup, now)) {
        store::put_off_lookup(tx, lookup.id, *next);
        return;
    }
    const std::string reason =
        "refund " + lookup.out_refund_no + ", which the provider told of, was not found out about";
    payments::raise_doubt(tx, lookup.payment, reason, false, now);
    store::delete_lookup(tx, lookup.id);
    const auto ring = [payment = lookup.payment, reason] {
        log::error("refund_alarm", {{"payment", payment}, {"reason", reason}});
    };
    tx.after_commit(ring);
}

Task<void> RefundService::look_up(LookupId id) {
    const auto read = [&](sql::Reader& reader) { return store::find_lookup(reader, id); };
    const auto lookup = co_await database_.read(read, kUrgent);
    if (!lookup) co_return;
    const Keep settle = [&](sql::Transaction& tx) { store::delete_lookup(tx, id); };
    const auto found = co_await find_at_provider(lookup->payment, lookup->out_refund_no, settle);
    if (found.has_value()) co_return;
    const bool undecided = found.error().is(kUnavailable) || found.error().is(kNotRefundable) ||
                           found.error().is(kRefundTooMuch);
    const auto leave = [&](sql::Transaction& tx) { undecided ? put_off(tx, *lookup) : settle(tx); };
    co_await database_.write(leave, kUrgent);
}

Task<Result<std::optional<Refund>>> RefundService::find_at_provider(
    PaymentId id, const std::string& out_refund_no, Keep keep
) {
    const auto read = [&](sql::Reader& reader) { return payments::find_payment(reader, id); };
    const auto payment = co_await database_.read(read, kUrgent);
    if (!payment) co_return payments::kPaymentNotFound;
    RefundProvider* const provider = provider_named(payment->provider, payment->merchant);
    if (!provider) co_return kUnavailable;
    ProviderRefundOrder order;
    order.out_refund_no = out_refund_no;
    order.out_trade_no = payment->out_trade_no;
    order.transaction_id = payment->transaction.value_or("");
    order.amount = payment->amount;  // not known; only looked up
    order.paid = payment->amount;
    auto call = provider->query_refund(order);
    auto outcome = co_await payments::answer_of(std::move(call));
    if (!outcome.value) co_return kUnavailable;
    const bool other_trade = !outcome.value->out_trade_no.empty() &&
                             outcome.value->out_trade_no != payment->out_trade_no;
    if (other_trade) co_return kRefundNotFound;
    const auto take_in = [&](sql::Transaction& tx) {
        if (keep) keep(tx);
        return changes_.record_external(tx, id, *outcome.value);
    };
    co_return co_await database_.write(take_in, kUrgent);
}

RefundService::Due RefundService::load(sql::Reader& reader, RefundId id) const {
    Due due{store::get(reader, id), {}};
    due.payment = payments::find_payment(reader, due.refund.payment).value();
    return due;
}

Task<void> RefundService::apply(
    RefundId id, RefundFact fact, const RefundChanges::Evidence& evidence
) {
    const auto body = [&](sql::Transaction& tx) { changes_.apply(tx, id, fact, evidence); };
    co_await database_.write(body, kUrgent);
}

Task<void> RefundService::put_off(RefundId id, Time when) {
    const auto body = [&](sql::Transaction& tx) { changes_.reschedule(tx, id, when); };
    co_await database_.write(body, kUrgent);
}

// The same number and amount every time, so that a repeated call is the same refund there.
Task<void> RefundService::send(const Due& due, RefundProvider& provider) {
    const RefundId id = due.refund.id;
    const auto begin = [&](sql::Transaction& tx) {
        return changes_.begin_asking(tx, id, provider.refund_distance());
    };
    if (!co_await database_.write(begin, kUrgent)) co_return;
    const ProviderRefundOrder order = provider_order(due.refund, due.payment);
    auto call = provider.refund(order);
    const auto outcome = co_await payments::answer_of(std::move(call));
    if (outcome.value) {
        const auto take = [&](sql::Transaction& tx) {
            changes_.apply_answer(tx, id, *outcome.value);
        };
        co_await database_.write(take, kUrgent);
        co_return;
    }
    const std::string why = payments::told(outcome.refused);
    const auto line = outcome.refused.needs_money ? &log::error : &log::warn;
    line(
        outcome.refused.needs_money ? "refund_alarm" : "refund_not_taken",
        {{"refund", id}, {"out_refund_no", due.refund.out_refund_no}, {"reason", why}}
    );
    const auto fact = outcome.refused.final_answer ? RefundFact::refused : RefundFact::no_answer;
    const RefundChanges::Evidence refusal{.failure = why};
    co_await apply(id, fact, refusal);
}

// What the provider knows of it; sent again, under the same number, unless the provider has given
// it one of its own or has refused it for good.
Task<void> RefundService::look(const Due& due, RefundProvider& provider) {
    const RefundId id = due.refund.id;
    const ProviderRefundOrder order = provider_order(due.refund, due.payment);
    auto call = provider.query_refund(order);
    const auto outcome = co_await payments::answer_of(std::move(call));
    using State = ProviderRefund::State;
    const bool waits = outcome.value && (outcome.value->state == State::not_exist ||
                                         outcome.value->state == State::processing);
    const bool has_number = outcome.value && !outcome.value->refund_id.empty();
    const bool ours = due.refund.origin != Origin::external;
    const bool processing = due.refund.state == RefundState::processing;
    if (waits && !has_number && ours && processing && !due.refund.refused_at) {
        co_await send(due, provider);
        co_return;
    }
    const auto take = [&](sql::Transaction& tx) {
        if (outcome.value) {
            changes_.apply_answer(tx, id, *outcome.value);
        } else {
            changes_.apply(
                tx, id, RefundFact::no_answer, {.failure = payments::told(outcome.refused)}
            );
        }
    };
    co_await database_.write(take, kUrgent);
}

Task<void> RefundService::step(RefundId id) {
    const auto read = [&](sql::Reader& reader) { return load(reader, id); };
    const Due due = co_await database_.read(read, kUrgent);
    RefundProvider* const provider = provider_named(due.refund.provider, due.refund.merchant);
    if (!provider) {
        log::error("refund_alarm", {{"refund", id}, {"reason", "its provider is switched off"}});
        const Time later = clock_.now() + std::chrono::hours{1};
        co_await put_off(id, later);
        co_return;
    }
    switch (due.refund.state) {
        case RefundState::requested:
            co_await send(due, *provider);
            break;
        case RefundState::processing:
        case RefundState::abnormal:
        case RefundState::failed:
            co_await look(due, *provider);
            break;
        case RefundState::succeeded:
            break;
    }
}

Task<std::size_t> RefundService::give_back_due(std::int64_t limit) {
    const Time now = clock_.now();
    const auto read = [&](sql::Reader& reader) {
        return payments::to_give_back(reader, now, limit);
    };
    const auto due = co_await database_.read(read, kUrgent);
    for (const PaymentId payment : due) {
        const auto begin = [&](sql::Transaction& tx) { changes_.give_back(tx, payment); };
        co_await database_.write(begin, kUrgent);
    }
    co_return due.size();
}

Task<std::size_t> RefundService::tell_slow(std::int64_t limit) {
    const Time before = clock_.now() - kStuckAfter;
    const auto read = [&](sql::Reader& reader) { return store::slow(reader, before, limit); };
    const auto slow = co_await database_.read(read, kUrgent);
    for (const RefundId refund : slow) {
        const auto tell = [&](sql::Transaction& tx) { changes_.tell_slow(tx, refund); };
        co_await database_.write(tell, kUrgent);
    }
    co_return slow.size();
}

}  // namespace doorbuster::refunds
