#include "http/fields.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "http/errors.hpp"

namespace doorbuster::http {
namespace {

using namespace std::string_literals;

Fields body(std::string_view json) {
    Request request;
    request.body = json;
    return Fields::body(request);
}
Fields query(std::string_view text) {
    Request request;
    request.query = text;
    return Fields::query(request);
}

// "field: reason; field: reason", or nothing.
std::string problems(const Fields& fields) {
    const auto checked = fields.check();
    std::string text;
    if (!checked.has_error()) return text;
    for (const ErrorDetail& detail : checked.error().details()) {
        if (!text.empty()) text += "; ";
        text += detail.field + ": " + detail.reason;
    }
    return text;
}

using Use = std::function<void(Fields&)>;
struct BadField {
    std::string json;
    Use use;
    std::string problem;
};

void expect_problems(const std::vector<BadField>& table) {
    for (const BadField& row : table) {
        Fields fields = body(row.json);
        row.use(fields);
        ASSERT_TRUE(fields.check().has_error()) << row.json;
        EXPECT_TRUE(fields.check().error().is(kValidationFailed)) << row.json;
        EXPECT_EQ(problems(fields), row.problem) << row.json;
    }
}

TEST(Fields, read_good_values_of_every_type) {
    Fields fields = body(
        R"({"name":"  李雷　","n":-3,"on":true,"price":1999,"at":"2026-11-23T08:00:00+08:00",)"
        R"("kind":"b","id":"42","sku":7,"tags":["x"," y "],"none":null,"lines":[{"sku_id":"1"},{"sku_id":"2"}]})"
    );
    EXPECT_EQ(fields.text("name"), "李雷");
    EXPECT_EQ(fields.integer("n", -5, 5), -3);
    EXPECT_TRUE(fields.boolean("on"));
    EXPECT_EQ(fields.money("price"), Money::fen(1999));
    EXPECT_EQ(fields.optional_time("at"), from_rfc3339("2026-11-23T00:00:00Z"));
    EXPECT_EQ(fields.word("kind", {"a", "b"}), "b");
    EXPECT_EQ(fields.id<ProductId>("id"), ProductId{42});
    EXPECT_EQ(fields.id<SkuId>("sku"), SkuId{7});
    EXPECT_EQ(fields.texts("tags", 5), (std::vector<std::string>{"x", "y"}));
    auto lines = fields.objects("lines", 1, 2);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[1].id<SkuId>("sku_id"), SkuId{2});
    EXPECT_FALSE(fields.has("none"));
    EXPECT_FALSE(fields.optional_text("none"));
    EXPECT_FALSE(fields.optional_id<SkuId>("absent"));
    EXPECT_EQ(problems(fields), "");
}

TEST(Fields, tell_null_from_absent) {
    const Fields fields = body(R"({"gone":null,"there":1})");
    EXPECT_TRUE(fields.is_null("gone"));
    EXPECT_FALSE(fields.has("gone"));
    EXPECT_FALSE(fields.is_null("there"));
    EXPECT_FALSE(fields.is_null("absent"));
    EXPECT_FALSE(query("gone=").is_null("gone"));
}

TEST(Fields, refuse_a_body_that_is_no_json_object) {
    const std::string deep = std::string(40, '[') + std::string(40, ']');
    for (const std::string& text :
         {""s,
          " "s,
          "{"s,
          "[]"s,
          "null"s,
          "\"a\""s,
          "5"s,
          "{\"a\":1}x"s,
          "{'a':1}"s,
          "{\"a\":01}"s,
          "{\"a\":NaN}"s,
          "{\"a\":\"\xFF\"}"s,
          "{\"a\":\"\\ud800\"}"s,
          "{\"a\":1,}"s,
          "{\"a\":\"\n\"}"s,
          "{\"a\":\0}"s,
          "{\"a\":" + deep + "}",
          std::string(100'000, '{')}) {
        Fields fields = body(text);
        EXPECT_EQ(fields.text("a"), "");
        ASSERT_TRUE(fields.check().has_error()) << text;
        EXPECT_TRUE(fields.check().error().is(kInvalidRequest)) << text;
    }
}

TEST(Fields, refuse_a_body_that_says_it_is_something_else) {
    const auto check_type = [](std::string_view type) {
        const Request::Header headers[] = {{"content-type", type}};
        Request request;
        request.headers = headers;
        request.body = "{}";
        const auto checked = Fields::body(request).check();
        return !checked.has_error() ? "fine" : checked.error().kind().name;
    };
    EXPECT_EQ(check_type("application/json"), "fine");
    EXPECT_EQ(check_type("Application/JSON; charset=utf-8"), "fine");
    EXPECT_EQ(check_type("text/plain"), "unsupported_media_type");
    EXPECT_EQ(check_type("application/x-www-form-urlencoded"), "unsupported_media_type");
}

TEST(Fields, take_json_integers_only) {
    const std::string reason = "n: must be an integer from 1 to 999";
    const Use use = [](Fields& f) { EXPECT_EQ(f.integer("n", 1, 999), 1); };
    expect_problems({
        {R"({})", use, "n: is required"},
        {R"({"n":null})", use, "n: is required"},
        {R"({"n":0})", use, reason},
        {R"({"n":-1})", use, reason},
        {R"({"n":1000})", use, reason},
        {R"({"n":1.0})", use, reason},
        {R"({"n":1e2})", use, reason},
        {R"({"n":"5"})", use, reason},
        {R"({"n":true})", use, reason},
        {R"({"n":[1]})", use, reason},
        {R"({"n":9223372036854775808})", use, reason},
        {R"({"n":18446744073709551616})", use, reason},
        {R"({"n":1e400})", use, reason},
    });
}

TEST(Fields, take_ids_as_digits_or_integers) {
    const std::string reason = "id: must be an id: a string of digits";
    const Use use = [](Fields& f) { EXPECT_EQ(f.id<SkuId>("id"), SkuId{0}); };
    expect_problems({
        {R"({})", use, "id: is required"},
        {R"({"id":0})", use, reason},
        {R"({"id":-1})", use, reason},
        {R"({"id":1.0})", use, reason},
        {R"({"id":""})", use, reason},
        {R"({"id":"0x1"})", use, reason},
        {R"({"id":"1 OR 1=1"})", use, reason},
        {R"({"id":"9223372036854775808"})", use, reason},
        {R"({"id":9223372036854775808})", use, reason},
        {R"({"id":{}})", use, reason},
    });
}

TEST(Fields, limit_text_by_characters_and_refuse_controls) {
    const TextLimits three{.min = 2, .max = 3};
    const Use use = [&](Fields& f) { EXPECT_EQ(f.text("t", three), ""); };
    expect_problems({
        {R"({"t":5})", use, "t: must be a string"},
        {R"({"t":""})", use, "t: must not be empty"},
        {R"({"t":" \t "})", use, "t: must not be empty"},
        {R"({"t":"秒"})", use, "t: must have at least 2 characters"},
        {R"({"t":"秒杀秒杀"})", use, "t: must have at most 3 characters"},
        {R"({"t":"a\u0000b"})", use, "t: contains a control character"},
        {R"({"t":"a\nb"})", use, "t: contains a control character"},
        {R"({"t":"a\u007fb"})", use, "t: contains a control character"},
        {R"({"t":"a\u0085b"})", use, "t: contains a control character"},
    });
    Fields fields = body(R"({"t":"秒杀价","html":"<b>';--"})");
    EXPECT_EQ(fields.text("t", three), "秒杀价");
    EXPECT_EQ(fields.text("html"), "<b>';--");
    EXPECT_EQ(problems(fields), "");
}

TEST(Fields, keep_line_feeds_and_tabs_of_multiline_text) {
    const TextLimits many{.min = 0, .max = 100, .multiline = true};
    Fields fields = body(R"({"t":"a\r\n\tb\n","empty":""})");
    EXPECT_EQ(fields.text("t", many), "a\n\tb");
    EXPECT_EQ(fields.text("empty", many), "");
    EXPECT_EQ(problems(fields), "");
    Fields bad = body(R"({"t":"a\rb","u":"a\u0000b"})");
    bad.text("t", many);
    bad.text("u", many);
    EXPECT_EQ(problems(bad), "t: contains a control character; u: contains a control character");
}

TEST(Fields, refuse_other_types_times_words_and_lists) {
    expect_problems({
        {R"({"b":"true"})", [](Fields& f) { f.boolean("b"); }, "b: must be true or false"},
        {R"({"b":1})", [](Fields& f) { f.optional_boolean("b"); }, "b: must be true or false"},
        {R"({"at":"tomorrow"})",
         [](Fields& f) { f.optional_time("at"); },
         "at: must be a time such as 2026-11-23T08:00:00Z"},
        {R"({"at":5})",
         [](Fields& f) { f.optional_time("at"); },
         "at: must be a time such as 2026-11-23T08:00:00Z"},
        {R"({"w":"c"})",
         [](Fields& f) {
             f.word("w", {"a", "b"});
         },
         "w: must be one of a b"},
        {R"({"w":1})",
         [](Fields& f) {
             f.word("w", {"a", "b"});
         },
         "w: must be one of a b"},
        {R"({"m":-1})",
         [](Fields& f) { f.money("m"); },
         "m: must be an integer from 0 to 10000000000"},
        {R"({"l":{}})", [](Fields& f) { f.objects("l", 0, 2); }, "l: must be a list"},
        {R"({})", [](Fields& f) { f.objects("l", 1, 2); }, "l: is required"},
        {R"({"l":[]})", [](Fields& f) { f.objects("l", 1, 2); }, "l: must have 1 to 2 entries"},
        {R"({"l":["a","b"]})", [](Fields& f) { f.texts("l", 1); }, "l: must have 0 to 1 entries"},
        {R"({"l":["a",1]})", [](Fields& f) { f.texts("l", 2); }, "l[1]: must be a string"},
    });
}

TEST(Fields, name_what_is_wrong_inside_lists_by_path) {
    Fields fields = body(R"({"lines":[{"q":1},5,{"q":0,"sub":[{"x":"y"}]}]})");
    for (Fields& line : fields.objects("lines", 1, 9)) {
        line.integer("q", 1, 9);
        for (Fields& sub : line.objects("sub", 0, 9)) sub.integer("x", 1, 2);
    }
    fields.reject("total", "does not add up");
    EXPECT_EQ(
        problems(fields),
        "lines[1]: must be an object; lines[2].q: must be an integer from 1 to 9; "
        "lines[2].sub[0].x: must be an integer from 1 to 2; total: does not add up"
    );
}

TEST(Fields, of_a_list_outlive_the_fields_they_came_from) {
    std::vector<Fields> lines;
    {
        Fields fields = body(R"({"lines":[{"name":"kept alive"}]})");
        lines = fields.objects("lines", 1, 1);
    }
    EXPECT_EQ(lines.at(0).text("name"), "kept alive");
}

TEST(QueryFields, read_text_as_the_type_asked_for) {
    Fields fields = query("page=2&q=%E7%A7%92+x&on=true&id=7&empty=&sort=price&min=0");
    EXPECT_EQ(fields.integer("page", 1, 10), 2);
    EXPECT_EQ(fields.text("q"), "秒 x");
    EXPECT_TRUE(fields.boolean("on"));
    EXPECT_EQ(fields.id<CategoryId>("id"), CategoryId{7});
    EXPECT_EQ(fields.word("sort", {"price", "name"}), "price");
    EXPECT_EQ(fields.money("min"), Money::fen(0));
    EXPECT_FALSE(fields.has("empty"));
    EXPECT_FALSE(fields.optional_integer("empty", 1, 2));
    EXPECT_EQ(problems(fields), "");
}

TEST(QueryFields, refuse_what_is_not_of_the_type) {
    Fields fields = query("n=1.0&m=+5&o=99999999999999999999&b=yes&q=%ff&z=a%00b&id=-1&l=x");
    fields.integer("n", 1, 9);
    fields.integer("m", 1, 9);
    fields.integer("o", 1, 9);
    fields.boolean("b");
    fields.text("q");
    fields.text("z");
    fields.id<SkuId>("id");
    EXPECT_TRUE(fields.texts("l", 3).empty());
    EXPECT_EQ(
        problems(fields),
        "n: must be an integer from 1 to 9; m: must be an integer from 1 to 9; "
        "o: must be an integer from 1 to 9; b: must be true or false; q: is not valid UTF-8; "
        "z: contains a control character; id: must be an id: a string of digits; l: must be a list"
    );
}

TEST(Paging, has_defaults_and_bounds) {
    Fields none = query("");
    EXPECT_EQ(page_of(none).offset(), 0);
    EXPECT_EQ(page_of(none).page_size, 20);
    Fields third = query("page=3&page_size=100");
    EXPECT_EQ(page_of(third).offset(), 200);
    for (const char* bad : {"page=0", "page=-1", "page=9223372036854775807", "page_size=101"}) {
        Fields fields = query(bad);
        page_of(fields);
        EXPECT_NE(problems(fields), "") << bad;
    }
}

}  // namespace
}  // namespace doorbuster::http
