#include "flash_sale/engine/batch_committer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "support/flash_world.hpp"

namespace doorbuster::flash_sale {
namespace {

using namespace std::chrono_literals;

// Keeps what it is asked to do until it is told how that ends.
class HeldDatabase final : public sql::Database {
public:
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    bool shared() const override { return false; }
    void submit_write(sql::Job& job) override { held_ = &job; }
    void submit_read(sql::Job&) override { std::abort(); }
    void refuse() {
        std::exchange(held_, nullptr)
            ->finished(std::make_exception_ptr(sql::Unavailable{"for the test"}));
    }

private:
    sql::Job* held_ = nullptr;
};

class Committer : public test::FlashWorld {
protected:
    Committer() { request_.key.key = "k"; }

    // A request that waits from now on.
    void ask(BatchCommitter& committer) {
        const auto wait = [](BatchCommitter& of, OrderRequest request, int& refused) -> Task<void> {
            const auto outcome = co_await of.commit(request);
            if (!outcome) ++refused;
        };
        boost::asio::co_spawn(loop_, wait(committer, request_, refused_), boost::asio::detached);
        loop_.restart();
        loop_.poll();
    }

    HeldDatabase held_;
    OrderRequest request_;
    boost::asio::io_context loop_{1};
    int refused_ = 0;
};
DOORBUSTER_ON_BOTH_ENGINES(Committer);

TEST_P(Committer, is_crowded_while_the_first_in_the_queue_waits_too_long) {
    BatchCommitter committer{held_, writer_, clock_, {.queue_age_max = 250ms}};
    EXPECT_FALSE(committer.crowded());
    ask(committer);
    clock_.advance(250ms);
    EXPECT_FALSE(committer.crowded());
    ask(committer);
    clock_.advance(1ms);
    EXPECT_TRUE(committer.crowded());
    EXPECT_EQ(committer.waiting(), 2u);
    held_.refuse();
    EXPECT_FALSE(committer.crowded());
    EXPECT_EQ(committer.waiting(), 0u);
    loop_.restart();
    loop_.poll();
    EXPECT_EQ(refused_, 2);
}

TEST_P(Committer, is_crowded_when_its_queue_is_full_and_refuses_one_more) {
    BatchCommitter committer{held_, writer_, clock_, {.queue_max = 2}};
    ask(committer);
    EXPECT_FALSE(committer.crowded());
    ask(committer);
    EXPECT_TRUE(committer.crowded());
    ask(committer);
    EXPECT_EQ(refused_, 1);
    held_.refuse();
    loop_.restart();
    loop_.poll();
    EXPECT_EQ(refused_, 3);
}

}  // namespace
}  // namespace doorbuster::flash_sale
