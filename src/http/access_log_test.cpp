#include "http/access_log.hpp"

#include <gtest/gtest.h>

#include <string>

#include "ports/log.hpp"

namespace doorbuster::http {
namespace {

class LastLine final : public log::Sink {
public:
    bool wants(log::Level) const override { return true; }
    void write(log::Level, std::string_view, std::initializer_list<log::Field> fields) override {
        for (const log::Field& field : fields) {
            if (field.name == "path") path = field.value;
        }
    }
    std::string path;
};

class AccessLogTest : public testing::Test {
protected:
    AccessLogTest() { log::install(&sink_); }
    ~AccessLogTest() override { log::install(nullptr); }

    std::string logged_path(std::string_view path, std::string_view route) {
        LoggedAccess{}.write({"GET", path, route, 200, 1, {}, "id", "127.0.0.1"});
        return sink_.path;
    }

    LastLine sink_;
};

TEST_F(AccessLogTest, tells_the_path) {
    EXPECT_EQ(logged_path("/api/v1/orders/7", "/api/v1/orders/{no}"), "/api/v1/orders/7");
    EXPECT_EQ(logged_path("/nowhere", ""), "/nowhere");
}

TEST_F(AccessLogTest, keeps_the_token_of_a_one_time_link_to_itself) {
    EXPECT_EQ(logged_path("/welcome/hush", "/welcome/{token}"), "/welcome/{token}");
}

TEST_F(AccessLogTest, keeps_a_token_to_itself_where_no_route_matched) {
    const std::string token(43, 'x');
    EXPECT_EQ(logged_path("/welcome/" + token + "/", ""), "/welcome/***/");
    EXPECT_EQ(logged_path("/" + token, ""), "/***");
    EXPECT_EQ(logged_path("/", ""), "/");
}

}  // namespace
}  // namespace doorbuster::http
