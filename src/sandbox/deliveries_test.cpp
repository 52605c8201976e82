#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/log.hpp"
#include "sandbox/common/text.hpp"
#include "support/sandbox_merchants.hpp"

namespace doorbuster::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What a person who runs the simulator sees.
class Output final : public log::Sink {
public:
    Output() { log::install(this); }
    ~Output() override { log::install(nullptr); }
    bool wants(log::Level level) const override { return level >= log::Level::info; }
    void write(log::Level, std::string_view event, std::initializer_list<log::Field> fields)
        override {
        std::string line{event};
        for (const log::Field& field : fields) line.append(" ").append(field.value);
        lines.push_back(std::move(line));
    }

    std::vector<std::string> lines;
};

TEST(Deliveries, that_a_merchant_does_not_accept_are_told_with_what_he_answered) {
    test::SandboxWorld world;
    test::WechatMerchant wechat{world};
    test::AlipayMerchant alipay{world};
    test::NotifyRoute shop{world};
    Output output;
    wechat.pay("ORDER1", 100);
    alipay.scan(alipay.page("A1", "1.00"));
    EXPECT_EQ(world.deliver(), 2);
    EXPECT_THAT(output.lines, IsEmpty());

    shop.status = 500;
    shop.answer = "no such table";
    wechat.pay("ORDER2", 100);
    EXPECT_EQ(world.deliver(), 1);
    shop.status = 200;
    shop.answer = "ok";
    alipay.scan(alipay.page("A2", "1.00"));
    EXPECT_EQ(world.deliver(), 1);
    const std::string event = "sandbox.notification_not_accepted";
    EXPECT_THAT(
        output.lines,
        ElementsAre(
            event + " ORDER2 http://127.0.0.1:8080/notify 500 no such table",
            event + " A2 http://127.0.0.1:8080/notify 200 ok"
        )
    );
}

TEST(Texts, begin_with_whole_characters) {
    EXPECT_EQ(beginning_of("abc", 5), "abc");
    EXPECT_EQ(beginning_of("abc", 2), "ab");
    EXPECT_EQ(beginning_of("咖啡", 6), "咖啡");
    EXPECT_EQ(beginning_of("咖啡", 5), "咖");
    EXPECT_EQ(beginning_of("咖啡", 2), "");
    EXPECT_EQ(beginning_of("\xff", 5), "");
}

}  // namespace
}  // namespace doorbuster::sandbox
