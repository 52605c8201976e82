#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "adapters/memory/memory_gate.hpp"
#include "cart/cart_service.hpp"
#include "events/audit_log.hpp"
#include "events/outbox.hpp"
#include "flash_sale/flash_sale.hpp"
#include "flash_sale/waitlist/waitlist_job.hpp"
#include "orders/order_jobs.hpp"
#include "simulation/messages.hpp"
#include "simulation/payment_side.hpp"
#include "simulation/sim_database.hpp"
#include "simulation/slow_gate.hpp"
#include "support/fake_refund_desk.hpp"

namespace doorbuster::simulation {

// What every life of a world's server is made with.
struct ServerSettings {
    DatabaseManner database;
    flash_sale::FlashSaleSettings sale;
    Milliseconds lease_for{10'000};
    Microseconds gate_way_max{0};  // to the gate, and back
};

// One life of the server process: the product's own objects, built anew from the database, and what
// the routes and periodic jobs do with them.
class Server {
public:
    struct Surroundings {
        Disk& disk;
        Scheduler& scheduler;
        Dice& dice;
        PaymentSide& payments;
    };
    Server(Surroundings around, const ServerSettings& settings);

    // Becomes ready as soon as the sales are loaded.
    void start();
    bool ready() const { return ready_ && !database_.dead(); }

    // Answers unless it dies before.
    using Answer = std::function<void(const Reply&)>;
    void receive(Request request, Answer answer);

    // The periodic jobs. One that still runs is not begun again.
    enum class Job {
        expire_orders,
        pass_offers,
        sweep_gate,
        reload,
        end_sales,
        watch_clock,
        count
    };
    void run(Job job);

    // The process is killed: nothing of it reaches the database or a client any more. Returns when
    // all of its coroutines have ended; false: one waits for ever.
    bool die();

    SimDatabase& database() { return database_; }
    StockGate& gate() { return gate_; }
    // Wall time was wrong when this life began, and it cannot know.
    bool born_in_doubt() const { return born_in_doubt_; }

private:
    Task<void> load();
    Task<Reply> handle(Request request);
    Task<Reply> answer(Request request);
    Task<Reply> give_token(Request request);
    Task<Reply> order(Request request);
    const ErrorKind* refuse_early(const flash_sale::SaleItem& item) const;
    Task<Reply> buy_ordinary(Request request);
    Result<void> join(sql::Transaction& tx, const Request& request) const;
    Task<Reply> change_place(Request request);
    Task<Reply> find_place(Request request);
    Task<Reply> cancel(Request request);
    Task<Reply> take_payment_event(Request request);
    Task<Reply> act(Request request);
    Result<void> act_in(sql::Transaction& tx, const Request& request) const;
    Task<void> work(Job job);

    Surroundings around_;
    const ServerSettings& settings_;
    const Clock& clock_;
    const bool born_in_doubt_;
    DiceRandom random_;
    SimDatabase database_;
    memory::MemoryGate gate_in_memory_{clock_};
    SlowGate gate_;
    inventory::InventoryService stock_{clock_};
    cart::CartService carts_{clock_};
    shipping::AddressService addresses_{clock_};
    events::Outbox outbox_{clock_};
    events::AuditLog audit_log_{clock_};
    orders::OrderNumbers numbers_{clock_, random_};
    test::FakeRefundDesk refund_desk_;
    orders::OrderService orders_;
    orders::OrderJobs order_jobs_{database_, orders_, clock_};
    flash_sale::FlashSale sale_;
    flash_sale::WaitlistJob waitlist_job_{database_, sale_.waitlist};
    std::array<bool, static_cast<std::size_t>(Job::count)> running_{};
    std::int64_t busy_ = 0;  // coroutines that have not ended
    bool ready_ = false;
};

}  // namespace doorbuster::simulation
