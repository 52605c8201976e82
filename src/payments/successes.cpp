#include "payments/successes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "payments/events.hpp"
#include "payments/success_store.hpp"

namespace doorbuster::payments {
namespace {

// What a plain success makes of an attempt; whatever else changes is not plain.
Payment paid_and_kept(const Payment& before, const ProviderTrade& trade, Time now) {
    Payment after = before;
    after.state = PaymentState::paid;
    after.transaction = trade.transaction_id;
    after.paid_at = trade.paid_at.value_or(now);
    after.query_count = 0;
    after.next_query_at.reset();
    return after;
}

// A reference that is locked, and all its attempts.
struct Locked {
    store::Reference reference;
    std::vector<Payment> attempts;
    bool taken = false;  // by a notification of this batch
};

}  // namespace

// One transaction's work, from reading to writing. Lives for one call.
class SuccessBatch {
public:
    SuccessBatch(
        const Successes& parts,
        sql::Transaction& tx,
        const PaymentProvider& provider,
        std::span<const Notice* const> notices
    )
        : parts_{parts},
          tx_{tx},
          provider_{provider},
          notices_{notices},
          now_{parts.clock_.now()} {}

    std::vector<bool> run() {
        read();
        std::vector<bool> taken;
        taken.reserve(notices_.size());
        for (const Notice* notice : notices_) taken.push_back(decide_on(*notice));
        if (!successes_.empty()) write();
        return taken;
    }

private:
    using Name = std::pair<std::string, std::string>;

    void read() {
        std::vector<std::string_view> numbers;
        std::vector<std::string_view> transactions;
        for (const Notice* notice : notices_) {
            numbers.push_back(notice->told.trade.out_trade_no);
            transactions.push_back(notice->told.trade.transaction_id);
        }
        const auto name = provider_.name();
        const auto merchant = provider_.merchant();
        for (auto& [app, reference, known] : store::lock_references(tx_, name, merchant, numbers)) {
            references_[Name{std::move(app), std::move(reference)}].reference = std::move(known);
        }
        // Read after the lock, so nobody else can change them.
        for (Payment& payment : store::of_references(tx_, name, merchant, numbers)) {
            const auto at = references_.find(Name{payment.app, payment.reference});
            if (at == references_.end()) continue;  // made after the lock
            const bool here = payment.provider == name && payment.merchant == merchant;
            if (here) by_number_.emplace(payment.out_trade_no, std::pair{&at->second, payment.id});
            at->second.attempts.push_back(std::move(payment));
        }
        for (auto& known : store::known_transactions(tx_, name, transactions)) {
            transactions_.insert(std::move(known));
        }
    }

    bool decide_on(const Notice& notice) {
        const ProviderTrade& trade = notice.told.trade;
        const auto found = by_number_.find(trade.out_trade_no);
        if (found == by_number_.end()) return false;
        const auto& [locked, id] = found->second;
        if (locked->taken || transactions_.contains(trade.transaction_id) ||
            ids_.contains(notice.told.id)) {
            return false;
        }
        const Payment& before = *std::ranges::find(locked->attempts, id, &Payment::id);
        auto after = plain_success(before, *locked, trade);
        if (!after) return false;
        locked->taken = true;
        transactions_.insert(trade.transaction_id);
        ids_.insert(notice.told.id);
        successes_.push_back({std::move(*after), before.state});
        kept_notices_.push_back(&notice);
        return true;
    }

    std::optional<Payment> plain_success(
        const Payment& before, const Locked& locked, const ProviderTrade& trade
    ) const {
        constexpr auto fact = PaymentFact::verified_success;
        if (fact_of(trade) != fact || !mismatch_of(before, trade).empty()) return std::nullopt;
        if (before.state == PaymentState::paid || !locked.reference.answered.empty()) {
            return std::nullopt;
        }
        // Another that can still be paid is to be closed now.
        const auto is_in_the_way = [&](const Payment& other) {
            return other.id != before.id && !is_final(other.state);
        };
        if (std::ranges::any_of(locked.attempts, is_in_the_way)) return std::nullopt;
        const Evidence evidence{.trade = trade, .code_url = {}, .failure = {}};
        const auto context = context_of(before, locked.attempts, locked.reference, evidence, now_);
        const PaymentDecision decision = decide(before.state, fact, context);
        Payment after = changed(before, fact, decision, evidence, now_);
        if (decision.alarm || after != paid_and_kept(before, trade, now_)) return std::nullopt;
        return after;
    }

    void write() const {
        store::mark_paid(tx_, successes_);
        store::answer_succeeded(tx_, successes_);
        keep_notifications();
        book();
        tell();
    }

    void keep_notifications() const {
        std::vector<store::NotificationRow> rows;
        rows.reserve(successes_.size());
        for (std::size_t i = 0; i < successes_.size(); ++i) {
            const Notice& notice = *kept_notices_[i];
            rows.push_back(
                {provider_.name(),
                 notice.told.id,
                 notice.received_at,
                 notice.headers,
                 notice.body,
                 "paid",
                 successes_[i].paid.id}
            );
        }
        store::keep_notifications(tx_, rows);
    }

    void book() const {
        std::vector<bookkeeping::Books::Kept> kept;
        kept.reserve(successes_.size());
        for (const auto& [paid, from] : successes_) {
            kept.push_back({{paid.id, paid.provider, paid.merchant}, paid.amount});
        }
        const bool fresh = parts_.books_.payments_kept(tx_, kept);
        if (!fresh) throw sql::Error{"payments: one of a batch is in the books"};
    }

    void tell() const {
        std::vector<std::string> payloads;
        payloads.reserve(successes_.size());
        std::vector<events::Outbox::Entry> entries;
        for (const auto& [paid, from] : successes_) {
            payloads.push_back(event_json(paid));
            entries.push_back({paid.reference, payloads.back()});
        }
        parts_.outbox_.append_many(tx_, kPaymentSucceeded, entries, events::Urgency::urgent);
    }

    const Successes& parts_;
    sql::Transaction& tx_;
    const PaymentProvider& provider_;
    const std::span<const Notice* const> notices_;
    const Time now_;

    std::map<Name, Locked> references_;
    std::unordered_map<std::string, std::pair<Locked*, PaymentId>> by_number_;
    std::unordered_set<std::string> transactions_;  // that belong to an attempt
    std::unordered_set<std::string> ids_;           // of notifications that were taken in
    std::vector<store::Success> successes_;
    std::vector<const Notice*> kept_notices_;  // of each of them
};

std::vector<bool> Successes::take_in(
    sql::Transaction& tx, const PaymentProvider& provider, std::span<const Notice* const> notices
) const {
    return SuccessBatch{*this, tx, provider, notices}.run();
}

}  // namespace doorbuster::payments
