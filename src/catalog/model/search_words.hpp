#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doorbuster::catalog {

// What a shopper typed, as words that must all be found. Nothing in a word has a meaning of its
// own: quotes, wildcards and operators are searched for as they stand.
class SearchWords {
public:
    SearchWords() = default;
    // Words are separated by white space, the ideographic space too. The same word counts once.
    explicit SearchWords(std::string_view query);

    bool empty() const { return words_.empty(); }
    const std::vector<std::string>& all() const { return words_; }

    // For FTS5 with trigrams: each word of at least three characters as a phrase. Empty: none is
    // long enough.
    std::string fts_match() const;
    // The words that trigrams cannot find, such as 牛仔, as patterns for LIKE.
    std::vector<std::string> short_patterns() const;
    // Every word as a pattern for LIKE with '\' as its escape character.
    std::vector<std::string> patterns() const;

private:
    std::vector<std::string> words_;
};

}  // namespace doorbuster::catalog
