#include "simulation/world.hpp"

#include "flash_sale/model/errors.hpp"
#include "simulation/judge.hpp"
#include "simulation/plan.hpp"
#include "simulation/template.hpp"

namespace doorbuster::simulation {
namespace {

constexpr UserId kStaff{1};
constexpr std::int64_t kStepsMax = 300'000;
constexpr Microseconds kRestMax = std::chrono::hours{6};
constexpr Microseconds kLookMax = std::chrono::minutes{1};
// A process that began with a wall time that was wrong takes the right one for wrong so long.
constexpr Microseconds kBelieved = flash_sale::SaleClock::kBelieveAfter + std::chrono::minutes{1};
constexpr Microseconds kReconciled = 3 * flash_sale::SaleLoader::kHoldersEvery;

Plan plan_of(Dice& dice, bool small) {
    Plan plan = draw_plan(dice);
    if (small) make_small(plan);
    return plan;
}

class World {
public:
    explicit World(const WorldOptions& options)
        : trace_{options.keep_trace},
          dice_{options.seed},
          plan_{plan_of(dice_, options.small)},
          kill_at_step_{options.kill_at_step} {
        make_sale();
        judge_.emplace(disk_, scheduler_);
        connect();
    }
    ~World() {
        if (server_ && !server_->die()) abandon();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Outcome run() {
        try {
            live();
        } catch (const std::exception& error) {
            // In the product: an error 500, or a periodic job that ends.
            judge_->fail(std::string{"thrown: "} + error.what());
        }
        return outcome();
    }

private:
    void live() {
        begin();
        run_until([&] { return crowd_->gone() && staff_gone_ && kills_left_ == 0; });
        busy_steps_ = scheduler_.steps();
        if (going_on()) calm_down();
        if (going_on() && plan_.sells_out) sell_out();
        if (going_on()) rest();
        if (going_on()) look_at_rest();
        if (going_on()) restart_at_rest();
        if (going_on()) end_sale();
    }

    // ---- the beginning

    // A draft, written before the world begins; staff publish it in the world.
    void make_sale() {
        StraightDatabase database{disk_};
        const Clock& clock = scheduler_.clock();
        memory::MemoryGate gate{clock};
        const inventory::InventoryService stock{clock};
        const events::AuditLog audit{clock};
        const flash_sale::SaleClock sale_clock{clock};
        const flash_sale::Waitlist waitlist{gate, clock, {}};
        const flash_sale::PromotionService service{
            {stock, waitlist, gate, audit, sale_clock, clock}};
        const auto sale = database.write_blocking([&](sql::Transaction& tx) {
            return service.create(tx, kStaff, plan_.sale);
        });
        for (const auto& item : sale.value().items) {
            offers_.push_back({item.id, item.terms.per_order_max});
        }
    }

    void connect() {
        network_.connect(
            [this](const Request& request, Network::Answer answer) {
                receive(request, std::move(answer));
            },
            [this](const Request& request, const Reply& reply) {
                scheduler_.note("told " + to_string(request) + ": " + to_string(reply));
                judge_->told(request, reply);
            }
        );
        crowd_.emplace(scheduler_, dice_, network_, plan_.crowd, offers_, [this](OrderNo order) {
            const auto telling = payments_.paid(order.to_string(), scheduler_.clock().now());
            scheduler_.note("a buyer pays " + order.to_string());
            if (telling) tell(*telling);
        });
    }

    void begin() {
        start_server();
        for (const Plan::Jump& jump : plan_.jumps) {
            scheduler_.after(jump.at, [this, jump] { set_clock(jump.by); });
            scheduler_.after(jump.at + jump.lasts, [this] { set_clock(Milliseconds{0}); });
        }
        kills_left_ = static_cast<std::int64_t>(plan_.kills.size());
        for (const Microseconds at : plan_.kills) {
            scheduler_.after(at, [this] {
                --kills_left_;
                kill();
            });
        }
        for (std::int64_t user = 1; user <= plan_.buyers; ++user) crowd_->send(UserId{user});
        scheduler_.start(work_as_staff());
        scheduler_.settle();
        for (int job = 0; job < static_cast<int>(Server::Job::count); ++job) {
            look(static_cast<Server::Job>(job));
        }
        look_at_payments();
    }

    void set_clock(Milliseconds wrong_by) {
        if (calm_) wrong_by = Milliseconds{0};
        scheduler_.note("wall time is wrong by " + std::to_string(wrong_by.count()));
        scheduler_.clock().set_wrong_by(wrong_by);
    }

    // ---- lives and deaths

    void start_server() {
        scheduler_.note("a life begins");
        const Server::Surroundings around{disk_, scheduler_, dice_, payments_};
        server_ = std::make_unique<Server>(around, plan_.server);
        server_->database().on_commit([this] { judge_->committed(); });
        server_->database().on_unknown([this] { judge_->commit_unknown(); });
        server_->database().on_last_job([this] { return kill_shortly(); });
        if (calm_) server_->database().calm();
        judge_->born(server_->born_in_doubt());
        server_->start();
        scheduler_.settle();
    }

    bool kill_shortly() {
        if (calm_ || dying_ || crashes_ >= plan_.crashes_max) return false;
        dying_ = true;
        scheduler_.after(Microseconds{dice_.between(0, 400)}, [this] { kill(); });
        return true;
    }

    void kill() {
        if (!server_) return;
        dying_ = false;
        ++crashes_;
        scheduler_.note("the process is killed");
        if (!server_->die()) {
            judge_->fail("a request is never answered");
            return abandon();
        }
        server_.reset();
        scheduler_.after(Microseconds{dice_.between(0, 2'000'000)}, [this] { start_server(); });
    }

    // Coroutines of it wait for ever: it cannot be destroyed under them.
    void abandon() { static_cast<void>(server_.release()); }

    // ---- messages

    void receive(Request request, Network::Answer answer) {
        if (!server_ || !server_->ready()) return;  // nobody is there: nothing comes back
        request.arrival = judge_->arrived(request);
        scheduler_.note("gets " + to_string(request));
        server_->receive(request, [this, request, answer = std::move(answer)](const Reply& reply) {
            Reply numbered = reply;
            scheduler_.note("answers " + to_string(request) + ": " + to_string(reply));
            numbered.sent = judge_->replied(request, reply, server_->gate());
            if (request.ask == Ask::token && reply.ok()) {
                judge_->token_given(request, reply, server_->gate(), plan_.server.sale.door_factor);
            }
            answer(numbered);
        });
    }

    void tell(const PaymentSide::Telling& telling) {
        ++tellings_;
        scheduler_.start(tell_until_heard(telling));
    }

    Task<void> tell_until_heard(PaymentSide::Telling telling) {
        Request request;
        request.ask = Ask::payment_event;
        request.topic = telling.topic;
        request.payment = telling.event;
        co_await insist(std::move(request));
        --tellings_;
    }

    // Until the server has taken it.
    Task<std::optional<Reply>> insist(Request request) {
        std::optional<Reply> reply;
        do {
            co_await scheduler_.sleep(Microseconds{dice_.between(0, 1'000'000)});
            reply = co_await network_.call(request);
        } while (!reply || reply->try_again());
        co_return reply;
    }

    // ---- what goes on by itself

    void look(Server::Job job) {
        scheduler_.after(look_every(), [this, job] {
            if (server_) server_->run(job);
            look(job);
        });
    }

    void look_at_payments() {
        scheduler_.after(look_every(), [this] {
            for (const std::string& reference : payments_.closing()) {
                if (!calm_ && dice_.chance(400)) continue;
                const bool paid = dice_.chance(300);
                const Time now = scheduler_.clock().now();
                scheduler_.note("payment side ends " + reference + (paid ? ": paid" : ": closed"));
                const auto telling =
                    paid ? payments_.paid(reference, now) : payments_.closed(reference, now);
                if (telling) tell(*telling);
            }
            look_at_payments();
        });
    }

    // In a world at rest the looks become rare, so that an hour of waiting costs little.
    Microseconds look_every() {
        if (!calm_) return Microseconds{dice_.between(1, 2 * plan_.look_every.count())};
        return std::min(kLookMax, plan_.look_every * (1 << std::min(8, ++calm_looks_ / 20)));
    }

    Task<void> work_as_staff() {
        co_await act({Microseconds{0}, StaffAction::publish});
        for (const Plan::StaffStep& step : plan_.staff) co_await act(step);
        staff_gone_ = true;
    }

    Task<void> act(Plan::StaffStep step) {
        co_await scheduler_.sleep(step.pause);
        Request request;
        request.ask = Ask::staff;
        request.user = kStaff;
        request.action = step.action;
        request.units = step.units;
        request.item = offers_.front().item;
        request.time = scheduler_.clock().true_now() + step.moves;
        co_await insist(std::move(request));
    }

    // ---- the end

    bool going_on() const { return !judge_->broken(); }

    template <class Done>
    void run_until(Done done) {
        const Microseconds end = scheduler_.clock().passed() + kRestMax;
        while (going_on() && !done()) {
            if (!scheduler_.step()) return judge_->fail("nothing happens any more");
            if (scheduler_.steps() == kill_at_step_) kill();
            if (scheduler_.steps() > kStepsMax) return judge_->fail("it never comes to rest");
            if (scheduler_.clock().passed() > end) return judge_->fail("it never comes to rest");
        }
    }

    void calm_down() {
        calm_ = true;
        set_clock(Milliseconds{0});
        network_.calm();
        if (server_) server_->database().calm();
        scheduler_.note("nothing goes wrong any more");
    }

    // Whoever may have a unit asks for one, on and on, until there is none.
    void sell_out() {
        if (server_ && server_->born_in_doubt()) wait(kBelieved);
        scheduler_.note("everybody buys");
        for (std::int64_t user = 1; user <= kUsers; ++user) {
            crowd_->send_to_buy(UserId{user}, [this] { return all_sold_; });
        }
        const auto end = scheduler_.clock().passed() + kReconciled;
        run_until([&] {
            calm_looks_ = 0;
            all_sold_ = judge_->all_has_gone();
            return all_sold_ || scheduler_.clock().passed() > end;
        });
        judge_->fail_unless_all_has_gone();
        all_sold_ = true;
        run_until([&] { return crowd_->gone(); });
    }

    void wait(Microseconds time) {
        const auto end = scheduler_.clock().passed() + time;
        run_until([&] { return scheduler_.clock().passed() > end; });
    }

    void rest() {
        run_until([&] { return judge_->is_quiet() && tellings_ == 0 && idle(); });
        // The leases end, and what the gate was not told it finds out by itself.
        calm_looks_ = 0;
        const auto rested = scheduler_.clock().passed() + plan_.server.lease_for + kReconciled;
        run_until([&] {
            return scheduler_.clock().passed() > rested && judge_->is_quiet() && idle();
        });
    }
    bool idle() { return server_ && server_->ready() && server_->database().idle(); }

    void look_at_rest() {
        scheduler_.note("at rest");
        judge_->check_orders_at_rest(payments_);
        judge_->check_gate(server_->gate());
        judge_->check_audit();
        scheduler_.start(probe_limits());
        scheduler_.settle();
    }

    // Whoever is below the limit may enter, and nobody else.
    Task<void> probe_limits() {
        for (const PromotionItemId item : judge_->open_items()) {
            for (std::int64_t user = 1; user <= kUsers; ++user) {
                const UserId who{user};
                const Entry entry =
                    co_await server_->gate().open_door(item, who, 1, Milliseconds{1});
                server_->gate().leave_door(item, who);
                const bool full = judge_->live_units(item, who) >= judge_->per_user_max(item);
                const Entry right = full ? Entry::limit_reached : Entry::in;
                if (entry != right) {
                    judge_->fail(
                        "the gate is wrong on the limit of user " + who.to_string() + " of item " +
                        item.to_string()
                    );
                }
            }
        }
    }

    // What a new life builds from the database is what the old one had.
    void restart_at_rest() {
        kill();
        run_until([&] { return idle(); });
        if (going_on()) look_at_rest();
    }

    void end_sale() {
        bool ended = false;
        const auto body = [&]() -> Task<void> {
            co_await act({Microseconds{0}, StaffAction::end});
            ended = true;
        };
        scheduler_.start(body());
        run_until([&] { return ended; });
        rest();
        if (!going_on()) return;
        judge_->check_ended(kSkus * kUnitsOfEachSku, plan_.sale.shadow);
        judge_->check_orders_at_rest(payments_);
        judge_->check_audit();
    }

    Outcome outcome() {
        Outcome outcome;
        scheduler_.note("the end:" + judge_->summary());
        outcome.hash = trace_.hash();
        outcome.broken = judge_->broken();
        outcome.steps = scheduler_.steps();
        outcome.busy_steps = busy_steps_;
        outcome.crashes = crashes_;
        outcome.orders = static_cast<std::int64_t>(judge_->orders());
        outcome.trace = trace_.lines();
        outcome.answers.assign(judge_->answers().begin(), judge_->answers().end());
        return outcome;
    }

    Trace trace_;
    Dice dice_;
    const Plan plan_;
    const std::int64_t kill_at_step_;
    Disk disk_{shop_image()};
    // Destroyed after the server and before what waiting coroutines were given.
    Scheduler scheduler_{trace_};
    PaymentSide payments_{disk_};
    Network network_{scheduler_, dice_, plan_.network};
    std::vector<Crowd::Offer> offers_;
    std::optional<Judge> judge_;
    std::optional<Crowd> crowd_;
    std::unique_ptr<Server> server_;
    std::int64_t crashes_ = 0;
    std::int64_t kills_left_ = 0;
    std::int64_t tellings_ = 0;
    std::int64_t busy_steps_ = 0;
    int calm_looks_ = 0;
    bool staff_gone_ = false;
    bool dying_ = false;
    bool all_sold_ = false;
    bool calm_ = false;
};

// One bug is planted for the life of a world.
class Planting {
public:
    explicit Planting(Bug bug) { planted_bug = bug; }
    ~Planting() { planted_bug = Bug::none; }
    Planting(const Planting&) = delete;
    Planting& operator=(const Planting&) = delete;
};

}  // namespace

Outcome run_world(const WorldOptions& options) {
    const Planting planting{options.bug};
    World world{options};
    return world.run();
}

}  // namespace doorbuster::simulation
