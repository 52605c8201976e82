#pragma once

#include <cmath>

#include "flash_sale/edge/shopper_routes.hpp"
#include "support/flash_world.hpp"
#include "support/route_client.hpp"
#include "support/token_users.hpp"

namespace doorbuster::flash_sale::shopper_test {

using namespace std::chrono_literals;
using test::Reply;
using test::RouteClient;

// Shows the text itself.
class PlainPainter final : public CaptchaPainter {
public:
    std::string png(std::string_view text, std::uint64_t) const override {
        return std::string{text};
    }
};

// "429 rate_limited", or "201".
inline std::string verdict(const Reply& reply) {
    const std::string status = std::to_string(reply.status);
    return reply.status < 300 ? status : status + ' ' + reply.error();
}

class ShopperWorld : public test::FlashWorld {
protected:
    ShopperWorld() { router_.add(shopper_routes(deps_)); }

    static constexpr auto kLease = 60s;

    RouteClient as(UserId user) const { return anyone_.as(user.to_string()); }
    RouteClient buyer() const { return as(buyer_); }

    static std::string path(PromotionItemId item, const std::string& what) {
        return "/api/v1/flash-sales/" + item.to_string() + "/" + what;
    }
    static std::string body(
        const std::string& token, AddressId address, const std::string& quantity = "1"
    ) {
        return R"({"token":")" + token + R"(","address_id":")" + address.to_string() +
               R"(","quantity":)" + quantity + "}";
    }
    static std::string answer(const std::string& captcha, const std::string& text) {
        return R"({"captcha_id":")" + captcha + R"(","answer":")" + text + R"("})";
    }

    std::string captcha(PromotionItemId item, const RouteClient& client) {
        return client.post(path(item, "captcha"), "").text("/data/captcha_id");
    }
    Reply ask_token(PromotionItemId item, const RouteClient& client) {
        const std::string id = captcha(item, client);
        return client.post(path(item, "token"), answer(id, "fixed"));
    }
    std::string token(PromotionItemId item, const RouteClient& client) {
        return ask_token(item, client).text("/data/token");
    }
    Reply order(
        PromotionItemId item,
        const RouteClient& client,
        const std::string& text,
        const std::string& key = ""
    ) {
        RouteClient::Headers headers;
        if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
        return client.post(path(item, "orders"), text, headers);
    }
    void set(const std::string& change) {
        execute("UPDATE promotions SET " + change);
        loader_.reload_blocking();
    }
    // How the requests for an item ended, "token 1, placed 1".
    std::string outcomes(PromotionItemId item) {
        clock_.advance(1s);  // the meter tells of whole seconds
        std::string text;
        for (const auto& outcome : meter_.rates(item).outcomes) {
            const double count = outcome.per_second * SaleMeter::kWindowSeconds;
            text += (text.empty() ? "" : ", ") + std::string{outcome.word} + ' ' +
                    std::to_string(std::lround(count));
        }
        return text;
    }
    // Nobody has bought anything and nobody is inside.
    void expect_untouched(PromotionItemId item, std::int64_t units = 10) {
        expect_stock(item, units, 0, 0);
        EXPECT_EQ(gate_.counts(item).leases, 0);
    }

    PlainPainter painter_;
    Captchas captchas_{painter_, clock_, random_, Captchas::Mode::fixed};
    TokenSigner tokens_{random_};
    ShopperLimits limits_{clock_, {.address = {200, 60s}, .user = {100, 60s}}};
    SaleMeter meter_{clock_};
    RehearsalBuyers rehearsal_buyers_{database()};
    Entrance entrance_{
        {board_, gate_, seen_, sale_clock_, clock_, limits_, meter_, nullptr, &rehearsal_buyers_}};
    PromoViews views_{board_, gate_, sale_clock_};
    ShopperRoutesDeps deps_{
        entrance_, captchas_, tokens_, gate_, desk_, views_, sale_clock_, random_, kLease};
    test::TokenUsers users_;
    http::Router router_{users_};
    RouteClient anyone_{router_};
};

}  // namespace doorbuster::flash_sale::shopper_test
