// Names, telephone numbers and words to search for, as people type them; and text on its way into
// HTML.
#include <algorithm>

#include "accounts/username.hpp"
#include "catalog/model/search_words.hpp"
#include "fuzz/fuzz.hpp"
#include "http/html.hpp"
#include "http/text.hpp"
#include "shipping/phone.hpp"

namespace {

using namespace doorbuster;
using fuzz::demand;

void check_username(std::string_view text) {
    if (!accounts::is_username(text)) return;
    const auto length = http::utf8_length(text).value_or(0);
    demand(length >= accounts::kUsernameMin && length <= accounts::kUsernameMax, "3 to 32");
    const std::string key = accounts::username_key(text);
    demand(accounts::is_username(key), "the key of a name is a name");
    demand(accounts::username_key(key) == key, "and its own key");
    demand(text.find_first_of(" <>&\"'@\\/:%") == std::string_view::npos, "no mark is in a name");
}

void check_numbers(std::string_view text) {
    const auto digits =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (shipping::is_phone(text)) {
        demand(text.size() >= 5 && text.size() <= 21 && digits >= 5, "a number has 5 to 20 digits");
        demand(text.find_first_not_of("+- 0123456789") == std::string_view::npos, "and no letter");
        demand(text.find('+', 1) == std::string_view::npos, "a plus only in front");
    }
    if (shipping::is_postcode(text)) demand(text.size() == 6 && digits == 6, "six digits");
}

// A phrase ends where its quote does, so that no word can say anything in the language of queries.
void check_search(std::string_view text) {
    const catalog::SearchWords words{text};
    for (const std::string& word : words.all()) demand(!word.empty(), "no word is empty");
    std::string_view match;
    const std::string all = words.fts_match();
    for (match = all; !match.empty();) {
        demand(match.front() == '"', "a phrase begins with a quote");
        match.remove_prefix(1);
        while (!match.empty() && (match.front() != '"' || match.starts_with("\"\""))) {
            match.remove_prefix(match.front() == '"' ? 2 : 1);
        }
        demand(!match.empty(), "and ends with one");
        match.remove_prefix(1);
        demand(match.empty() || match.front() == ' ', "with nothing between it and the next");
        if (!match.empty()) match.remove_prefix(1);
    }
    demand(words.patterns().size() == words.all().size(), "each word is a pattern");
    for (std::string pattern : words.patterns()) {
        demand(pattern.starts_with('%') && pattern.ends_with('%'), "which may stand anywhere");
        pattern = pattern.substr(1, pattern.size() - 2);
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            demand(pattern[at] != '%' && pattern[at] != '_', "its marks are escaped");
            if (pattern[at] == '\\') demand(++at < pattern.size(), "and nothing else is");
        }
    }
}

void check_html(std::string_view text) {
    const std::string safe = http::escape_html(text);
    demand(safe.find_first_of("<>\"'") == std::string::npos, "nothing in it is markup");
    std::string plain;
    for (std::size_t at = 0; at < safe.size(); ++at) {
        if (safe[at] == '&') at = std::min(safe.find(';', at), safe.size());
        plain += '.';
    }
    demand(plain.size() == text.size(), "each character is itself or one reference");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    check_username(text);
    check_numbers(text);
    check_search(text);
    check_html(text);
    return 0;
}
