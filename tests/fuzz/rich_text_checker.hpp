#pragma once

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Judges sanitised HTML without the code that made it: one strict form of tags is accepted, and
// everything else is a complaint.
namespace doorbuster::test {

class RichTextChecker {
public:
    // Empty when the text is harmless and well-formed, else what is wrong with it.
    static std::string complaint(std::string_view html) { return RichTextChecker{html}.run(); }

private:
    explicit RichTextChecker(std::string_view html) : html_{html} {}

    std::string run() {
        while (at_ < html_.size() && wrong_.empty()) {
            const char c = html_[at_];
            if (c == '<') {
                tag();
            } else if (c == '>') {
                wrong_ = "a bare >";
            } else if (c == '&') {
                reference();
            } else {
                control(c);
                ++at_;
            }
        }
        if (wrong_.empty() && !open_.empty()) wrong_ = "unclosed " + open_.back();
        return wrong_;
    }

    void control(char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\n' && c != '\t') wrong_ = "a control character";
    }

    void reference() {
        for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;"}) {
            if (html_.substr(at_, known.size()) == known) {
                at_ += known.size();
                return;
            }
        }
        wrong_ = "an unknown character reference";
    }

    std::string word() {
        const std::size_t begin = at_;
        while (at_ < html_.size() && (std::islower(static_cast<unsigned char>(html_[at_])) ||
                                      std::isdigit(static_cast<unsigned char>(html_[at_])))) {
            ++at_;
        }
        return std::string{html_.substr(begin, at_ - begin)};
    }

    bool accept(std::string_view text) {
        if (html_.substr(at_, text.size()) != text) return false;
        at_ += text.size();
        return true;
    }

    void tag() {
        static const std::set<std::string> allowed{
            "p",     "br",    "b",     "strong",     "i",   "em",     "u",
            "s",     "h1",    "h2",    "h3",         "h4",  "h5",     "h6",
            "ul",    "ol",    "li",    "blockquote", "pre", "code",   "table",
            "thead", "tbody", "tfoot", "tr",         "th",  "td",     "caption",
            "img",   "a",     "span",  "div",        "hr",  "figure", "figcaption"};
        ++at_;
        const bool end = accept("/");
        const std::string name = word();
        if (!allowed.contains(name)) {
            wrong_ = "element '" + name + "'";
            return;
        }
        std::set<std::string> seen;
        while (!end && wrong_.empty() && accept(" ")) attribute(name, seen);
        if (wrong_.empty() && !accept(">")) wrong_ = "a malformed tag of " + name;
        if (wrong_.empty()) nest(name, end);
    }

    void nest(const std::string& name, bool end) {
        const bool is_void = name == "br" || name == "img" || name == "hr";
        if (end) {
            if (open_.empty() || open_.back() != name) {
                wrong_ = "misplaced end of " + name;
            } else {
                open_.pop_back();
            }
        } else if (!is_void) {
            open_.push_back(name);
            if (open_.size() > 100) wrong_ = "nested too deep";
        }
    }

    void attribute(const std::string& element, std::set<std::string>& seen) {
        static const std::set<std::string> allowed{
            "img src",
            "img alt",
            "img width",
            "img height",
            "a href",
            "a title",
            "a rel",
            "td colspan",
            "td rowspan",
            "th colspan",
            "th rowspan"};
        const std::string name = word();
        if (!allowed.contains(element + ' ' + name)) wrong_ = "attribute " + element + ' ' + name;
        if (!seen.insert(name).second) wrong_ = "a second " + name;
        if (!accept("=\"")) wrong_ = "an attribute without a value";
        const std::size_t end = html_.find('"', at_);
        if (end == std::string_view::npos) wrong_ = "an open quote";
        if (!wrong_.empty()) return;
        const std::string value{html_.substr(at_, end - at_)};
        while (at_ < end && wrong_.empty()) {
            const char c = html_[at_];
            if (c == '<' || c == '>' || static_cast<unsigned char>(c) < 0x20) {
                wrong_ = "a raw character in a value";
            }
            c == '&' ? reference() : static_cast<void>(++at_);
        }
        at_ = end + 1;
        if (name == "src" || name == "href") address(value);
        if (name == "rel" && value != "nofollow noopener noreferrer") wrong_ = "rel " + value;
    }

    // Nothing before a colon but http or https, unless a slash, ? or # came first.
    void address(const std::string& value) {
        std::string scheme = value.substr(0, value.find_first_of(":/?#"));
        std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        const bool has_scheme = scheme.size() < value.size() && value[scheme.size()] == ':';
        if (has_scheme && scheme != "http" && scheme != "https") wrong_ = "address " + value;
        if (value.empty()) wrong_ = "an empty address";
    }

    std::string_view html_;
    std::size_t at_ = 0;
    std::vector<std::string> open_;
    std::string wrong_;
};

}  // namespace doorbuster::test
