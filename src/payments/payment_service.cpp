#include "payments/payment_service.hpp"

#include <charconv>
#include <utility>

#include "payments/errors.hpp"
#include "payments/pay_page.hpp"
#include "payments/provider_calls.hpp"
#include "ports/log.hpp"

namespace doorbuster::payments {
namespace {

// The money side is not refused while the queue is full for everyone else.
constexpr sql::JobOptions kUrgent{.urgent = true};
const Evidence kNoEvidence;

}  // namespace

PaymentService::PaymentService(
    sql::Database& database,
    const Clock& clock,
    Random& random,
    const events::Outbox& outbox,
    std::vector<PaymentProvider*> providers,
    std::string app
)
    : database_{database},
      clock_{clock},
      changes_{clock, random, outbox},
      successes_{clock, outbox},
      providers_{std::move(providers)},
      app_{std::move(app)} {
    SuccessQueue::Options options;
    // While one is being committed the next can be written.
    if (database_.shared()) options.batches_max = 2;
    for (const PaymentProvider* provider : providers_) {
        success_queues_[provider->name()] =
            std::make_unique<SuccessQueue>(database_, successes_, *provider, clock_, options);
    }
}

PaymentProvider* PaymentService::provider_named(std::string_view name) const {
    for (PaymentProvider* provider : providers_) {
        if (provider->name() == name) return provider;
    }
    return nullptr;
}

void PaymentService::close(sql::Transaction& tx, const std::string& reference) {
    changes_.give_up(tx, app_, reference);
}

bool PaymentService::is_closed(sql::Reader& reader, const std::string& reference) {
    return store::is_closed(reader, app_, reference);
}

bool PaymentService::keep_late(
    sql::Transaction& tx, const std::string& payment, const std::function<bool()>& deliver
) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(payment.data(), payment.data() + payment.size(), id);
    const bool is_number = error == std::errc{} && end == payment.data() + payment.size();
    return is_number && changes_.keep_late(tx, app_, PaymentId{id}, deliver);
}

Task<Payment> PaymentService::apply(PaymentId id, PaymentFact fact, const Evidence& evidence) {
    const auto body = [&](sql::Transaction& tx) { return changes_.apply(tx, id, fact, evidence); };
    co_return co_await database_.write(body, kUrgent);
}

Task<void> PaymentService::put_off(PaymentId id) {
    const auto body = [&](sql::Transaction& tx) { changes_.note_silence(tx, id); };
    co_await database_.write(body, kUrgent);
}

Task<Result<PaymentView>> PaymentService::find(PaymentId id, std::string_view owner) {
    const auto body = [&](sql::Reader& reader) { return store::find(reader, id); };
    const auto payment = co_await database_.read(body);
    if (!payment || payment->owner != owner || payment->app != app_) co_return kPaymentNotFound;
    co_return view_of(*payment, clock_.now());
}

Task<Result<PayForm>> PaymentService::page(PaymentId id, std::string_view owner) {
    const auto read = [&](sql::Reader& reader) { return store::find(reader, id); };
    const auto payment = co_await database_.read(read);
    if (!payment || payment->owner != owner || payment->app != app_) co_return kPaymentNotFound;
    if (payment->state == PaymentState::paid) co_return kAlreadyPaid;
    const PaymentProvider* const provider = provider_named(payment->provider);
    if (!provider || !payment->code_url || !payment->code_url->empty()) co_return kNoPayPage;
    const Time now = clock_.now();
    if (payment->state != PaymentState::pending || !has_page(*payment, now)) {
        co_return kPaymentTooLate;
    }
    auto form = provider->pay_form(provider_order(*payment), now);
    if (!form) co_return kPaymentTooLate;
    co_return std::move(*form);
}

Task<std::string> PaymentService::returned(
    const PaymentProvider& provider, std::string_view out_trade_no
) {
    const std::string name{provider.name()};
    const std::string merchant{provider.merchant()};
    const auto find = [&](sql::Reader& reader) {
        return store::find_by_trade(reader, name, merchant, out_trade_no);
    };
    const auto payment = co_await database_.read(find);
    if (!payment) co_return std::string{};
    const auto ask = [&](sql::Transaction& tx) -> std::string {
        changes_.hurry(tx, *payment);
        if (!return_places_) return {};
        const Payment known = store::get(tx, *payment);
        const std::string place = return_places_->place_of(tx, known.app);
        return place.empty() ? place : with_reference(place, known.reference);
    };
    co_return co_await database_.write(ask);
}

Task<PaymentService::Listing> PaymentService::list(
    const store::Filter& filter, std::int64_t limit, std::int64_t offset
) {
    const auto body = [&](sql::Reader& reader) {
        return Listing{store::list(reader, filter, limit, offset), store::count(reader, filter)};
    };
    co_return co_await database_.read(body);
}

// The same parameters every time, so that a repeated call is the same order there.
Task<Payment> PaymentService::create(const Payment& payment, bool fresh) {
    PaymentProvider* provider = provider_named(payment.provider);
    const ProviderOrder order = provider_order(payment);
    auto call = provider->create(order);
    const auto outcome = co_await answer_of(std::move(call));
    if (outcome.value) {
        const Evidence evidence{.trade = {}, .code_url = *outcome.value, .failure = {}};
        co_return co_await apply(payment.id, PaymentFact::code_received, evidence);
    }
    const Evidence evidence{.trade = {}, .code_url = {}, .failure = told(outcome.refused)};
    log::warn(
        "payment_not_created",
        {{"payment", payment.id},
         {"out_trade_no", payment.out_trade_no},
         {"reason", evidence.failure}}
    );
    // A refusal is final for the attempt only when no earlier call can have taken effect. Else the
    // provider may know the attempt after all: it is closed, which asks for the truth.
    auto fact = PaymentFact::create_unknown;
    if (outcome.refused.final_answer) {
        fact = fresh ? PaymentFact::create_refused : PaymentFact::give_up;
    }
    co_return co_await apply(payment.id, fact, evidence);
}

Task<PaymentService::Asked> PaymentService::query(const Payment& payment) {
    PaymentProvider* provider = provider_named(payment.provider);
    auto call = provider->query(payment.out_trade_no);
    const auto outcome = co_await answer_of(std::move(call));
    const auto body = [&](sql::Transaction& tx) {
        if (outcome.value) return changes_.apply_trade(tx, payment.id, *outcome.value);
        changes_.note_silence(tx, payment.id);
        return store::get(tx, payment.id);
    };
    Payment now = co_await database_.write(body, kUrgent);
    Asked asked{std::move(now), {}};
    if (outcome.value) asked.told = outcome.value->state;
    co_return asked;
}

// Whatever the close is answered with, only the query after it is believed.
Task<PaymentService::Asked> PaymentService::close_at_provider(const Payment& payment) {
    PaymentProvider* provider = provider_named(payment.provider);
    auto call = provider->close(payment.out_trade_no);
    const auto outcome = co_await answer_of(std::move(call));
    if (outcome.value) {
        const auto fact =
            *outcome.value ? PaymentFact::close_accepted : PaymentFact::close_refused_paid;
        co_await apply(payment.id, fact, kNoEvidence);
    } else {
        log::warn(
            "payment_not_closed",
            {{"payment", payment.id},
             {"out_trade_no", payment.out_trade_no},
             {"reason", told(outcome.refused)}}
        );
    }
    co_return co_await query(payment);
}

Task<std::optional<ProviderTrade>> PaymentService::ask(PaymentId id) {
    const auto read = [&](sql::Reader& reader) { return store::find(reader, id); };
    const auto payment = co_await database_.read(read, kUrgent);
    PaymentProvider* provider = payment ? provider_named(payment->provider) : nullptr;
    if (!provider) co_return std::nullopt;
    auto call = provider->query(payment->out_trade_no);
    const auto outcome = co_await answer_of(std::move(call));
    if (!outcome.value) co_return std::nullopt;
    const auto body = [&](sql::Transaction& tx) { changes_.apply_trade(tx, id, *outcome.value); };
    co_await database_.write(body, kUrgent);
    co_return outcome.value;
}

Task<void> PaymentService::doubt(PaymentId id, std::string why) {
    const Evidence evidence{
        .trade = {}, .code_url = {}, .failure = std::move(why), .holds_refunds = true};
    co_await apply(id, PaymentFact::mismatch, evidence);
}

Task<void> PaymentService::step(PaymentId id) {
    const auto read = [&](sql::Reader& reader) { return store::get(reader, id); };
    Payment payment = co_await database_.read(read, kUrgent);
    if (!provider_named(payment.provider)) {
        log::error("payment_alarm", {{"payment", id}, {"reason", "its provider is switched off"}});
        co_await put_off(id);
        co_return;
    }
    const bool open =
        payment.state == PaymentState::created || payment.state == PaymentState::pending;
    if (open && clock_.now() >= payment.expires_at) {
        payment = co_await apply(id, PaymentFact::give_up, kNoEvidence);
    }
    switch (payment.state) {
        case PaymentState::created:
            payment = co_await create(payment, false);
            if (payment.state == PaymentState::created) co_await query(payment);
            break;
        case PaymentState::closing:
            co_await close_at_provider(payment);
            break;
        case PaymentState::pending:
        case PaymentState::closed:
            co_await query(payment);
            break;
        case PaymentState::failed:
        case PaymentState::paid:
            co_await put_off(id);
            break;
    }
}

}  // namespace doorbuster::payments
