#pragma once

#include <map>
#include <set>
#include <tuple>

#include "ports/stock_gate.hpp"
#include "simulation/disk.hpp"
#include "simulation/messages.hpp"
#include "simulation/payment_side.hpp"
#include "simulation/scheduler.hpp"

namespace doorbuster::simulation {

// What is true at every commit, whatever happens: watched from outside, with its own SQL and its
// own memory of what clients asked and were told. The first broken promise ends the world.
class Judge {
public:
    Judge(Disk& disk, Scheduler& scheduler);

    // ---- what the world reports

    // A life has begun; whether its wall time was wrong then.
    void born(bool in_doubt);
    void committed();
    // The process does not learn how the last commit ended.
    void commit_unknown();
    // Returns the number of this arrival.
    std::int64_t arrived(const Request& request);
    // The server has answered. Returns the number of this answer.
    std::int64_t replied(const Request& request, const Reply& reply, const StockGate& gate);
    // A client that still waited has got the answer.
    void told(const Request& request, const Reply& reply);
    void token_given(
        const Request& request, const Reply& reply, StockGate& gate, std::int64_t door
    );

    // ---- what the world asks at rest

    // No order waits for anything, and nobody waits for a unit that could come.
    bool is_quiet();
    void check_orders_at_rest(const PaymentSide& payments);
    // The gate holds what the database holds, with nothing under way and no lease out.
    void check_gate(StockGate& gate);
    void check_ended(std::int64_t units_at_start, bool rehearsal);
    void check_audit();
    // Items on sale at this moment with free units.
    std::vector<PromotionItemId> open_items();
    std::int64_t live_units(PromotionItemId item, UserId user) const;
    std::int64_t per_user_max(PromotionItemId item) const { return limits_.at(item); }

    // ---- what the world asks while everybody who may buys on and on

    // Each item was seen without a free unit, or without anybody who might have it, or is closed.
    bool all_has_gone();
    void fail_unless_all_has_gone();

    // What the database holds, for the trace.
    std::string summary() const;

    void fail(const std::string& what);
    const std::optional<std::string>& broken() const { return broken_; }
    std::size_t orders() const { return orders_.size(); }
    // How often each thing was answered, for knowing what worlds are made of.
    const std::map<std::string, std::int64_t>& answers() const { return answers_; }

private:
    struct Order {
        UserId user;
        PromotionItemId item;
        std::int64_t units = 0;
        std::string status;
    };
    struct Stock {
        StockView view;
        std::int64_t granted = 0;
    };
    struct Place {
        PromotionItemId item;
        UserId user;
        std::string state;
    };
    using KeyId = std::tuple<PromotionItemId, UserId, std::string>;
    struct Attempt {
        std::int64_t arrived = 0;
        std::uint64_t nonce = 0;
        std::int64_t epoch = 0;
        std::int64_t units = 0;
        bool offered = false;
    };
    struct KeyLife {
        std::vector<Attempt> attempts;
        std::vector<std::int64_t> refused;  // answers that a client has got
        std::optional<OrderNo> order;
        std::int64_t placed = 0;
        std::optional<OrderNo> told;
    };

    // A request for a token, an order or a claim that the server works on.
    struct Inside {
        KeyId key;
        Microseconds since{0};
        std::int64_t units = 0;  // that it may have taken at the gate
        bool offered = false;    // from those that are offered
        bool in_doubt = false;   // the gate may not learn of its commit
    };
    void enters(const Request& request);
    void leaves(const Request& request, const Reply& reply, const StockGate& gate);
    bool is_placed(std::int64_t arrival, const Inside& order) const;
    std::int64_t under_way(PromotionItemId item, bool offered) const;
    void check_told_sold_out(const Request& request, const StockView& now);
    void check_told_no_offer(const Request& request, const StockView& now);
    bool could_be_sold(PromotionItemId item);

    void read_orders();
    void read_stock();
    void read_claims();
    void read_places();
    void check_units();
    void check_new_order(OrderNo number, const Order& order);
    void check_key(const KeyId& id, OrderNo order);
    void check_refusals(const KeyId& id, const KeyLife& life);
    void check_places(const std::map<std::int64_t, Place>& before);
    static KeyId id_of(const Request& request);

    Disk& disk_;
    Scheduler& scheduler_;
    std::optional<std::string> broken_;
    std::int64_t moment_ = 0;  // numbers what is reported
    bool born_in_doubt_ = false;

    std::map<PromotionItemId, std::int64_t> limits_;
    std::map<OrderNo, Order> orders_;
    std::set<OrderNo> with_key_;
    std::map<PromotionItemId, Stock> stock_;
    std::map<PromotionItemId, Stock> stock_before_;
    std::map<std::int64_t, Place> places_;
    std::map<KeyId, KeyLife> keys_;
    std::map<std::int64_t, Inside> inside_;  // by arrival
    std::set<PromotionItemId> gone_;         // sold out, or closed, while everybody bought
    std::map<OrderNo, Order> told_;
    // The latest nonce of each user's lease, and when it was given.
    std::map<std::pair<PromotionItemId, UserId>, std::pair<std::uint64_t, std::int64_t>> leases_;
    std::set<std::uint64_t> used_;
    std::map<std::string, std::int64_t> answers_;
};

}  // namespace doorbuster::simulation
