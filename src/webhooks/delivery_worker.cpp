#include "webhooks/delivery_worker.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "ports/log.hpp"
#include "webhooks/signature.hpp"
#include "webhooks/webhook_store.hpp"

namespace doorbuster::webhooks {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::size_t kErrorBytesMax = 300;
constexpr sql::JobOptions kUrgent{.urgent = true};

// Error texts come from libraries and other systems; the log shows plain ASCII.
std::string plain(std::string_view text) {
    std::string cut{text.substr(0, kErrorBytesMax)};
    std::ranges::replace_if(
        cut, [](char c) { return c < ' ' || c > '~'; }, '?'
    );
    return cut;
}

OutboundRequest request_for(
    const Webhook& webhook, const Delivery& delivery, const DeliveryOptions& options, Time now
) {
    OutboundRequest request;
    request.method = "POST";
    request.url = webhook.url;
    request.headers = {
        {"Content-Type", "application/json"},
        {"User-Agent", "Doorbuster-Webhooks/1"},
        {"Doorbuster-Topic", delivery.topic},
        {"Doorbuster-Event", delivery.event.to_string()},
        {"Doorbuster-Delivery", delivery.id.to_string()},
        {"Doorbuster-Signature", signature(webhook, now, delivery.payload)}};
    request.body = delivery.payload;
    request.total_timeout = options.timeout;
    request.connect_timeout = std::min(request.connect_timeout, options.timeout);
    request.answer_bytes_max = kAnswerBytesMax;
    request.public_addresses_only = !options.private_addresses;
    return request;
}

void note_failure(Delivery& delivery, std::string reason, Time now) {
    delivery.last_error = std::move(reason);
    const std::int64_t failures = delivery.attempts + 1;
    if (failures >= kAttemptsMax) {
        delivery.state = "given_up";
        delivery.next_attempt_at.reset();
    } else {
        delivery.next_attempt_at = now + delay_after(failures);
    }
}

void note_answer(Delivery& delivery, int status, Time now) {
    delivery.last_status = status;
    if (status < 200 || status > 299) {
        note_failure(delivery, "answered " + std::to_string(status), now);
        return;
    }
    delivery.state = "delivered";
    delivery.last_error.clear();
    delivery.next_attempt_at.reset();
    delivery.delivered_at = now;
}

}  // namespace

// Shared with the deliveries under way. Touched by the worker's own loop only.
struct DeliveryWorker::State {
    sql::Database& database;
    const Clock& clock;
    HttpClient& client;
    DeliveryOptions options;
    events::Wakeup wakeup;
    std::map<WebhookId, std::size_t> under_way;
    std::size_t total = 0;
    WebhookId last_served;  // who was first the last time is not first again

    std::size_t room(WebhookId webhook) const {
        const auto known = under_way.find(webhook);
        const std::size_t busy = known == under_way.end() ? 0 : known->second;
        const std::size_t of_receiver =
            options.per_webhook_max - std::min(options.per_webhook_max, busy);
        return std::min(of_receiver, options.at_once_max - std::min(options.at_once_max, total));
    }
    void began(WebhookId webhook) {
        ++under_way[webhook];
        ++total;
    }
    void ended(WebhookId webhook) {
        if (--under_way[webhook] == 0) under_way.erase(webhook);
        --total;
        wakeup.wake();
    }
};

DeliveryWorker::DeliveryWorker(
    sql::Database& database, const Clock& clock, HttpClient& client, DeliveryOptions options
)
    : state_{new State{database, clock, client, options, {}, {}, 0, {}}} {}

void DeliveryWorker::wake() noexcept { state_->wakeup.wake(); }

Task<void> DeliveryWorker::attempt(State& state, const Webhook& webhook, Delivery& delivery) {
    delivery.last_status.reset();
    auto request = request_for(webhook, delivery, state.options, state.clock.now());
    try {
        const auto response = co_await state.client.send(std::move(request));
        note_answer(delivery, response.status, state.clock.now());
    } catch (const std::exception& error) {
        note_failure(delivery, plain(error.what()), state.clock.now());
    }
}

Task<void> DeliveryWorker::deliver(
    std::shared_ptr<State> state, Webhook webhook, Delivery delivery
) {
    try {
        co_await attempt(*state, webhook, delivery);
        const auto write = [&](sql::Transaction& tx) { store::finish(tx, delivery); };
        co_await state->database.write(write, kUrgent);
        if (delivery.state == "given_up") {
            log::error(
                "webhook_given_up",
                {{"webhook", webhook.id},
                 {"delivery", delivery.id},
                 {"reason", delivery.last_error}}
            );
        }
    } catch (const std::exception& error) {
        // The lease ends and it is sent again.
        log::warn("webhook_not_stored", {{"delivery", delivery.id}, {"reason", error.what()}});
    }
    state->ended(webhook.id);
}

Task<std::size_t> DeliveryWorker::start_due(std::shared_ptr<State> state) {
    const Executor executor = co_await boost::asio::this_coro::executor;
    const Time now = state->clock.now();
    const auto find = [&](sql::Reader& reader) { return store::due(reader, now); };
    auto webhooks = co_await state->database.read(find, kUrgent);
    const auto next = std::ranges::upper_bound(webhooks, state->last_served, {}, &Webhook::id);
    std::ranges::rotate(webhooks, next);
    std::size_t started = 0;
    for (const Webhook& webhook : webhooks) {
        const std::size_t room = state->room(webhook.id);
        if (room == 0) continue;
        const auto take = [&](sql::Transaction& tx) {
            const Time lease_end = now + state->options.lease;
            return store::take_due(tx, webhook.id, now, room, lease_end);
        };
        auto taken = co_await state->database.write(take, kUrgent);
        for (Delivery& delivery : taken) {
            state->began(webhook.id);
            auto task = deliver(state, webhook, std::move(delivery));
            boost::asio::co_spawn(executor, std::move(task), boost::asio::detached);
        }
        if (!taken.empty()) state->last_served = webhook.id;
        started += taken.size();
    }
    co_return started;
}

Task<std::size_t> DeliveryWorker::run_once() {
    const auto state = state_;
    const std::size_t started = co_await start_due(state);
    while (state->total > 0) co_await state->wakeup.wait(state->options.poll);
    co_return started;
}

Task<void> DeliveryWorker::run(std::stop_token stop) {
    const auto state = state_;
    const std::stop_callback on_stop{stop, [state] { state->wakeup.wake(); }};
    while (!stop.stop_requested()) {
        std::size_t started = 0;
        try {
            started = co_await start_due(state);
        } catch (const std::exception& error) {
            log::warn("webhook_worker_failed", {{"reason", error.what()}});
        }
        if (started == 0) co_await state->wakeup.wait(state->options.poll);
    }
    while (state->total > 0) co_await state->wakeup.wait(state->options.poll);
}

}  // namespace doorbuster::webhooks
