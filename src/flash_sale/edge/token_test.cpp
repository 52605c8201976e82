#include "flash_sale/edge/token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "flash_sale/model/errors.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::flash_sale {
namespace {

constexpr Time kNow = from_milliseconds(1'790'000'000'000);
constexpr UserId kUser{42};
constexpr PromotionItemId kItem{7};

const TokenClaims kClaims{
    .user = kUser,
    .item = kItem,
    .epoch = 3,
    .window_ends = kNow + std::chrono::hours{1},
    .expires = kNow + std::chrono::seconds{60},
    .nonce = 0xfedcba9876543210u};

class TokenTest : public testing::Test {
protected:
    // "" when the token is good.
    std::string verdict(std::string_view token, UserId user = kUser, PromotionItemId item = kItem) {
        const auto verified = signer_.verify(token, user, item, kNow);
        return verified.has_error() ? std::string{verified.error().kind().name} : "";
    }

    test::SeededRandom random_{1};
    TokenSigner signer_{random_};
};

TEST_F(TokenTest, says_again_what_was_signed) {
    const std::string token = signer_.sign(kClaims);
    EXPECT_EQ(token.size(), TokenSigner::kTextLength);
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos
    );
    const auto verified = signer_.verify(token, kUser, kItem, kNow);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(*verified, kClaims);
    EXPECT_EQ(signer_.sign(kClaims), token);
}

TEST_F(TokenTest, keeps_the_extremes_of_every_claim) {
    const std::int64_t low = std::numeric_limits<std::int64_t>::min();
    const std::int64_t high = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t value : {low, std::int64_t{-1}, std::int64_t{0}, high}) {
        const TokenClaims claims{
            .user = UserId{value},
            .item = PromotionItemId{value},
            .epoch = value,
            .window_ends = from_milliseconds(value),
            .expires = from_milliseconds(high),
            .nonce = static_cast<std::uint64_t>(value)};
        const auto verified =
            signer_.verify(signer_.sign(claims), UserId{value}, PromotionItemId{value}, kNow);
        ASSERT_TRUE(verified.has_value()) << value;
        EXPECT_EQ(*verified, claims);
    }
}

TEST_F(TokenTest, refuses_what_is_not_its_own_token_for_this_purchase) {
    const std::string good = signer_.sign(kClaims);
    TokenSigner other{random_};
    const struct {
        const char* what;
        std::string token;
        UserId user = kUser;
        PromotionItemId item = kItem;
    } table[] = {
        {"forged with another key", other.sign(kClaims)},
        {"of another user", good, UserId{43}},
        {"for another item", good, kUser, PromotionItemId{8}},
        {"users and items swapped", good, UserId{7}, PromotionItemId{42}},
        {"empty", ""},
        {"one letter short", good.substr(1)},
        {"cut", good.substr(0, good.size() - 1)},
        {"claims alone", good.substr(0, 64)},
        {"one letter long", good + "A"},
        {"padded", good + "="},
        {"twice", good + good},
        {"far too long", std::string(1'000'000, 'A')},
        {"all the same letter", std::string(TokenSigner::kTextLength, 'A')},
        {"not base64url", std::string(TokenSigner::kTextLength, '*')},
        {"the other base64", "+/" + good.substr(2)},
        {"NUL", std::string(TokenSigner::kTextLength, '\0')},
        {"not ASCII", std::string(TokenSigner::kTextLength, '\xff')},
        {"with a space", " " + good.substr(1)},
    };
    for (const auto& row : table) {
        EXPECT_EQ(verdict(row.token, row.user, row.item), "token_invalid") << row.what;
    }
    EXPECT_EQ(verdict(good), "");
}

TEST_F(TokenTest, refuses_a_token_with_any_letter_changed) {
    const std::string good = signer_.sign(kClaims);
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char letter : {'A', 'B', 'z', '_'}) {
            std::string changed = good;
            changed[i] = letter;
            EXPECT_EQ(verdict(changed), changed == good ? "" : "token_invalid") << i << letter;
        }
    }
}

TEST_F(TokenTest, a_token_has_one_text_only) {
    // The last letter carries two bits that mean nothing; other values of them are refused.
    std::string token = signer_.sign(kClaims);
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int good = 0;
    for (const char letter : letters) {
        token.back() = letter;
        good += verdict(token).empty() ? 1 : 0;
    }
    EXPECT_EQ(good, 1);
}

TEST_F(TokenTest, expires_on_its_millisecond) {
    const std::string token = signer_.sign(kClaims);
    const Milliseconds one{1};
    EXPECT_TRUE(signer_.verify(token, kUser, kItem, kClaims.expires - one).has_value());
    const auto late = signer_.verify(token, kUser, kItem, kClaims.expires);
    ASSERT_TRUE(late.has_error());
    EXPECT_TRUE(late.error().is(kTokenExpired));
    // Of another user it is none of ours, expired or not.
    EXPECT_TRUE(signer_.verify(token, UserId{1}, kItem, kClaims.expires).error().is(kTokenInvalid));
}

TEST_F(TokenTest, every_claim_is_in_the_signature) {
    std::set<std::string> signatures;
    const auto note = [&](auto change) {
        TokenClaims claims = kClaims;
        change(claims);
        signatures.insert(signer_.sign(claims).substr(64));
    };
    note([](TokenClaims&) {});
    note([](TokenClaims& c) { c.user = UserId{1}; });
    note([](TokenClaims& c) { c.item = PromotionItemId{1}; });
    note([](TokenClaims& c) { c.epoch = 4; });
    note([](TokenClaims& c) { c.window_ends += Milliseconds{1}; });
    note([](TokenClaims& c) { c.expires += Milliseconds{1}; });
    note([](TokenClaims& c) { c.nonce ^= 1; });
    EXPECT_EQ(signatures.size(), 7u);
}

TEST_F(TokenTest, signers_in_one_thread_keep_their_keys_apart) {
    const std::string of_first = signer_.sign(kClaims);
    for (int i = 0; i < 3; ++i) {
        TokenSigner second{random_};
        const std::string of_second = second.sign(kClaims);
        EXPECT_EQ(verdict(of_second), "token_invalid");
        EXPECT_TRUE(second.verify(of_second, kUser, kItem, kNow).has_value());
        EXPECT_TRUE(second.verify(of_first, kUser, kItem, kNow).has_error());
        EXPECT_EQ(verdict(of_first), "");
    }
}

TEST_F(TokenTest, threads_sign_alike) {
    const std::string expected = signer_.sign(kClaims);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 500; ++n) {
                EXPECT_EQ(signer_.sign(kClaims), expected);
                EXPECT_TRUE(signer_.verify(expected, kUser, kItem, kNow).has_value());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace doorbuster::flash_sale
