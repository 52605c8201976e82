// The body and the query of a request, read the way that the routes read them, and its cookies.
#include <array>

#include "fuzz/fuzz.hpp"
#include "http/fields.hpp"
#include "http/text.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

// Whether no reader can take it for anything but text on one line, or several.
bool is_harmless(std::string_view text, const http::TextLimits& limits) {
    const auto length = http::utf8_length(text);
    if (!length || *length > limits.max) return false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool break_or_tab = limits.multiline && (c == '\n' || c == '\t');
        if ((byte < 0x20 && !break_or_tab) || byte == 0x7f) return false;
    }
    return true;
}

void check_values(http::Fields& fields) {
    const http::TextLimits one_line{.max = 20};
    const http::TextLimits lines{.min = 0, .max = 40, .multiline = true};
    demand(is_harmless(fields.text("a", one_line), one_line), "a text is within its limits");
    if (const auto text = fields.optional_text("b", lines)) {
        demand(is_harmless(*text, lines), "lines are within theirs");
    }
    const auto number = fields.integer("c", -3, 999);
    demand(number >= -3 && number <= 999, "a number is within its range");
    const Money money = fields.money("d");
    demand(!money.is_negative() && money <= http::Fields::kMoneyMax, "so is an amount");
    demand(fields.id<SkuId>("e").value() >= 0, "no id is negative");
    if (const auto time = fields.optional_time("f")) {
        demand(from_rfc3339(to_rfc3339(*time)) == time, "a time can be written again");
    }
    static_cast<void>(fields.optional_boolean("g"));
    const std::string word = fields.optional_word("h", {"up", "down"}).value_or("up");
    demand(word == "up" || word == "down", "a word is one of those allowed");
    const auto page = http::page_of(fields);
    demand(page.page >= 1 && page.page_size >= 1 && page.page_size <= 100, "a page is bounded");
    demand(page.offset() >= 0, "and so is what it begins with");
}

void check_lists(http::Fields& fields) {
    auto objects = fields.objects("i", 0, 3);
    demand(objects.size() <= 3, "a list is bounded");
    for (http::Fields& each : objects) check_values(each);
    const auto texts = fields.texts("j", 3, {.max = 5});
    demand(texts.size() <= 3, "so is a list of texts");
    for (const auto& text : texts) demand(is_harmless(text, {.max = 5}), "and each of them");
}

// The first of a name counts, however it is asked for.
void check_query(const http::Request& request) {
    const std::string value = request.query_param("b").value_or("");
    http::Fields fields = http::Fields::query(request);
    const http::TextLimits any{.min = 0, .max = 1'000'000};
    const auto same = fields.optional_text("b", any);
    if (same) demand(value.find(*same) != std::string::npos, "both readers read the same value");
    check_values(fields);
    static_cast<void>(fields.check());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    http::Request request;
    request.body = text;
    request.query = text;
    http::Fields fields = http::Fields::body(request);
    check_values(fields);
    check_lists(fields);
    static_cast<void>(fields.check());
    check_query(request);

    const std::array<http::Request::Header, 1> headers{{{"Cookie", text}}};
    request.headers = headers;
    const auto cookie = request.cookie("session");
    demand(cookie.find(';') == std::string_view::npos, "a cookie ends with its pair");
    return 0;
}
