#include "catalog/model/search_words.hpp"

#include <algorithm>

#include "core/utf8.hpp"

namespace doorbuster::catalog {
namespace {

constexpr std::size_t kTrigram = 3;
constexpr std::string_view kIdeographicSpace = "\u3000";

// How many bytes of white space the text begins with.
std::size_t space_at(std::string_view text) {
    if (text.starts_with(kIdeographicSpace)) return kIdeographicSpace.size();
    const auto first = static_cast<unsigned char>(text.front());
    return first <= 0x20 ? 1 : 0;
}

std::string like_pattern(std::string_view word) {
    std::string pattern = "%";
    for (const char c : word) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern += '%';
}

std::string fts_phrase(std::string_view word) {
    std::string phrase = "\"";
    for (const char c : word) {
        if (c == '"') phrase += '"';
        phrase += c;
    }
    return phrase += '"';
}

bool is_long(std::string_view word) { return utf8_characters(word) >= kTrigram; }

}  // namespace

SearchWords::SearchWords(std::string_view query) {
    std::string word;
    const auto take = [&] {
        if (!word.empty() && std::ranges::find(words_, word) == words_.end()) {
            words_.push_back(word);
        }
        word.clear();
    };
    while (!query.empty()) {
        if (const std::size_t space = space_at(query)) {
            take();
            query.remove_prefix(space);
        } else {
            word += query.front();
            query.remove_prefix(1);
        }
    }
    take();
}

std::string SearchWords::fts_match() const {
    std::string match;
    for (const std::string& word : words_) {
        if (!is_long(word)) continue;
        if (!match.empty()) match += ' ';
        match += fts_phrase(word);
    }
    return match;
}

std::vector<std::string> SearchWords::short_patterns() const {
    std::vector<std::string> patterns;
    for (const std::string& word : words_) {
        if (!is_long(word)) patterns.push_back(like_pattern(word));
    }
    return patterns;
}

std::vector<std::string> SearchWords::patterns() const {
    std::vector<std::string> patterns;
    for (const std::string& word : words_) patterns.push_back(like_pattern(word));
    return patterns;
}

}  // namespace doorbuster::catalog
