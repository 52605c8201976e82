#include "accounts/session_cache.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace doorbuster::accounts {
namespace {

using std::chrono::seconds;

TokenHash token(int number) { return hash_of("token " + std::to_string(number)); }

LiveSession session_of(UserId user) {
    LiveSession session;
    session.principal.user = user;
    return session;
}

class SessionCacheTest : public testing::Test {
protected:
    bool knows(int number) { return cache_.find(token(number), now_).has_value(); }
    void put(int number, UserId user) {
        cache_.put(token(number), session_of(user), cache_.generation(), now_);
    }

    SessionCache cache_{160, seconds{60}};
    SessionCache::Instant now_{};
};

TEST_F(SessionCacheTest, remembers_until_the_time_is_over) {
    put(1, UserId{7});
    EXPECT_TRUE(knows(1));
    EXPECT_FALSE(knows(2));
    now_ += seconds{59};
    EXPECT_TRUE(knows(1));
    now_ += seconds{1};
    EXPECT_FALSE(knows(1));
    EXPECT_EQ(cache_.size(), 0u);
}

TEST_F(SessionCacheTest, forgets_all_sessions_of_a_user_and_no_others) {
    put(1, UserId{7});
    put(2, UserId{7});
    put(3, UserId{8});
    cache_.forget(UserId{7});
    EXPECT_FALSE(knows(1));
    EXPECT_FALSE(knows(2));
    EXPECT_TRUE(knows(3));
    put(1, UserId{7});
    EXPECT_TRUE(knows(1));
}

TEST_F(SessionCacheTest, takes_nothing_back_that_was_read_before_it_was_forgotten) {
    const auto generation = cache_.generation();
    cache_.forget(UserId{7});  // a log-out commits while the reader is on its way
    cache_.put(token(1), session_of(UserId{7}), generation, now_);
    EXPECT_FALSE(knows(1));
    cache_.put(token(2), session_of(UserId{8}), generation, now_);
    EXPECT_TRUE(knows(2));
}

TEST_F(SessionCacheTest, stays_within_its_bound) {
    for (int i = 0; i < 5000; ++i) put(i, UserId{i});
    EXPECT_LE(cache_.size(), 160u);
    EXPECT_TRUE(knows(4999));
}

TEST_F(SessionCacheTest, lets_one_of_many_note_that_a_session_was_seen) {
    put(1, UserId{7});
    const Time before = from_milliseconds(1000);
    const Time seen = from_milliseconds(5000);
    EXPECT_TRUE(cache_.claim_touch(token(1), before, seen, seen));
    EXPECT_FALSE(cache_.claim_touch(token(1), before, seen, seen));
    EXPECT_EQ(cache_.find(token(1), now_)->last_seen_at, seen);
    EXPECT_TRUE(cache_.claim_touch(token(2), before, seen, seen));
}

TEST_F(SessionCacheTest, serves_many_threads) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this, t] {
            for (int i = 0; i < 2000; ++i) {
                const int number = (i * 7 + t) % 300;
                put(number, UserId{number});
                const auto found = cache_.find(token(number), now_);
                if (found && found->principal.user != UserId{number}) ADD_FAILURE();
                if (i % 50 == 0) cache_.forget(UserId{number});
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(cache_.size(), 160u);
}

TEST(Token, is_unguessable_text_and_kept_as_a_hash) {
    SystemRandom random;
    const Secret one = new_token(random);
    const Secret two = new_token(random);
    EXPECT_EQ(one.reveal().size(), kTokenCharacters);
    EXPECT_NE(one.reveal(), two.reveal());
    EXPECT_TRUE(equal(hash_of(one.reveal()), hash_of(one.reveal())));
    EXPECT_FALSE(equal(hash_of(one.reveal()), hash_of(two.reveal())));
}

}  // namespace
}  // namespace doorbuster::accounts
