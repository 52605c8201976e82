#include "catalog/model/rich_text.hpp"

#include <gumbo.h>

#include <memory>
#include <optional>
#include <vector>

#include "catalog/model/rich_text_markup.hpp"
#include "catalog/model/rich_text_policy.hpp"
#include "core/utf8.hpp"

namespace doorbuster::catalog {

namespace {

using namespace rich_text;

constexpr int kPassesMax = 4;

// A parsed document. The parser's own clean-up recurses as deep as the tree, which bounded_markup
// has made shallow.
class Tree {
public:
    explicit Tree(std::string_view html) : markup_{bounded_markup(html)} {
        options_.fragment_context = GUMBO_TAG_DIV;
        options_.max_errors = 0;
        output_.reset(gumbo_parse_with_options(&options_, markup_.data(), markup_.size()));
    }
    const GumboNode& root() const { return *output_->root; }

private:
    struct Destroy {
        void operator()(GumboOutput* output) const {
            gumbo_destroy_output(&kGumboDefaultOptions, output);
        }
    };
    std::string markup_;
    GumboOptions options_ = kGumboDefaultOptions;
    std::unique_ptr<GumboOutput, Destroy> output_;
};

// Walks a tree without recursion and tells `visitor` of texts, and of elements when they begin and
// end.
template <class Visitor>
void walk(const GumboNode& root, Visitor& visitor) {
    struct Level {
        const GumboElement* element;
        unsigned next = 0;
    };
    std::vector<Level> levels{{&root.v.element}};
    while (!levels.empty()) {
        Level& level = levels.back();
        if (level.next == level.element->children.length) {
            if (levels.size() > 1) visitor.end(*level.element);
            levels.pop_back();
            continue;
        }
        const auto* child =
            static_cast<const GumboNode*>(level.element->children.data[level.next++]);
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE) {
            visitor.text(child->v.text.text);
        } else if (child->type == GUMBO_NODE_ELEMENT) {
            visitor.begin(child->v.element);
            levels.push_back({&child->v.element});
        }
    }
}

std::optional<Tag> tag_of(const GumboElement& element) {
    if (element.tag_namespace != GUMBO_NAMESPACE_HTML) return std::nullopt;
    const ElementRule rule = rule_for(gumbo_normalized_tagname(element.tag));
    return rule.treatment == Treatment::keep ? std::optional{rule.tag} : std::nullopt;
}

void append_escaped(std::string& out, std::string_view text, bool in_attribute) {
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                in_attribute ? out += "&quot;" : out += c;
                break;
            case '\r':
                out += '\n';
                break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
        }
    }
}

class HtmlWriter {
public:
    void text(std::string_view text) {
        // The parser drops the first line break of a pre, so one that counts is doubled.
        if (after_pre_ && text.starts_with('\n')) out_ += '\n';
        after_pre_ = false;
        append_escaped(out_, text, false);
    }

    void begin(const GumboElement& element) {
        after_pre_ = false;
        const auto tag = tag_of(element);
        const bool written = tag && depth_ < kDepthMax && write_start(*tag, element);
        const bool closes = written && !has(kVoid, *tag);
        closes_.push_back(closes);
        if (closes) ++depth_;
        after_pre_ = closes && *tag == Tag::pre;
    }

    void end(const GumboElement& element) {
        after_pre_ = false;
        const bool closes = closes_.back();
        closes_.pop_back();
        if (!closes) return;
        --depth_;
        out_.append("</").append(name_of(*tag_of(element))).append(">");
    }

    std::string take() { return std::move(out_); }

private:
    // A picture or link without a usable address says nothing: it is left out.
    bool write_start(Tag tag, const GumboElement& element) {
        std::string attributes;
        bool has_address = false;
        for (unsigned i = 0; i < element.attributes.length; ++i) {
            const auto& attribute = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
            const std::string_view name = attribute.name;
            const auto value = attribute_value(tag, name, attribute.value);
            if (!value) continue;
            has_address = has_address || name == "src" || name == "href";
            attributes.append(" ").append(name).append("=\"");
            append_escaped(attributes, *value, true);
            attributes.append("\"");
        }
        if ((tag == Tag::img || tag == Tag::a) && !has_address) return false;
        if (tag == Tag::a) attributes += " rel=\"nofollow noopener noreferrer\"";
        out_.append("<").append(name_of(tag)).append(attributes).append(">");
        return true;
    }

    std::string out_;
    std::vector<bool> closes_;
    std::size_t depth_ = 0;
    bool after_pre_ = false;
};

class TextWriter {
public:
    void text(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t blank = blank_at(text.substr(at));
            if (blank > 0) {
                space_ = true;
                at += blank;
            } else {
                if (space_ && !out_.empty()) out_ += ' ';
                space_ = false;
                out_ += text[at++];
            }
        }
    }
    void begin(const GumboElement& element) { separate(element); }
    void end(const GumboElement& element) { separate(element); }
    std::string take() { return std::move(out_); }

private:
    // Bytes of white space at the start: ASCII, no-break space, ideographic space.
    static std::size_t blank_at(std::string_view text) {
        if (static_cast<unsigned char>(text[0]) <= 0x20 || text[0] == 0x7f) return 1;
        if (text.substr(0, 2) == "\u00A0") return 2;
        return text.substr(0, 3) == "\u3000" ? 3 : 0;
    }
    void separate(const GumboElement& element) {
        constexpr Tags kSeparate = kBlocks | kScope | set_of(Tag::br, Tag::li, Tag::tr);
        const auto tag = tag_of(element);
        if (tag && has(kSeparate, *tag)) space_ = true;
    }
    static constexpr Tags kScope = kCells | kSections;

    std::string out_;
    bool space_ = false;
};

template <class Writer>
std::string rewritten(std::string_view html) {
    const Tree tree{html};
    Writer writer;
    walk(tree.root(), writer);
    return writer.take();
}

std::string plain(std::string_view html) {
    const std::string text = text_of(html);
    std::string out;
    append_escaped(out, cut_utf8(text, kRichTextBytesMax / 5), false);
    return out;
}

}  // namespace

std::string sanitize_rich_text(std::string_view html) {
    html = cut_utf8(html, kRichTextBytesMax);
    std::string current = rewritten<HtmlWriter>(html);
    // Markup that changes its meaning when it is parsed again is how filters are tricked; only what
    // parses to itself is given out.
    for (int pass = 1; pass < kPassesMax && current.size() <= kRichTextBytesMax; ++pass) {
        std::string next = rewritten<HtmlWriter>(current);
        if (next == current) return current;
        current = std::move(next);
    }
    return plain(html);
}

std::string text_of(std::string_view html) {
    return rewritten<TextWriter>(cut_utf8(html, kRichTextBytesMax));
}

}  // namespace doorbuster::catalog
