#include "simulation/crowd.hpp"

#include "flash_sale/model/errors.hpp"

namespace doorbuster::simulation {
namespace {

constexpr int kTokenTries = 8;
constexpr int kOrderTries = 6;
constexpr int kLooksAtLine = 12;

Request request_of(Ask ask, UserId user, PromotionItemId item) {
    Request request;
    request.ask = ask;
    request.user = user;
    request.item = item;
    return request;
}

}  // namespace

void Crowd::start(Task<void> task) {
    ++inside_;
    scheduler_.start(counted(std::move(task)));
}

Task<void> Crowd::counted(Task<void> task) {
    co_await std::move(task);
    --inside_;
}

Task<void> Crowd::pause(std::int64_t milliseconds_max) {
    co_await scheduler_.sleep(Microseconds{dice_.between(0, milliseconds_max * 1000)});
}

std::string Crowd::new_key() { return "k" + std::to_string(++keys_); }

void Crowd::send(UserId user) { start(live(user)); }

Task<void> Crowd::live(UserId user) {
    co_await scheduler_.sleep(Microseconds{
        dice_.between(manner_.arrive_from.count(), manner_.arrive_until.count())});
    const bool bot = dice_.chance(manner_.bots);
    const std::int64_t wishes = dice_.between(1, manner_.wishes_max) * (bot ? 2 : 1);
    for (std::int64_t i = 0; i < wishes; ++i) {
        Offer offer = offers_[static_cast<std::size_t>(
            dice_.between(0, static_cast<std::int64_t>(offers_.size()) - 1)
        )];
        if (bot) {
            start(want(user, offer));
            continue;
        }
        co_await want(user, offer);
        co_await pause(4'000);
    }
}

Task<void> Crowd::want(UserId user, Offer offer) {
    if (dice_.chance(manner_.ordinary)) {
        Request buy = request_of(Ask::buy_ordinary, user, offer.item);
        const auto bought = co_await network_.call(buy);
        if (bought && bought->ok()) co_await settle(buy, bought->order);
        co_return;
    }
    Request order = request_of(Ask::order, user, offer.item);
    order.units = dice_.between(1, offer.per_order_max);
    order.key = new_key();
    const auto placed = co_await place(order);
    if (!placed) co_return;
    if (placed->ok()) {
        co_await settle(order, placed->order);
    } else if (placed->is(flash_sale::kSoldOut) && dice_.chance(manner_.waits)) {
        co_await stand_in_line(user, offer.item);
    }
}

void Crowd::send_to_buy(UserId user, const std::function<bool()>& over) {
    for (const Offer& offer : offers_) start(buy_on(user, offer.item, over));
}

Task<void> Crowd::buy_on(UserId user, PromotionItemId item, std::function<bool()> over) {
    while (!over()) {
        Request order = request_of(Ask::order, user, item);
        order.key = new_key();
        const auto placed = co_await place(order);
        if (placed && placed->ok()) start(settle(order, placed->order));
        co_await pause(1'000);
    }
}

Task<std::optional<Reply>> Crowd::get_token(UserId user, PromotionItemId item) {
    std::optional<Reply> last;
    for (int i = 0; i < kTokenTries; ++i) {
        Request ask = request_of(Ask::token, user, item);
        last = co_await network_.call(ask);
        if (last && last->ok()) co_return last;
        const bool final =
            last && (last->is(flash_sale::kSoldOut) || last->is(flash_sale::kLimitReached) ||
                     last->is(flash_sale::kEnded));
        if (final) co_return last;
        co_await pause(1'500);
    }
    co_return last;
}

// Until it is placed or finally refused; the same key all the time, a new token when the old one is
// of no use.
Task<std::optional<Reply>> Crowd::place(Request& order) {
    std::optional<Reply> last;
    bool has_token = false;
    for (int i = 0; i < kOrderTries; ++i) {
        if (!has_token) {
            const auto token = co_await get_token(order.user, order.item);
            // A retry needs no valid token: it may have been placed already.
            if (i == 0 && (!token || !token->ok())) co_return token;
            if (token && token->ok()) {
                order.nonce = token->nonce;
                order.epoch = token->epoch;
                order.token_ends = token->token_ends;
            }
            has_token = true;
        }
        if (dice_.chance(150)) co_await pause(9'000);  // fills in the form
        if (dice_.chance(manner_.gives_back)) {
            Request back = request_of(Ask::give_back, order.user, order.item);
            co_await network_.call(back);
        }
        last = co_await network_.call(order);
        if (last && !last->try_again()) {
            const bool token_gone =
                last->is(flash_sale::kTokenExpired) || last->is(flash_sale::kTokenUsed);
            if (!token_gone) co_return last;
            has_token = false;
        } else if (dice_.chance(300)) {
            has_token = false;  // begins anew, with the old key
        }
        co_await pause(1'000);
    }
    co_return last;
}

Task<std::optional<Reply>> Crowd::insist(Request request, int tries) {
    std::optional<Reply> last;
    for (int i = 0; i < tries; ++i) {
        last = co_await network_.call(request);
        if (last && !last->try_again()) co_return last;
        co_await pause(800);
    }
    co_return last;
}

Task<void> Crowd::settle(Request order, OrderNo number) {
    const bool flash = order.ask != Ask::buy_ordinary;
    co_await pause(3'000);
    if (flash && dice_.chance(manner_.asks_again)) co_await network_.call(order);
    if (dice_.chance(manner_.pays)) {
        Request begin = request_of(Ask::begin_payment, order.user, order.item);
        begin.order = number;
        const auto begun = co_await insist(begin, 3);
        co_await pause(dice_.chance(300) ? 40'000 : 3'000);
        if (begun && begun->ok()) pay_(number);
    }
    if (dice_.chance(manner_.cancels)) {
        Request cancel = request_of(Ask::cancel, order.user, order.item);
        cancel.order = number;
        co_await insist(cancel, 3);
    }
    if (flash && dice_.chance(manner_.asks_again)) {
        co_await pause(15'000);
        co_await network_.call(order);
    }
}

Task<void> Crowd::stand_in_line(UserId user, PromotionItemId item) {
    Request join = request_of(Ask::join, user, item);
    const auto joined = co_await insist(join, 4);
    if (!joined || !joined->ok()) co_return;
    for (int i = 0; i < kLooksAtLine; ++i) {
        co_await pause(5'000);
        Request look = request_of(Ask::place, user, item);
        const auto place = co_await network_.call(look);
        if (!place || place->try_again()) continue;
        if (!place->ok()) co_return;
        if (place->offered && dice_.chance(manner_.claims)) {
            co_await claim(user, item);
            co_return;
        }
        if (!dice_.chance(60)) continue;
        Request leave = request_of(Ask::leave, user, item);
        co_await insist(leave, 2);
        co_return;
    }
}

Task<void> Crowd::claim(UserId user, PromotionItemId item) {
    Request order = request_of(Ask::claim, user, item);
    order.key = new_key();
    const auto placed = co_await insist(order, kOrderTries);
    if (placed && placed->ok()) co_await settle(order, placed->order);
}

}  // namespace doorbuster::simulation
