#include "flash_sale/edge/captcha.hpp"

#include <algorithm>

#include "flash_sale/model/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

constexpr std::size_t kIdLetters = 22;  // of 62 kinds: 131 bits

char upper(char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

bool same_letters(std::string_view given, std::string_view wanted) {
    return std::ranges::equal(given, wanted, {}, upper);
}

}  // namespace

Captchas::Captchas(
    const CaptchaPainter& painter,
    const Clock& clock,
    Random& random,
    Mode mode,
    std::size_t challenges_max
)
    : painter_{painter},
      clock_{clock},
      random_{random},
      mode_{mode},
      challenges_max_{challenges_max} {}

std::string Captchas::choose_answer(const SaleItem& item) {
    if (mode_ == Mode::fixed || item.shadow) return std::string{kFixedAnswer};
    // 64 bits over 22^5 answers: that some are likelier by a part in 10^12 helps nobody.
    std::uint64_t bits = random_.next_u64();
    std::string text;
    for (std::size_t i = 0; i < kLetters; ++i) {
        text += kAlphabet[bits % kAlphabet.size()];
        bits /= kAlphabet.size();
    }
    return text;
}

Captchas::Challenge Captchas::ask(UserId user, const SaleItem& item) {
    Open challenge{
        .place = {user, item.id},
        .id = random_.token(kIdLetters),
        .answer = choose_answer(item),
        .ends = clock_.steady() + kLife};
    Challenge asked{challenge.id, painter_.png(challenge.answer, random_.next_u64())};
    keep(std::move(challenge));
    return asked;
}

void Captchas::keep(Open challenge) {
    const Instant now = clock_.steady();
    const std::lock_guard lock{mutex_};
    if (const auto old = index_.find(challenge.place); old != index_.end()) forget(old->second);
    while (!opens_.empty() && (opens_.front().ends <= now || opens_.size() >= challenges_max_)) {
        forget(opens_.begin());
    }
    const Place place = challenge.place;
    opens_.push_back(std::move(challenge));
    index_.emplace(place, std::prev(opens_.end()));
}

Result<void> Captchas::answer(
    UserId user, PromotionItemId item, std::string_view id, std::string_view text
) {
    const Instant now = clock_.steady();
    const std::lock_guard lock{mutex_};
    const auto found = index_.find(Place{user, item});
    if (found == index_.end()) return kCaptchaGone;
    const auto challenge = found->second;
    if (challenge->id != id) return kCaptchaGone;
    if (challenge->ends <= now) {
        forget(challenge);
        return kCaptchaGone;
    }
    const bool right = same_letters(text, challenge->answer);
    if (right || --challenge->tries_left == 0) forget(challenge);
    if (!right) return kCaptchaWrong;
    return {};
}

void Captchas::forget(Opens::iterator challenge) {
    index_.erase(challenge->place);
    opens_.erase(challenge);
}

std::size_t Captchas::open() const {
    const std::lock_guard lock{mutex_};
    return opens_.size();
}

}  // namespace doorbuster::flash_sale
