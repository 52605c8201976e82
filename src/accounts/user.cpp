#include "accounts/user.hpp"

#include <algorithm>

namespace doorbuster::accounts {

namespace {

// A word's place is the right's bit.
const std::vector<std::string_view> kWords{"catalog", "orders", "marketing", "finance", "admin"};

Right right_at(std::size_t place) { return static_cast<Right>(1u << place); }

}  // namespace

std::string_view role_of(Rights rights) {
    if (rights.has(Right::admin)) return "admin";
    return rights.any() ? "staff" : "shopper";
}

const std::vector<std::string_view>& right_words() { return kWords; }

std::vector<std::string_view> words_of(Rights rights) {
    std::vector<std::string_view> words;
    for (std::size_t place = 0; place < kWords.size(); ++place) {
        if ((rights.bits() & Rights::of(right_at(place)).bits()) != 0) {
            words.push_back(kWords[place]);
        }
    }
    return words;
}

std::optional<Rights> rights_from(const std::vector<std::string>& words) {
    Rights rights;
    for (const std::string& word : words) {
        const auto found = std::find(kWords.begin(), kWords.end(), word);
        if (found == kWords.end()) return std::nullopt;
        rights = rights.with(right_at(static_cast<std::size_t>(found - kWords.begin())));
    }
    return rights;
}

}  // namespace doorbuster::accounts
