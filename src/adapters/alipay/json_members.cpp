#include "adapters/alipay/json_members.hpp"

#include "adapters/pay_wire/strict_json.hpp"

namespace doorbuster::alipay {

namespace {

// Walks over text that is known to be valid JSON, so it only has to find where things end.
class Walker {
public:
    explicit Walker(std::string_view text) : text_{text} {}

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    // Past the next character that is no space.
    void step() {
        skip_space();
        ++at_;
    }
    std::string_view string() {
        const std::size_t start = at_;
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        ++at_;
        return text_.substr(start, at_ - start);
    }
    std::string_view value() {
        skip_space();
        const std::size_t start = at_;
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (depth == 0 && at_ > start && (c == ',' || c == '}' || is_space(c))) break;
            if (c == '"') {
                string();
            } else {
                if (c == '{' || c == '[') ++depth;
                if (c == '}' || c == ']') --depth;
                ++at_;
            }
        }
        return text_.substr(start, at_ - start);
    }

private:
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<JsonMember>> top_level_members(std::string_view text) {
    const auto valid = pay_wire::parse_strict(text);
    if (!valid || !valid->is_object()) return std::nullopt;
    std::vector<JsonMember> members;
    Walker walker{text};
    walker.step();  // the brace
    for (std::size_t left = valid->get_object().size(); left > 0; --left) {
        walker.skip_space();
        const std::string_view quoted = walker.string();
        walker.step();  // the colon
        const std::string_view value = walker.value();
        const std::string_view name = quoted.substr(1, quoted.size() - 2);
        if (name.find('\\') != std::string_view::npos) return std::nullopt;
        members.push_back({name, value});
        walker.step();  // a comma or the brace
    }
    return members;
}

}  // namespace doorbuster::alipay
