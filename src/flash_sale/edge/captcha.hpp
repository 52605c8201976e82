#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "flash_sale/model/sale_board.hpp"
#include "ports/captcha_painter.hpp"

namespace doorbuster::flash_sale {

// Asks buyers to read a picture before they get a token. A challenge belongs to one user and one
// item, lasts kLife by the steady clock, allows kTries wrong answers less one, and is gone with a
// right answer. Challenges are of this process and die with it. Thread-safe.
//
// Bounded: one challenge for each user and item, a new one takes the old one's place; of more than
// `challenges_max` the oldest go first.
class Captchas {
public:
    static constexpr Milliseconds kLife = std::chrono::minutes{2};
    static constexpr int kTries = 3;
    static constexpr std::size_t kLetters = 5;
    // No letters that look like another once they are turned: 0 and O, 1, I and L, 2 and Z, 5 and
    // S, 8 and B, G and 6, Q and 0, U and V.
    static constexpr std::string_view kAlphabet = "34679ACDEFHJKMNPRTVWXY";
    // The answer to every challenge in Mode::fixed.
    static constexpr std::string_view kFixedAnswer = "FIXED";

    enum class Mode {
        image,
        fixed,  // for tests: proves nothing about the buyer, see settings of `serve`
    };

    Captchas(
        const CaptchaPainter& painter,
        const Clock& clock,
        Random& random,
        Mode mode,
        std::size_t challenges_max = 100'000
    );

    struct Challenge {
        std::string id;   // 128 random bits as text
        std::string png;  // the picture's bytes
    };
    // The items of a rehearsal always take the fixed answer: nobody buys anything there.
    Challenge ask(UserId user, const SaleItem& item);

    // Whether the answer is right; letters of either case. Errors: kCaptchaWrong (there may be a
    // try left), kCaptchaGone: no such challenge of this user and item, or it is used up or too
    // old.
    Result<void> answer(
        UserId user, PromotionItemId item, std::string_view id, std::string_view text
    );

    std::size_t open() const;

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Place {
        UserId user;
        PromotionItemId item;
        friend bool operator==(const Place&, const Place&) = default;
    };
    struct PlaceHash {
        std::size_t operator()(const Place& place) const {
            return std::hash<UserId>{}(place.user) * 31 + std::hash<PromotionItemId>{}(place.item);
        }
    };
    struct Open {
        Place place;
        std::string id;
        std::string answer;
        Instant ends;
        int tries_left = kTries;
    };
    using Opens = std::list<Open>;

    std::string choose_answer(const SaleItem& item);
    void keep(Open challenge);
    void forget(Opens::iterator challenge);

    const CaptchaPainter& painter_;
    const Clock& clock_;
    Random& random_;
    const Mode mode_;
    const std::size_t challenges_max_;

    mutable std::mutex mutex_;
    Opens opens_;  // oldest first
    std::unordered_map<Place, Opens::iterator, PlaceHash> index_;
};

}  // namespace doorbuster::flash_sale
