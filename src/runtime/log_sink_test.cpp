#include "runtime/log_sink.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "core/secret.hpp"

namespace doorbuster::runtime {
namespace {

const Time kAt = from_milliseconds(0);

TEST(LogLine, as_json_escapes_what_came_from_outside) {
    const std::string line = render_line(
        LogFormat::json, kAt, log::Level::warn, "login_failed", {{"user", "a\"b\n{}"}, {"tries", 3}}
    );
    EXPECT_EQ(
        line,
        R"({"at":"1970-01-01T00:00:00.000Z","level":"warn","event":"login_failed",)"
        R"("user":"a\"b\u000a{}","tries":3})"
    );
}

TEST(LogLine, for_people_stays_one_line) {
    const std::string line = render_line(
        LogFormat::human,
        kAt,
        log::Level::info,
        "ready",
        {{"port", 8080}, {"note", "a\nb"}, {"empty", ""}}
    );
    EXPECT_EQ(
        line, "1970-01-01T00:00:00.000Z info  ready  port=8080  note=\"a\\u000ab\"  empty=\"\""
    );
}

// A secret cannot become a field, so it cannot be logged by mistake.
static_assert(!std::is_constructible_v<log::Field, std::string_view, Secret>);

}  // namespace
}  // namespace doorbuster::runtime
