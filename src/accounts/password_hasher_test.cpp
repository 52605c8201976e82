#include "accounts/password_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "support/run_task.hpp"

namespace doorbuster::accounts {
namespace {

// As cheap as argon2id gets.
constexpr PasswordSettings kCheap{.passes = 1, .memory_bytes = 8192};

PasswordHasher::Verdict verify(PasswordHasher& hasher, const char* password, std::string hash) {
    return *test::run(hasher.verify(Secret{password}, std::move(hash)));
}

TEST(PasswordHasher, uses_argon2id_with_19_mib_and_two_passes) {
    PasswordHasher hasher;
    const auto hash = test::run(hasher.hash(Secret{"correct horse"}));
    EXPECT_EQ(hash->rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0u) << *hash;
    EXPECT_TRUE(verify(hasher, "correct horse", *hash).matches);
    EXPECT_FALSE(verify(hasher, "correct horse", *hash).outdated);
    EXPECT_FALSE(verify(hasher, "wrong horse", *hash).matches);
}

TEST(PasswordHasher, salts_every_hash) {
    PasswordHasher hasher{kCheap};
    EXPECT_NE(hasher.hash_blocking(Secret{"password"}), hasher.hash_blocking(Secret{"password"}));
}

TEST(PasswordHasher, reads_every_byte_of_a_password) {
    PasswordHasher hasher{kCheap};
    const std::string hash = hasher.hash_blocking(Secret{std::string{"pass\0word", 9}});
    EXPECT_TRUE(test::run(hasher.verify(Secret{std::string{"pass\0word", 9}}, hash))->matches);
    EXPECT_FALSE(test::run(hasher.verify(Secret{std::string{"pass\0ward", 9}}, hash))->matches);
}

TEST(PasswordHasher, never_matches_a_user_who_does_not_exist) {
    PasswordHasher hasher{kCheap};
    EXPECT_FALSE(verify(hasher, "", "").matches);
    EXPECT_FALSE(verify(hasher, "password", "").matches);
    EXPECT_FALSE(verify(hasher, "password", "not a hash").matches);
}

TEST(PasswordHasher, finds_a_hash_of_other_parameters_outdated) {
    PasswordHasher old{kCheap};
    const std::string hash = old.hash_blocking(Secret{"password"});
    PasswordHasher today{{.passes = 2, .memory_bytes = 16384}};
    const auto verdict = verify(today, "password", hash);
    EXPECT_TRUE(verdict.matches);
    EXPECT_TRUE(verdict.outdated);
    EXPECT_FALSE(verify(today, "wrong", hash).outdated);
}

TEST(PasswordHasher, derives_the_same_bytes_for_one_purpose_only) {
    PasswordHasher hasher{kCheap};
    const auto derive = [&](const char* password, const char* purpose) {
        return *test::run(hasher.derive(Secret{password}, purpose));
    };
    EXPECT_EQ(derive("password", "a"), derive("password", "a"));
    EXPECT_NE(derive("password", "a"), derive("password", "b"));
    EXPECT_NE(derive("password", "a"), derive("passward", "a"));
}

TEST(PasswordHasher, sheds_what_its_queue_cannot_hold_and_finishes_the_rest) {
    boost::asio::io_context loop{1};  // outlives the threads that wake it
    PasswordHasher hasher{{.passes = 1, .memory_bytes = 256 * 1024, .threads = 1, .queue_max = 3}};
    std::atomic<int> hashed = 0;
    std::atomic<int> shed = 0;
    // Started in one go on one event loop, so that far more wait than the queue holds.
    const auto one = [&]() -> Task<void> {
        Task<Result<std::string>> hashing = hasher.hash(Secret{"password"});
        const auto hash = co_await std::move(hashing);
        if (hash.has_value()) ++hashed;
        if (hash.has_error() && hash.error().is(kUnavailable)) ++shed;
    };
    constexpr int kRequests = 2000;
    for (int i = 0; i < kRequests; ++i) {
        boost::asio::co_spawn(loop, one(), boost::asio::detached);
    }
    loop.run();
    EXPECT_EQ(hashed + shed, kRequests);
    EXPECT_GE(hashed, 3);
    EXPECT_GT(shed, 0);
}

}  // namespace
}  // namespace doorbuster::accounts
