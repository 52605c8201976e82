#include "catalog/model/rich_text_markup.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "catalog/model/rich_text_policy.hpp"

namespace doorbuster::catalog::rich_text {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return result;
}

struct Attribute {
    std::string name;        // in lower case
    std::string_view value;  // as written, character references included
};

struct Token {
    enum class Kind { text, start, end, nothing };
    Kind kind = Kind::nothing;
    std::string_view text;  // of Kind::text
    std::string name;       // of tags, in lower case
    std::vector<Attribute> attributes;
    bool self_closing = false;
};

// Cuts HTML into tokens as the tokenizer of the HTML standard does (§13.2.5), without the states
// that only report errors. Attributes beyond kAttributesMax of one tag are read over.
class Tokenizer {
public:
    explicit Tokenizer(std::string_view html) : html_{html} {}

    bool done() const { return at_ >= html_.size(); }
    void skip_rest() { at_ = html_.size(); }

    Token next() {
        if (html_[at_] != '<') return text_until(html_.find('<', at_));
        const char first = peek(1);
        if (is_letter(first)) return tag(Token::Kind::start, at_ + 1);
        if (first == '/' && is_letter(peek(2))) return tag(Token::Kind::end, at_ + 2);
        if (first == '!' && html_.substr(at_, 4) == "<!--") return comment();
        if (first == '!' || first == '?' || first == '/') return bogus_comment();
        return text_until(html_.find('<', at_ + 1));
    }

    // Jumps behind the end tag that closes raw text. Without one, the rest is raw text.
    void skip_raw(std::string_view name) {
        for (std::size_t at = html_.find("</", at_); at != std::string_view::npos;
             at = html_.find("</", at + 2)) {
            if (lower(html_.substr(at + 2, name.size())) != name) continue;
            at_ = at + 2 + name.size();
            const char after = peek(0);
            if (is_space(after) || after == '/' || after == '>') {
                static_cast<void>(tag(Token::Kind::end, at + 2));
                return;
            }
        }
        skip_rest();
    }

private:
    static constexpr std::size_t kAttributesMax = 32;

    char peek(std::size_t ahead) const {
        return at_ + ahead < html_.size() ? html_[at_ + ahead] : '\0';
    }

    Token text_until(std::size_t end) {
        end = std::min(end, html_.size());
        Token token;
        token.kind = Token::Kind::text;
        token.text = html_.substr(at_, end - at_);
        at_ = end;
        return token;
    }

    Token comment() {
        at_ += 4;
        if (peek(0) == '>') return skip(1);
        if (peek(0) == '-' && peek(1) == '>') return skip(2);
        // It ends at "-->" or "--!>".
        for (at_ = html_.find("--", at_); at_ != std::string_view::npos;
             at_ = html_.find("--", at_ + 1)) {
            if (peek(2) == '>') return skip(3);
            if (peek(2) == '!' && peek(3) == '>') return skip(4);
        }
        skip_rest();
        return {};
    }

    Token bogus_comment() {
        const std::size_t end = html_.find('>', at_);
        at_ = end == std::string_view::npos ? html_.size() : end + 1;
        return {};
    }

    Token skip(std::size_t count) {
        at_ = std::min(at_ + count, html_.size());
        return {};
    }

    // A tag that the input ends in is no tag.
    Token tag(Token::Kind kind, std::size_t name_at) {
        at_ = name_at;
        while (!done() && !is_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>') ++at_;
        Token token;
        token.kind = kind;
        token.name = lower(html_.substr(name_at, at_ - name_at));
        while (!done() && html_[at_] != '>') attribute(token);
        if (done()) return {};
        ++at_;
        return token;
    }

    void attribute(Token& token) {
        token.self_closing = html_[at_] == '/';
        if (token.self_closing || is_space(html_[at_])) {
            ++at_;
            return;
        }
        const std::size_t begin = at_++;  // an equals sign may begin a name
        while (!done() && !is_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>' &&
               html_[at_] != '=') {
            ++at_;
        }
        const std::string_view name = html_.substr(begin, at_ - begin);
        skip_spaces();
        const std::string_view value = peek(0) == '=' ? attribute_value_here() : std::string_view{};
        if (token.attributes.size() < kAttributesMax) {
            token.attributes.push_back({lower(name), value});
        }
    }

    std::string_view attribute_value_here() {
        ++at_;
        skip_spaces();
        const char quote = peek(0);
        if (quote == '"' || quote == '\'') {
            const std::size_t begin = ++at_;
            at_ = std::min(html_.find(quote, at_), html_.size());
            const std::string_view value = html_.substr(begin, at_ - begin);
            if (!done()) ++at_;
            return value;
        }
        const std::size_t begin = at_;
        while (!done() && !is_space(html_[at_]) && html_[at_] != '>') ++at_;
        return html_.substr(begin, at_ - begin);
    }

    void skip_spaces() {
        while (!done() && is_space(html_[at_])) ++at_;
    }

    std::string_view html_;
    std::size_t at_ = 0;
};

// Which open element a start tag ends although its end tag is missing, and what it never reaches
// through: the rules by which old HTML leaves out </p>, </li>, </td> and their like.
struct ImpliedEnd {
    Tags ends;
    Tags barrier;
};

constexpr Tags kScope = kCells | set_of(Tag::caption, Tag::table);

ImpliedEnd implied_end(Tag tag) {
    if (tag == Tag::li) return {bit(Tag::li), kScope | set_of(Tag::ul, Tag::ol)};
    if (has(kCells, tag)) return {kCells, set_of(Tag::tr, Tag::table)};
    if (tag == Tag::tr) return {bit(Tag::tr) | bit(Tag::caption), kSections | bit(Tag::table)};
    if (has(kSections, tag)) return {kSections, bit(Tag::table)};
    if (has(kBlocks, tag)) return {bit(Tag::p), kScope};
    return {};
}

class Balancer {
public:
    explicit Balancer(std::string_view html) : tokens_{html} { out_.reserve(html.size()); }

    std::string run() {
        while (!tokens_.done()) take(tokens_.next());
        while (!open_.empty()) close_top();
        return std::move(out_);
    }

private:
    void take(const Token& token) {
        switch (token.kind) {
            case Token::Kind::text:
                return append_text(token.text);
            case Token::Kind::start:
                return start(token);
            case Token::Kind::end:
                return end(token);
            case Token::Kind::nothing:
                return;
        }
    }

    void start(const Token& token) {
        const ElementRule rule = rule_for(token.name);
        switch (rule.treatment) {
            case Treatment::keep:
                return open(rule.tag, token);
            case Treatment::unwrap:
                return;
            case Treatment::drop_raw:
                return tokens_.skip_raw(token.name);
            case Treatment::drop_tree:
                return drop_tree(token);
            case Treatment::drop_rest:
                return tokens_.skip_rest();
        }
    }

    // Foreign elements may close themselves, HTML elements cannot.
    void drop_tree(const Token& root) {
        const bool foreign = root.name == "svg" || root.name == "math";
        if (foreign && root.self_closing) return;
        for (std::size_t depth = 1; depth > 0 && !tokens_.done();) {
            const Token token = tokens_.next();
            const bool starts = token.kind == Token::Kind::start;
            if (starts && rule_for(token.name).treatment == Treatment::drop_raw) {
                tokens_.skip_raw(token.name);
            } else if (starts && token.name == root.name && !(foreign && token.self_closing)) {
                ++depth;
            } else if (token.kind == Token::Kind::end && token.name == root.name) {
                --depth;
            }
        }
    }

    void open(Tag tag, const Token& token) {
        close_implied(tag);
        const bool nested_formatting = has(kFormatting, tag) && open_count_[index(tag)] > 0;
        if (nested_formatting || open_.size() >= kDepthMax || elements_ >= kElementsMax) {
            if (!has(kVoid, tag)) ++skipped_[index(tag)];
            return;
        }
        ++elements_;
        write_start(tag, token.attributes);
        if (has(kVoid, tag)) return;
        open_.push_back(tag);
        ++open_count_[index(tag)];
    }

    void close_implied(Tag tag) {
        if (!open_.empty() && has(kHeadings, tag) && has(kHeadings, open_.back())) close_top();
        const ImpliedEnd implied = implied_end(tag);
        close_until(implied.ends, implied.barrier);
        if (tag == Tag::li) close_until(bit(Tag::p), kScope | bit(Tag::li));
        if (tag == Tag::tr) close_until(bit(Tag::tr), bit(Tag::table));
        if (tag == Tag::a) close_until(bit(Tag::a), kScope);
    }

    void end(const Token& token) {
        const ElementRule rule = rule_for(token.name);
        if (rule.treatment != Treatment::keep || has(kVoid, rule.tag)) return;
        if (skipped_[index(rule.tag)] > 0) {
            --skipped_[index(rule.tag)];
            return;
        }
        const Tags family = kSections | kCells | bit(Tag::tr) | bit(Tag::table);
        close_until(bit(rule.tag), has(family, rule.tag) ? bit(Tag::table) : kScope);
    }

    // Closes up to and with the innermost open element of `wanted`, unless a barrier comes first.
    // Bounded by the depth, which is bounded.
    void close_until(Tags wanted, Tags barrier) {
        const auto stop = std::find_if(open_.rbegin(), open_.rend(), [&](Tag tag) {
            return has(wanted | barrier, tag);
        });
        if (stop == open_.rend() || !has(wanted, *stop)) return;
        const auto count = stop - open_.rbegin() + 1;
        for (auto i = count; i > 0; --i) close_top();
    }

    void close_top() {
        const Tag tag = open_.back();
        open_.pop_back();
        --open_count_[index(tag)];
        out_.append("</").append(name_of(tag)).append(">");
    }

    void write_start(Tag tag, const std::vector<Attribute>& attributes) {
        out_.append("<").append(name_of(tag));
        for (const Attribute& attribute : attributes) {
            if (!attribute_allowed(tag, attribute.name)) continue;
            out_.append(" ").append(attribute.name).append("=\"");
            for (const char c : attribute.value) {
                if (c == '"')
                    out_.append("&quot;");
                else
                    out_.push_back(c);
            }
            out_.append("\"");
        }
        out_.append(">");
    }

    void append_text(std::string_view text) {
        for (const char c : text) {
            if (c == '<')
                out_.append("&lt;");
            else if (c != '\0')
                out_.push_back(c);
        }
    }

    static std::size_t index(Tag tag) { return static_cast<std::size_t>(tag); }

    Tokenizer tokens_;
    std::string out_;
    std::vector<Tag> open_;
    std::array<std::size_t, kTagCount> open_count_{};
    std::array<std::size_t, kTagCount> skipped_{};
    std::size_t elements_ = 0;
};

}  // namespace

std::string bounded_markup(std::string_view html) { return Balancer{html}.run(); }

}  // namespace doorbuster::catalog::rich_text
