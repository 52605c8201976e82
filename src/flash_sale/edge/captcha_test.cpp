#include "flash_sale/edge/captcha.hpp"

#include <gtest/gtest.h>

#include <set>

#include "flash_sale/model/errors.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;

// Shows the text itself.
class PlainPainter final : public CaptchaPainter {
public:
    std::string png(std::string_view text, std::uint64_t) const override {
        return std::string{text};
    }
};

constexpr UserId kUser{42};

SaleItem item_of(std::int64_t id) {
    SaleItem item;
    item.id = PromotionItemId{id};
    return item;
}

class CaptchaTest : public testing::Test {
protected:
    // "" when the answer is right.
    std::string answer(
        const Captchas::Challenge& challenge,
        const std::string& text,
        UserId user = kUser,
        PromotionItemId item = PromotionItemId{7}
    ) {
        const auto result = captchas_.answer(user, item, challenge.id, text);
        return result.has_error() ? std::string{result.error().kind().name} : "";
    }

    test::ManualClock clock_;
    test::SeededRandom random_{3};
    PlainPainter painter_;
    Captchas captchas_{painter_, clock_, random_, Captchas::Mode::image, 100};
    const SaleItem item_ = item_of(7);
};

TEST_F(CaptchaTest, a_right_answer_counts_once) {
    const auto challenge = captchas_.ask(kUser, item_);
    EXPECT_EQ(answer(challenge, challenge.png), "");
    EXPECT_EQ(answer(challenge, challenge.png), "captcha_gone");
    EXPECT_EQ(captchas_.open(), 0u);
}

TEST_F(CaptchaTest, letters_of_either_case_are_right) {
    auto challenge = captchas_.ask(kUser, item_);
    std::string lower = challenge.png;
    for (char& letter : lower) letter = static_cast<char>(std::tolower(letter));
    EXPECT_EQ(answer(challenge, lower), "");
}

TEST_F(CaptchaTest, three_wrong_answers_end_it) {
    const auto challenge = captchas_.ask(kUser, item_);
    EXPECT_EQ(answer(challenge, "WRONG"), "captcha_wrong");
    EXPECT_EQ(answer(challenge, ""), "captcha_wrong");
    EXPECT_EQ(answer(challenge, challenge.png + "A"), "captcha_wrong");
    EXPECT_EQ(answer(challenge, challenge.png), "captcha_gone");
}

TEST_F(CaptchaTest, two_wrong_answers_leave_a_try) {
    const auto challenge = captchas_.ask(kUser, item_);
    answer(challenge, "WRONG");
    answer(challenge, challenge.png.substr(1));
    EXPECT_EQ(answer(challenge, challenge.png), "");
}

TEST_F(CaptchaTest, belongs_to_one_user_and_item) {
    const auto challenge = captchas_.ask(kUser, item_);
    EXPECT_EQ(answer(challenge, challenge.png, UserId{43}), "captcha_gone");
    EXPECT_EQ(answer(challenge, challenge.png, kUser, PromotionItemId{8}), "captcha_gone");
    EXPECT_EQ(answer({"", ""}, challenge.png), "captcha_gone");
    EXPECT_EQ(answer({challenge.id + "x", ""}, challenge.png), "captcha_gone");
    // Strangers have used up no try.
    EXPECT_EQ(answer(challenge, challenge.png), "");
}

TEST_F(CaptchaTest, lasts_two_minutes_whatever_the_wall_clock_says) {
    const auto first = captchas_.ask(kUser, item_);
    clock_.advance(2min - 1ms);
    clock_.jump(24h);
    EXPECT_EQ(answer(first, first.png), "");
    const auto second = captchas_.ask(kUser, item_);
    clock_.advance(2min);
    clock_.jump(-24h);
    EXPECT_EQ(answer(second, second.png), "captcha_gone");
    EXPECT_EQ(captchas_.open(), 0u);
}

TEST_F(CaptchaTest, a_new_one_takes_the_place_of_the_old_one) {
    const auto first = captchas_.ask(kUser, item_);
    const auto second = captchas_.ask(kUser, item_);
    const auto elsewhere = captchas_.ask(kUser, item_of(8));
    EXPECT_EQ(captchas_.open(), 2u);
    EXPECT_EQ(answer(first, first.png), "captcha_gone");
    EXPECT_EQ(answer(second, second.png), "");
    EXPECT_EQ(answer(elsewhere, elsewhere.png, kUser, PromotionItemId{8}), "");
}

TEST_F(CaptchaTest, keeps_a_bounded_number_and_drops_the_oldest) {
    const auto first = captchas_.ask(UserId{1}, item_);
    const auto second = captchas_.ask(UserId{2}, item_);
    for (std::int64_t user = 3; user <= 101; ++user) captchas_.ask(UserId{user}, item_);
    EXPECT_EQ(captchas_.open(), 100u);
    EXPECT_EQ(answer(first, first.png, UserId{1}), "captcha_gone");
    EXPECT_EQ(answer(second, second.png, UserId{2}), "");
    clock_.advance(Captchas::kLife);
    captchas_.ask(kUser, item_);
    EXPECT_EQ(captchas_.open(), 1u);
}

TEST_F(CaptchaTest, neither_ids_nor_answers_repeat) {
    std::set<std::string> ids;
    std::set<std::string> answers;
    for (std::int64_t user = 1; user <= 1000; ++user) {
        const auto challenge = captchas_.ask(UserId{user}, item_);
        EXPECT_EQ(challenge.id.size(), 22u);
        EXPECT_EQ(challenge.png.size(), Captchas::kLetters);
        EXPECT_EQ(challenge.png.find_first_not_of(Captchas::kAlphabet), std::string::npos);
        ids.insert(challenge.id);
        answers.insert(challenge.png);
    }
    EXPECT_EQ(ids.size(), 1000u);
    EXPECT_GT(answers.size(), 990u);  // of five million
}

TEST_F(CaptchaTest, tests_and_rehearsals_know_the_answer) {
    Captchas fixed{painter_, clock_, random_, Captchas::Mode::fixed};
    EXPECT_EQ(fixed.ask(kUser, item_).png, Captchas::kFixedAnswer);
    SaleItem rehearsal = item_;
    rehearsal.shadow = true;
    EXPECT_EQ(captchas_.ask(kUser, rehearsal).png, Captchas::kFixedAnswer);
    EXPECT_NE(captchas_.ask(kUser, item_).png, Captchas::kFixedAnswer);
}

}  // namespace
}  // namespace doorbuster::flash_sale
