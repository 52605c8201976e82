// What the shoppers' edge of a flash sale costs in the process, without sockets: nanoseconds of one
// thread for each thing that a request may meet. `bench_flash_edge [TIMES]`.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "adapters/gd/gd_captcha_painter.hpp"
#include "adapters/memory/memory_gate.hpp"
#include "flash_sale/edge/shopper_routes.hpp"
#include "http/router.hpp"

namespace {

using namespace doorbuster;
using namespace doorbuster::flash_sale;

class Nobody final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

template <class Work>
void measure(const char* what, int times, Work work) {
    const auto began = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    for (int i = 0; i < times; ++i) bytes += work(i);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "%-44s %9.0f ns   (%zu bytes)\n",
        what,
        took.count() / times,
        bytes / static_cast<std::size_t>(times)
    );
}

std::shared_ptr<const SaleBoard::Snapshot> one_live_item(PromotionItemId id, Time now) {
    SaleItem item;
    item.id = id;
    item.promotion = PromotionId{1};
    item.terms.sku = SkuId{1};
    item.window = {now - std::chrono::hours{1}, now + std::chrono::hours{1}};
    item.epoch = 1;
    auto snapshot = std::make_shared<SaleBoard::Snapshot>();
    snapshot->items.emplace(id, std::make_shared<const SaleItem>(item));
    return snapshot;
}

http::Request order_request(std::span<const http::Request::Header> headers) {
    http::Request request;
    request.method = http::Method::post;
    request.path = request.target = "/api/v1/flash-sales/1/orders";
    request.headers = headers;
    request.remote_address = "192.0.2.10";
    request.id = "b7601d273bd35d6c000000b7";
    return request;
}

}  // namespace

int main(int count, char** words) {
    const int times = count > 1 ? std::atoi(words[1]) : 1'000'000;
    const SystemClock clock;
    SystemRandom random;
    const SaleClock sale_clock{clock};
    memory::MemoryGate gate{clock};
    SaleBoard board;
    SeenKeys seen;
    SaleMeter meter{clock};
    ShopperLimits limits{clock, {.address = {1'000'000'000, std::chrono::minutes{1}}}};
    const Entrance entrance{{board, gate, seen, sale_clock, clock, limits, meter}};

    const PromotionItemId item{1};
    const auto snapshot = one_live_item(item, clock.now());
    board.replace(snapshot);
    StockView view;
    view.version = 1;
    view.reserved = 100;
    gate.load(item, {}, view, {});

    Nobody nobody;
    http::Router router{nobody};
    http::RouteOptions options;
    options.early = [&](http::Request& r) { return entrance.refuse_order_early(r); };
    const http::SyncHandler hello = [](http::Request& r) { return http::done(r); };
    router.add(
        {{http::Method::get, "/hello", http::Access::anyone(), hello},
         {http::Method::post,
          "/api/v1/flash-sales/{item}/orders",
          http::Access::user(),
          hello,
          options}}
    );
    const auto answer = [&](http::Request& request) {
        const auto match = router.match(request);
        return router.answer_at_once(request, match)->body.size();
    };

    http::Request greeting;
    greeting.path = greeting.target = "/hello";
    greeting.id = "b7601d273bd35d6c000000b7";
    measure("hello, routed", times, [&](int) { return answer(greeting); });
    const http::Request::Header with_key[] = {
        {"Host", "shop"}, {"Authorization", "Bearer x"}, {"Idempotency-Key", "a-new-key"}};
    http::Request sold_out = order_request(with_key);
    measure("sold out, routed", times, [&](int) { return answer(sold_out); });

    const TokenSigner tokens{random};
    TokenClaims claims{
        .user = UserId{42},
        .item = item,
        .epoch = 1,
        .window_ends = clock.now(),
        .expires = clock.now() + std::chrono::hours{1}};
    measure("sign a token", times, [&](int i) {
        claims.nonce = static_cast<std::uint64_t>(i);
        return tokens.sign(claims).size();
    });
    const std::string token = tokens.sign(claims);
    const Time now = clock.now();
    measure("verify a token", times, [&](int) {
        return tokens.verify(token, claims.user, item, now).has_value() ? token.size() : 0;
    });
    http::RateLimiter limiter{clock, "user", {60, std::chrono::minutes{1}}};
    measure("rate limit, one of 100,000 users", times, [&](int i) {
        return limiter.take(static_cast<std::uint64_t>(i % 100'000)).allowed ? 1u : 0u;
    });
    const gd::GdCaptchaPainter painter;
    measure("paint a captcha", std::max(times / 100, 1), [&](int i) {
        return painter.png("K7MXA", static_cast<std::uint64_t>(i)).size();
    });
    Captchas captchas{painter, clock, random, Captchas::Mode::image};
    measure("ask for a captcha", std::max(times / 100, 1), [&](int i) {
        return captchas.ask(UserId{i + 1}, *snapshot->items.begin()->second).png.size();
    });
    return 0;
}
