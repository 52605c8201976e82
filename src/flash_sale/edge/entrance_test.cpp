#include "flash_sale/edge/entrance.hpp"

#include <gtest/gtest.h>

#include "support/flash_world.hpp"

namespace doorbuster::flash_sale {
namespace {

// What orders meet before a session is looked at, while too many wait for the writer.
class CrowdedEntrance : public test::FlashWorld {
protected:
    http::Request request(PromotionItemId item) const {
        http::Request asked;
        asked.id = "r1";
        asked.add_path_param("item", item.to_string());
        return asked;
    }
    static std::string verdict(const std::optional<http::Response>& answer) {
        if (!answer) return "comes in";
        const std::size_t at = answer->body.find(R"("error":")");
        const std::string name =
            answer->body.substr(at + 9, answer->body.find('"', at + 9) - at - 9);
        return std::to_string(answer->status) + ' ' + name;
    }

    ShopperLimits limits_{clock_, {}};
    SaleMeter meter_{clock_};
    const BatchCommitter full_{database(), writer_, clock_, {.queue_max = 0}};
    const Entrance entrance_{{board_, gate_, seen_, sale_clock_, clock_, limits_, meter_, &full_}};
};
DOORBUSTER_ON_BOTH_ENGINES(CrowdedEntrance);

TEST_P(CrowdedEntrance, tells_orders_to_come_again_and_lets_all_else_in) {
    const auto item = open_sale({.units = 1});
    const auto refused = entrance_.refuse_order_early(request(item));
    EXPECT_EQ(verdict(refused), "503 sale_busy");
    EXPECT_NE(
        std::ranges::find(
            refused->headers, std::pair<std::string, std::string>{"Retry-After", "1"}
        ),
        refused->headers.end()
    );
    EXPECT_EQ(verdict(entrance_.refuse_early(request(item))), "comes in");
    clock_.advance(std::chrono::seconds{1});  // the meter tells of whole seconds
    ASSERT_EQ(meter_.rates(item).outcomes.size(), 1u);
    EXPECT_EQ(meter_.rates(item).outcomes[0].word, "sale_busy");
}

TEST_P(CrowdedEntrance, tells_first_what_is_final) {
    const auto item = open_sale({.units = 1});
    ASSERT_TRUE(buy(item, buyer_, address_).has_value());
    EXPECT_EQ(verdict(entrance_.refuse_order_early(request(item))), "409 sold_out");
    expect_clean();
}

// It would wait like any other, and asks again with the same key.
TEST_P(CrowdedEntrance, tells_a_retry_to_come_again_too) {
    const auto item = open_sale({.units = 1});
    const Wish wanted = with_lease(item, buyer_, address_);
    ASSERT_TRUE(order_flash(wanted).has_value());
    http::Request again = request(item);
    const http::Request::Header key[] = {{"Idempotency-Key", wanted.key.key}};
    again.headers = key;
    EXPECT_EQ(verdict(entrance_.refuse_order_early(again)), "503 sale_busy");
    EXPECT_EQ(order_flash(wanted)->replayed, true);
}

}  // namespace
}  // namespace doorbuster::flash_sale
