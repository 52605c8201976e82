#include "http/fields.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <utility>

#include "http/errors.hpp"
#include "http/text.hpp"

namespace doorbuster::http {

namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kQueryPairsMax = 100;
constexpr std::int64_t kPageMax = 1'000'000;

// What is wrong with one request, shared by its Fields and the Fields of the objects inside.
struct Problems {
    const ErrorKind* whole = nullptr;  // set when nothing could be read at all
    std::vector<ErrorDetail> details;
};

struct ParsedBody {
    json::value value;
    const ErrorKind* problem = nullptr;
    std::string reason;
};

bool is_json(std::string_view content_type) {
    const auto media = trim_blanks(content_type.substr(0, content_type.find(';')));
    return equal_ignoring_case(media, "application/json");
}

ParsedBody parse_body(const Request& request) {
    const std::string_view type = request.header("content-type");
    if (!type.empty() && !is_json(type)) {
        return {{}, &kUnsupportedMediaType, "must be application/json"};
    }
    json::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code error;
    auto storage = json::make_shared_resource<json::monotonic_resource>();
    json::value value = json::parse(request.body, error, std::move(storage), options);
    if (error) return {{}, &kInvalidRequest, "is not JSON: " + error.message()};
    if (!value.is_object()) return {{}, &kInvalidRequest, "must be a JSON object"};
    return {std::move(value), nullptr, {}};
}

// Surrounding white space: ASCII, U+00A0 and the ideographic space U+3000.
std::string_view trim(std::string_view text) {
    static constexpr std::string_view kSpaces[] = {
        " ", "\t", "\n", "\r", "\v", "\f", "\xC2\xA0", "\xE3\x80\x80"};
    const auto cut = [&](auto is_at_edge, auto remove) {
        for (bool again = true; again;) {
            again = false;
            for (const std::string_view space : kSpaces) {
                if (!is_at_edge(space)) continue;
                remove(space.size());
                again = true;
            }
        }
    };
    cut([&](auto space) { return text.starts_with(space); },
        [&](auto size) { text.remove_prefix(size); });
    cut([&](auto space) { return text.ends_with(space); },
        [&](auto size) { text.remove_suffix(size); });
    return text;
}

// C0, DEL and C1. In valid UTF-8, C1 is 0xC2 followed by 0x80 to 0x9F.
bool has_control_character(std::string_view text, bool multiline) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (multiline && (byte == '\n' || byte == '\t')) continue;
        if (byte < 0x20 || byte == 0x7F) return true;
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
        if (byte == 0xC2 && next < 0xA0) return true;
    }
    return false;
}

std::string with_plain_line_ends(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool before_feed = i + 1 < text.size() && text[i + 1] == '\n';
        if (text[i] != '\r' || !before_feed) plain += text[i];
    }
    return plain;
}

// The reason why a text is refused; empty when it is fine.
std::string text_problem(std::string_view text, const TextLimits& limits) {
    const auto length = utf8_length(text);
    if (!length) return "is not valid UTF-8";
    if (has_control_character(text, limits.multiline)) return "contains a control character";
    if (*length == 0 && limits.min > 0) return "must not be empty";
    if (*length < limits.min) {
        return "must have at least " + std::to_string(limits.min) + " characters";
    }
    if (*length > limits.max) {
        return "must have at most " + std::to_string(limits.max) + " characters";
    }
    return {};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::string range_reason(std::int64_t min, std::int64_t max) {
    return "must be an integer from " + std::to_string(min) + " to " + std::to_string(max);
}

}  // namespace

// Where values come from: an object of the body, or the pairs of a query.
struct Fields::State {
    std::shared_ptr<Problems> problems = std::make_shared<Problems>();
    std::string prefix;  // "lines[2]."
    std::shared_ptr<const json::object> object;
    std::vector<std::pair<std::string, std::string>> pairs;
    bool from_query = false;

    void reject(std::string_view name, std::string reason) {
        problems->details.push_back({prefix + std::string{name}, std::move(reason)});
    }

    // Null counts as absent.
    const json::value* value(std::string_view name) const {
        const json::value* found = object ? object->if_contains(name) : nullptr;
        return found && !found->is_null() ? found : nullptr;
    }
    bool is_null(std::string_view name) const {
        const json::value* found = object ? object->if_contains(name) : nullptr;
        return found && found->is_null();
    }
    // An empty value counts as absent: forms send "?q=&page=1".
    const std::string* pair(std::string_view name) const {
        for (const auto& [key, text] : pairs) {
            if (key == name) return text.empty() ? nullptr : &text;
        }
        return nullptr;
    }
    bool has(std::string_view name) const { return value(name) || pair(name); }

    // Missing: says so when it must be there.
    bool present(std::string_view name, bool required) {
        const bool there = has(name);
        if (!there && required && !problems->whole) reject(name, "is required");
        return there;
    }

    // The text of a field that is present; nothing when it is of another type.
    std::optional<std::string_view> raw_text(std::string_view name) const {
        if (from_query) return std::string_view{*pair(name)};
        const json::string* text = value(name)->if_string();
        return text ? std::optional<std::string_view>{*text} : std::nullopt;
    }

    // JSON integers only: 1.0, 1e2 and "1" are refused, and so is what 64 bits cannot hold.
    std::optional<std::int64_t> raw_integer(std::string_view name) const {
        if (from_query) return parse_integer(*pair(name));
        const std::int64_t* integer = value(name)->if_int64();
        return integer ? std::optional{*integer} : std::nullopt;
    }

    std::optional<std::string> checked_text(
        std::string_view name, std::string_view raw, const TextLimits& limits
    ) {
        std::string text{trim(raw)};
        if (limits.multiline) text = with_plain_line_ends(text);
        std::string problem = text_problem(text, limits);
        if (problem.empty()) return text;
        reject(name, std::move(problem));
        return std::nullopt;
    }

    std::optional<std::string> text(
        std::string_view name, const TextLimits& limits, bool required
    ) {
        if (!present(name, required)) return std::nullopt;
        const auto raw = raw_text(name);
        if (raw) return checked_text(name, *raw, limits);
        reject(name, "must be a string");
        return std::nullopt;
    }

    std::optional<std::int64_t> integer(
        std::string_view name, std::int64_t min, std::int64_t max, bool required
    ) {
        if (!present(name, required)) return std::nullopt;
        const auto raw = raw_integer(name);
        if (raw && *raw >= min && *raw <= max) return raw;
        reject(name, range_reason(min, max));
        return std::nullopt;
    }

    std::optional<bool> boolean(std::string_view name, bool required) {
        if (!present(name, required)) return std::nullopt;
        if (from_query) {
            if (*pair(name) == "true") return true;
            if (*pair(name) == "false") return false;
        } else if (const bool* flag = value(name)->if_bool()) {
            return *flag;
        }
        reject(name, "must be true or false");
        return std::nullopt;
    }

    std::optional<std::string> word(
        std::string_view name, const std::vector<std::string_view>& allowed, bool required
    ) {
        if (!present(name, required)) return std::nullopt;
        const auto raw = raw_text(name);
        if (raw && std::find(allowed.begin(), allowed.end(), *raw) != allowed.end()) {
            return std::string{*raw};
        }
        std::string reason = "must be one of";
        for (const std::string_view each : allowed) reason += " " + std::string{each};
        reject(name, std::move(reason));
        return std::nullopt;
    }

    // The list of a field, within its bounds; null when there is none to look at.
    const json::array* list(std::string_view name, std::size_t min, std::size_t max) {
        if (!present(name, min > 0)) return nullptr;
        const json::value* found = value(name);
        const json::array* array = found ? found->if_array() : nullptr;
        if (!array) {
            reject(name, "must be a list");
            return nullptr;
        }
        if (array->size() >= min && array->size() <= max) return array;
        reject(
            name, "must have " + std::to_string(min) + " to " + std::to_string(max) + " entries"
        );
        return nullptr;
    }

    static std::string entry(std::string_view name, std::size_t index) {
        return std::string{name} + '[' + std::to_string(index) + ']';
    }
};

Fields::Fields(std::shared_ptr<State> state) : state_{std::move(state)} {}
Fields::Fields(Fields&&) noexcept = default;
Fields::~Fields() = default;

Fields Fields::body(const Request& request) {
    auto state = std::make_shared<State>();
    ParsedBody parsed = parse_body(request);
    if (parsed.problem) {
        state->problems->whole = parsed.problem;
        state->problems->details.push_back({"", "The body " + parsed.reason + "."});
    } else {
        const auto root = std::make_shared<const json::value>(std::move(parsed.value));
        state->object = std::shared_ptr<const json::object>{root, root->if_object()};
    }
    return Fields{std::move(state)};
}

Fields Fields::query(const Request& request) {
    auto state = std::make_shared<State>();
    state->from_query = true;
    for_each_part(request.query, '&', [&](std::string_view pair) {
        if (pair.empty() || state->pairs.size() == kQueryPairsMax) return;
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
        state->pairs.emplace_back(
            percent_decode(pair.substr(0, equals), Plus::is_space),
            percent_decode(value, Plus::is_space)
        );
    });
    return Fields{std::move(state)};
}

bool Fields::has(std::string_view name) const { return state_->has(name); }
bool Fields::is_null(std::string_view name) const { return state_->is_null(name); }

std::string Fields::text(std::string_view name, TextLimits limits) {
    return state_->text(name, limits, true).value_or("");
}

std::optional<std::string> Fields::optional_text(std::string_view name, TextLimits limits) {
    return state_->text(name, limits, false);
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    return state_->integer(name, min, max, true).value_or(min);
}

std::optional<std::int64_t> Fields::optional_integer(
    std::string_view name, std::int64_t min, std::int64_t max
) {
    return state_->integer(name, min, max, false);
}

bool Fields::boolean(std::string_view name) { return state_->boolean(name, true).value_or(false); }

std::optional<bool> Fields::optional_boolean(std::string_view name) {
    return state_->boolean(name, false);
}

Money Fields::money(std::string_view name, Money min, Money max) {
    return Money::fen(integer(name, min.fen(), max.fen()));
}

std::optional<Money> Fields::optional_money(std::string_view name, Money min, Money max) {
    const auto fen = optional_integer(name, min.fen(), max.fen());
    return fen ? std::optional{Money::fen(*fen)} : std::nullopt;
}

std::optional<Time> Fields::optional_time(std::string_view name) {
    if (!state_->present(name, false)) return std::nullopt;
    const auto raw = state_->raw_text(name);
    const auto time = raw ? from_rfc3339(*raw) : std::nullopt;
    if (!time) state_->reject(name, "must be a time such as 2026-11-23T08:00:00Z");
    return time;
}

std::string Fields::word(std::string_view name, const std::vector<std::string_view>& allowed) {
    return state_->word(name, allowed, true).value_or("");
}

std::optional<std::string> Fields::optional_word(
    std::string_view name, const std::vector<std::string_view>& allowed
) {
    return state_->word(name, allowed, false);
}

std::optional<std::int64_t> Fields::id_number(std::string_view name, bool required) {
    if (!state_->present(name, required)) return std::nullopt;
    const auto text = state_->raw_text(name);
    const auto number = text ? parse_id(*text) : state_->raw_integer(name);
    if (number && *number > 0) return number;
    state_->reject(name, "must be an id: a string of digits");
    return std::nullopt;
}

std::vector<Fields> Fields::objects(std::string_view name, std::size_t min, std::size_t max) {
    std::vector<Fields> entries;
    const json::array* list = state_->list(name, min, max);
    if (!list) return entries;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string entry = State::entry(name, i);
        const json::object* object = (*list)[i].if_object();
        if (!object) {
            state_->reject(entry, "must be an object");
            continue;
        }
        auto state = std::make_shared<State>();
        state->problems = state_->problems;
        state->prefix = state_->prefix + entry + '.';
        state->object = std::shared_ptr<const json::object>{state_->object, object};
        entries.push_back(Fields{std::move(state)});
    }
    return entries;
}

std::vector<std::string> Fields::texts(std::string_view name, std::size_t max, TextLimits each) {
    std::vector<std::string> texts;
    const json::array* list = state_->list(name, 0, max);
    if (!list) return texts;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const json::string* raw = (*list)[i].if_string();
        const std::string entry = State::entry(name, i);
        if (!raw) {
            state_->reject(entry, "must be a string");
        } else if (auto text = state_->checked_text(entry, *raw, each)) {
            texts.push_back(std::move(*text));
        }
    }
    return texts;
}

void Fields::reject(std::string_view name, std::string reason) {
    state_->reject(name, std::move(reason));
}

Result<void> Fields::check() const {
    const Problems& problems = *state_->problems;
    if (problems.whole) return Error{*problems.whole, problems.details};
    if (!problems.details.empty()) return Error{kValidationFailed, problems.details};
    return {};
}

Page page_of(Fields& query) {
    Page page;
    page.page = query.optional_integer("page", 1, kPageMax).value_or(page.page);
    page.page_size = query.optional_integer("page_size", 1, 100).value_or(page.page_size);
    return page;
}

}  // namespace doorbuster::http
