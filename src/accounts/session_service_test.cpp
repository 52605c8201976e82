#include "accounts/session_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "accounts/accounts.hpp"
#include "accounts/errors.hpp"
#include "support/accounts_world.hpp"
#include "support/run_task.hpp"
#include "support/test_database.hpp"

namespace doorbuster::accounts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// A database that counts what it is asked, and says of itself what a test wants.
class WatchedDatabase final : public sql::Database {
public:
    WatchedDatabase(sql::Database& real, bool shared) : real_{real}, shared_{shared} {}
    sql::Dialect dialect() const override { return real_.dialect(); }
    bool shared() const override { return shared_; }
    void submit_write(sql::Job& job) override {
        ++writes;
        real_.submit_write(job);
    }
    void submit_read(sql::Job& job) override {
        ++reads;
        if (!after_read) return real_.submit_read(job);
        late_ = std::make_unique<LateJob>(job, std::exchange(after_read, nullptr));
        real_.submit_read(*late_);
    }

    std::atomic<int> reads = 0;
    std::atomic<int> writes = 0;
    // What happens after the next read has seen its rows and before it tells of them.
    std::function<void()> after_read;

private:
    class LateJob final : public sql::Job {
    public:
        LateJob(sql::Job& job, std::function<void()> then) : job_{job}, then_{std::move(then)} {
            options = job.options;
        }
        bool run(sql::Transaction& tx) override { return job_.run(tx); }
        bool run(sql::Reader& reader) override { return job_.run(reader); }
        void finished(std::exception_ptr error) noexcept override {
            then_();
            job_.finished(std::move(error));
        }

    private:
        sql::Job& job_;
        std::function<void()> then_;
    };

    sql::Database& real_;
    const bool shared_;
    std::unique_ptr<LateJob> late_;
};

class Sessions : public test::DatabaseTest {
protected:
    Sessions() {
        execute(
            "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
            "VALUES (7, 'alice', 'alice', '', 0, 0), (8, 'bob', 'bob', '', 0, 0)"
        );
    }

    std::string open(UserId user, SessionService& service) {
        const auto open_in = [&](sql::Transaction& tx) {
            return service.open(tx, user, "192.0.2.1", "test/1.0").token.reveal();
        };
        return database().write_blocking(open_in);
    }
    std::string open(UserId user = UserId{7}) { return open(user, sessions_); }

    // The user whom a token stands for; zero for an invalid one.
    UserId who(const std::string& token, SessionService& service) {
        const std::string header = "Bearer " + token;
        const http::Request::Header headers[] = {{"Authorization", header}};
        http::Request request;
        request.headers = headers;
        const auto found = test::run(service.authenticate(request, true));
        if (found.has_error()) return UserId{0};
        return (*found)->user;
    }
    UserId who(const std::string& token) { return who(token, sessions_); }

    void end_all(UserId user) {
        const auto end_in = [&](sql::Transaction& tx) { sessions_.end_all(tx, user); };
        database().write_blocking(end_in);
    }
    std::int64_t count() const { return integer("SELECT COUNT(*) FROM sessions"); }

    test::ManualClock clock_;
    SystemRandom random_;
    SessionSettings settings_{
        .absolute = hours{24},
        .idle = hours{2},
        .touch_every = minutes{5},
        .per_user_max = 3,
        .cache_time_to_live = minutes{10}};
    WatchedDatabase watched_{database(), false};
    SessionService sessions_{watched_, clock_, random_, settings_};
};
DOORBUSTER_ON_BOTH_ENGINES(Sessions);

TEST_P(Sessions, ask_the_database_once_for_many_requests) {
    const std::string token = open();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(who(token), UserId{7});
    EXPECT_EQ(watched_.reads, 1);
    EXPECT_EQ(watched_.writes, 0);
}

TEST_P(Sessions, are_looked_up_again_every_two_seconds_where_others_may_end_them) {
    WatchedDatabase shared{database(), true};
    SessionService here{shared, clock_, random_, settings_};
    const std::string token = open(UserId{7}, here);
    EXPECT_EQ(who(token, here), UserId{7});
    EXPECT_EQ(who(token, here), UserId{7});
    EXPECT_EQ(shared.reads, 1);
    execute("DELETE FROM sessions");  // as another process does
    clock_.advance(std::chrono::seconds{2});
    EXPECT_EQ(who(token, here), UserId{0});
    EXPECT_EQ(shared.reads, 2);
}

TEST_P(Sessions, end_when_not_used_for_the_idle_time) {
    const std::string token = open();
    EXPECT_EQ(who(token), UserId{7});
    clock_.advance(hours{2} - Milliseconds{1});
    EXPECT_EQ(who(token), UserId{7});
    clock_.advance(hours{2} - Milliseconds{1});
    EXPECT_EQ(who(token), UserId{7});
    clock_.advance(hours{2});
    EXPECT_EQ(who(token), UserId{0});
}

TEST_P(Sessions, end_after_their_absolute_time_however_much_they_are_used) {
    const std::string token = open();
    for (int hour = 0; hour < 24; ++hour) {
        EXPECT_EQ(who(token), UserId{7}) << hour;
        clock_.advance(hours{1});
    }
    EXPECT_EQ(who(token), UserId{0});
}

TEST_P(Sessions, are_noted_as_seen_at_most_every_few_minutes) {
    const std::string token = open();
    const auto seen = [&] { return integer("SELECT last_seen_at FROM sessions"); };
    const auto opened = seen();
    for (int second = 0; second < 299; ++second) {
        clock_.advance(std::chrono::seconds{1});
        who(token);
    }
    EXPECT_EQ(watched_.writes, 0);
    EXPECT_EQ(seen(), opened);
    clock_.advance(std::chrono::seconds{1});
    for (int i = 0; i < 10; ++i) who(token);
    EXPECT_EQ(watched_.writes, 1);
    EXPECT_EQ(seen(), opened + 300'000);
}

TEST_P(Sessions, are_noted_once_by_many_requests_at_once) {
    const std::string token = open();
    EXPECT_EQ(who(token), UserId{7});
    clock_.advance(minutes{6});
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { EXPECT_EQ(who(token), UserId{7}); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(watched_.writes, 1);
}

TEST_P(Sessions, do_not_come_back_when_a_log_out_commits_while_they_are_read) {
    const std::string token = open();
    watched_.after_read = [&] { end_all(UserId{7}); };
    EXPECT_EQ(who(token), UserId{7});  // asked before the log-out was told
    EXPECT_EQ(who(token), UserId{0});
}

TEST_P(Sessions, see_nothing_of_a_log_out_that_was_rolled_back) {
    const std::string token = open();
    EXPECT_EQ(who(token), UserId{7});
    const auto end_and_fail = [&](sql::Transaction& tx) -> Result<void> {
        sessions_.end_all(tx, UserId{7});
        return kSessionNotFound;
    };
    EXPECT_TRUE(database().write_blocking(end_and_fail).has_error());
    EXPECT_EQ(who(token), UserId{7});
    EXPECT_EQ(watched_.reads, 1);
}

TEST_P(Sessions, of_a_user_are_bounded_and_the_oldest_ends) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 5; ++i) {
        tokens.push_back(open());
        EXPECT_EQ(who(tokens.back()), UserId{7});
    }
    const std::string bob = open(UserId{8});
    EXPECT_EQ(count(), 4);
    EXPECT_EQ(who(tokens[0]), UserId{0});
    EXPECT_EQ(who(tokens[1]), UserId{0});
    for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(who(tokens[i]), UserId{7});
    EXPECT_EQ(who(bob), UserId{8});
}

TEST_P(Sessions, are_swept_in_batches_when_they_have_ended) {
    for (int i = 0; i < 3; ++i) open();
    clock_.advance(hours{1});
    const std::string live = open(UserId{8});
    clock_.advance(hours{1});
    const auto sweep = [&](sql::Transaction& tx) { return sessions_.sweep(tx, 2); };
    EXPECT_EQ(database().write_blocking(sweep), 2);
    EXPECT_EQ(database().write_blocking(sweep), 1);
    EXPECT_EQ(database().write_blocking(sweep), 0);
    EXPECT_EQ(who(live), UserId{8});
}

TEST_P(Sessions, survive_a_restart) {
    const std::string token = open();
    SessionService restarted{watched_, clock_, random_, settings_};
    EXPECT_EQ(who(token, restarted), UserId{7});
}

TEST_P(Sessions, keep_of_the_user_agent_what_can_be_shown) {
    const auto open_in = [&](sql::Transaction& tx) {
        sessions_.open(tx, UserId{7}, "192.0.2.1", std::string(1000, 'x'));
        return sessions_.open(
            tx,
            UserId{7},
            "192.0.2.1",
            std::string_view{
                "a\xff\0\n\xe4"
                "b",
                6}
        );
    };
    database().write_blocking(open_in);
    EXPECT_EQ(text("SELECT user_agent FROM sessions ORDER BY id DESC"), "a????b");
    EXPECT_EQ(integer("SELECT length(user_agent) FROM sessions ORDER BY id"), 255);
}

}  // namespace
}  // namespace doorbuster::accounts
