// What can be put right by asking the provider is; what it says then is believed like any other
// verified answer.

#include "payments/payment_store.hpp"
#include "ports/log.hpp"
#include "reconciliation/reconciler.hpp"
#include "reconciliation/run_store.hpp"
#include "refunds/refund_store.hpp"

namespace doorbuster::reconciliation {

namespace {

// Calls to the provider in one run, one after the other; the rest waits for the next run.
constexpr std::int64_t kRepairsMax = 500;

}  // namespace

Task<void> Reconciler::repair(const Scope& scope, ReconciliationId id) {
    const auto read = [&](sql::Reader& reader) {
        return store::open_differences(reader, id, kRepairsMax);
    };
    const auto open = co_await parts_.database.read(read);
    for (const Difference& difference : open) {
        Repaired repaired;
        try {
            repaired = co_await repair(difference);
        } catch (const std::exception& failure) {
            repaired.note = failure.what();
        }
        const auto write = [&](sql::Transaction& tx) {
            const auto state =
                repaired.done ? Difference::State::repaired : Difference::State::open;
            store::note_repair(tx, difference.id, state, repaired.note);
            if (!repaired.done || difference.fee.is_zero() || !difference.payment) return;
            const auto refund = difference.refund ? difference.refund : repaired.refund;
            const bookkeeping::Books::Fee fee{*difference.payment, refund, difference.fee};
            books_.fees(tx, scope.provider, scope.merchant, std::span{&fee, 1});
        };
        co_await parts_.database.write(write);
        if (repaired.done) continue;
        log::error(
            "reconciliation_alarm",
            {{"provider", scope.provider},
             {"day", to_string(scope.day)},
             {"subject", to_string(difference.subject)},
             {"kind", to_string(difference.kind)},
             {"number", difference.number},
             {"note", repaired.note}}
        );
    }
}

Task<Reconciler::Repaired> Reconciler::repair(const Difference& difference) {
    if (!difference.payment || difference.kind == Kind::twice) co_return Repaired{};
    if (difference.kind == Kind::amount) {
        co_await parts_.payments.doubt(*difference.payment, "a bill tells another amount");
        co_return Repaired{};
    }
    if (difference.subject == Subject::refund) co_return co_await repair_refund(difference);
    co_return co_await repair_payment(difference);
}

Task<Reconciler::Repaired> Reconciler::repair_payment(const Difference& difference) {
    const PaymentId id = *difference.payment;
    const auto told = co_await parts_.payments.ask(id);
    if (!told) co_return Repaired{false, "the provider gave no answer", {}};
    const auto read = [&](sql::Reader& reader) { return payments::store::get(reader, id); };
    const auto payment = co_await parts_.database.read(read);
    const bool paid_there =
        told->state == ProviderTrade::State::paid || told->state == ProviderTrade::State::refunded;
    if (difference.kind == Kind::missing_here) {
        const bool same = payment.state == payments::PaymentState::paid &&
                          payment.transaction == difference.transaction;
        if (same) co_return Repaired{true, "the provider confirmed it", {}};
        co_return Repaired{
            false,
            paid_there ? "it is paid by another transaction" : "asked, it says: not paid",
            {}};
    }
    if (paid_there) {
        co_return Repaired{false, "asked, it says: paid; another bill should have it", {}};
    }
    // Ours was proven, and stays so; but nothing of it goes back before somebody has looked.
    co_await parts_.payments.doubt(id, "no bill has it, and the provider says: not paid");
    co_return Repaired{false, "asked, it says: not paid", {}};
}

Task<Reconciler::Repaired> Reconciler::repair_refund(const Difference& difference) {
    if (!difference.refund) {
        const auto found =
            co_await parts_.refunds.find_at_provider(*difference.payment, difference.number);
        if (found.has_error())
            co_return Repaired{false, std::string{found.error().kind().message}, {}};
        if (!*found) co_return Repaired{false, "asked, it knows no such refund", {}};
        co_return Repaired{true, "made at the provider; taken in", (*found)->id};
    }
    const RefundId id = *difference.refund;
    const auto read = [&](sql::Reader& reader) { return refunds::store::get(reader, id); };
    const auto before = co_await parts_.database.read(read);
    // What has succeeded is proven, and stays so.
    if (before.state != refunds::RefundState::succeeded) co_await parts_.refunds.step(id);
    const auto after = co_await parts_.database.read(read);
    std::string note = "asked; here it is " + std::string{refunds::to_string(after.state)};
    const bool settled = after.state != before.state && !refunds::is_open(after.state);
    co_return Repaired{settled, std::move(note), {}};
}

}  // namespace doorbuster::reconciliation
