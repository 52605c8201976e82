#include "rehearsal/load.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "support/loopback_server.hpp"

namespace doorbuster::rehearsal {
namespace {

using namespace std::chrono_literals;
using test::LoopbackServer;

// A sale as the generator sees one: gives out captchas, tokens and orders while units last, and the
// same order for the same key.
class FakeSale {
public:
    explicit FakeSale(int units) : units_{units} {}

    // What is in the way of the next so many orders.
    int silent = 0;        // nothing is done and nothing answered
    int done_unheard = 0;  // done, and not answered
    bool forgets = false;  // a retry gets another order

    std::string answer(const std::string& request) {
        const std::lock_guard lock{mutex_};
        if (request.find("/captcha") != std::string::npos) {
            return units_ > 0 ? created(R"({"captcha_id":"c1"})") : sold_out();
        }
        if (request.find("/token") != std::string::npos) return created(R"({"token":"t1"})");
        if (request.find("/payments") != std::string::npos) {
            return created(R"({"id":"1","code_url":"weixin://x"})");
        }
        if (request.find("/sandbox/scan") != std::string::npos) return LoopbackServer::ok("{}");
        if (request.find("/cancel") != std::string::npos) return LoopbackServer::ok("{}");
        if (request.starts_with("GET ")) return known(request);
        return order(request);
    }
    std::size_t orders() const {
        const std::lock_guard lock{mutex_};
        return orders_.size();
    }
    void lose_orders() {
        const std::lock_guard lock{mutex_};
        orders_.clear();
    }

private:
    static std::string created(const std::string& data) {
        return status("201 Created", R"({"code":0,"data":)" + data + "}");
    }
    static std::string sold_out() {
        return status("409 Conflict", R"({"code":6006,"error":"sold_out","data":null})");
    }
    static std::string status(const std::string& line, const std::string& body) {
        return "HTTP/1.1 " + line + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    static std::string key_of(const std::string& request) {
        const std::size_t at = request.find("Idempotency-Key: ");
        if (at == std::string::npos) return "none";
        return request.substr(at + 17, request.find("\r\n", at) - at - 17);
    }
    std::string order(const std::string& request) {
        if (silent > 0) {
            --silent;
            return {};
        }
        const auto [found, fresh] = orders_.try_emplace(key_of(request), orders_.size() + 1);
        if (fresh && units_ == 0) {
            orders_.erase(found);
            return sold_out();
        }
        if (fresh) --units_;
        if (!fresh && forgets) found->second += 1'000;
        if (done_unheard > 0) {
            --done_unheard;
            return {};
        }
        return created(R"({"order_no":")" + std::to_string(found->second) + R"("})");
    }
    std::string known(const std::string& request) const {
        for (const auto& [key, number] : orders_) {
            const std::string path = "/orders/" + std::to_string(number) + ' ';
            if (request.find(path) == std::string::npos) continue;
            return LoopbackServer::ok(
                R"({"data":{"order_no":")" + std::to_string(number) + R"(","status":"paid"}})"
            );
        }
        return status("404 Not Found", R"({"error":"order_not_found"})");
    }

    mutable std::mutex mutex_;
    int units_;
    std::map<std::string, std::size_t> orders_;
};

class RehearsalLoad : public testing::Test {
protected:
    RehearsalLoad() {
        plan.buyers = 30;
        plan.stock = 10;
        plan.rate = 1'000;
        plan.connections = 4;
        plan.settle = 0s;
        plan.answer_max = 1s;
        plan.shares = {
            .pay = 100, .cancel = 0, .ask_again = 0, .walk_off = 0, .hope = 0, .bots = 0};
        for (int i = 0; i < 30; ++i) buyers.push_back({"s" + std::to_string(i), "1"});
    }
    void run() {
        load.emplace(plan, Target{server.port(), "7"}, buyers, 0, recorder);
        load->start();
        load->wait();
    }

    Plan plan;
    std::vector<Buyer> buyers;
    FakeSale sale{10};
    LoopbackServer server{[this](const std::string& request) { return sale.answer(request); }};
    Recorder recorder;
    std::optional<Load> load;
};

TEST_F(RehearsalLoad, sends_every_buyer_and_writes_down_every_order) {
    plan.settle = 5s;
    run();
    EXPECT_EQ(load->progress().arrived, 30u);
    EXPECT_EQ(recorder.entries().size(), 10u);
    EXPECT_EQ(load->tally().count(Step::order, "placed"), 10u);
    EXPECT_EQ(load->progress().refused, 20u);
    EXPECT_EQ(load->findings().paid, 10u);
    EXPECT_EQ(load->findings().gave_up, 0u);
    const Found found = look_up(server.port(), buyers, recorder.entries(), 2);
    EXPECT_TRUE(found.lost.empty());
    EXPECT_EQ(found.statuses.at("paid"), 10u);
}

TEST_F(RehearsalLoad, tells_which_orders_were_lost) {
    run();
    sale.lose_orders();
    EXPECT_EQ(look_up(server.port(), buyers, recorder.entries(), 2).lost.size(), 10u);
}

TEST_F(RehearsalLoad, sends_an_order_without_an_answer_again_until_it_knows) {
    plan.settle = 5s;
    sale.silent = 1;
    sale.done_unheard = 2;
    run();
    EXPECT_EQ(load->tally().count(Step::order, "no_answer"), 3u);
    EXPECT_EQ(load->findings().in_doubt, 0u);
    EXPECT_EQ(recorder.entries().size(), 10u);
    EXPECT_EQ(sale.orders(), 10u);
}

TEST_F(RehearsalLoad, notices_a_retry_that_is_told_of_another_order) {
    plan.settle = 5s;
    plan.shares.ask_again = 100;
    sale.forgets = true;
    run();
    EXPECT_EQ(load->findings().other_orders, 10u);
}

TEST_F(RehearsalLoad, takes_tokens_beforehand_and_then_only_orders) {
    plan.tokens_first = true;
    load.emplace(plan, Target{server.port(), "7"}, buyers, 0, recorder);
    EXPECT_EQ(load->take_tokens().size(), 30u);
    load->start();
    load->wait();
    EXPECT_EQ(load->tally().of(Step::captcha).all.count(), 0u);
    EXPECT_EQ(load->tally().of(Step::order).all.count(), 30u);
    EXPECT_EQ(recorder.entries().size(), 10u);
}

TEST_F(RehearsalLoad, counts_the_wait_for_a_connection) {
    plan.connections = 1;
    plan.settle = 5s;
    sale.silent = 1;  // holds the only connection for a second
    run();
    EXPECT_GE(load->tally().of(Step::captcha).all.max(), 500ms);
}

}  // namespace
}  // namespace doorbuster::rehearsal
