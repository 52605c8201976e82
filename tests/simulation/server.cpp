#include "simulation/server.hpp"

#include <boost/asio/co_spawn.hpp>

#include "flash_sale/model/errors.hpp"

namespace doorbuster::simulation {
namespace {

Reply refusal(const ErrorKind& kind) { return {.error = &kind}; }
Reply refusal(const Error& error) { return refusal(error.kind()); }

const ErrorKind& refusal_of(Entry entry) {
    switch (entry) {
        case Entry::sold_out:
            return flash_sale::kSoldOut;
        case Entry::limit_reached:
            return flash_sale::kLimitReached;
        case Entry::lease_in_use:
            return flash_sale::kTokenUsed;
        case Entry::unknown_item:
            return flash_sale::kItemNotFound;
        case Entry::door_full:
        case Entry::in:
        case Entry::no_lease:
            break;
    }
    return flash_sale::kDoorFull;
}

// Every user's address has the user's own number; see the template.
AddressId address_of(UserId user) { return AddressId{user.value()}; }

flash_sale::claims::RequestKey key_of(const Request& request) {
    flash_sale::claims::RequestKey key{request.key, {}};
    key.fingerprint[0] = static_cast<std::byte>(request.units);
    key.fingerprint[1] = static_cast<std::byte>(request.ask == Ask::claim);
    return key;
}

}  // namespace

Server::Server(Surroundings around, const ServerSettings& settings)
    : around_{around},
      settings_{settings},
      clock_{around.scheduler.clock()},
      born_in_doubt_{around.scheduler.clock().wrong_by() != Milliseconds{0}},
      random_{around.dice.next()},
      database_{around.disk, around.scheduler, around.dice, settings.database},
      gate_{gate_in_memory_, around.scheduler, around.dice, settings.gate_way_max},
      orders_{
          {stock_,
           carts_,
           addresses_,
           outbox_,
           audit_log_,
           around.payments,
           refund_desk_,
           numbers_,
           clock_},
          {.unpaid_ttl = settings.sale.unpaid_ttl}},
      sale_{{database_, clock_, gate_, stock_, addresses_, orders_}, settings.sale} {
    orders_.set_promoted_units(sale_.promoted);
}

void Server::start() {
    ++busy_;
    boost::asio::co_spawn(around_.scheduler.loop(), load(), [this](std::exception_ptr error) {
        --busy_;
        if (error) std::rethrow_exception(error);
    });
}

Task<void> Server::load() {
    while (!ready_ && !database_.dead()) {
        try {
            co_await sale_.loader.reload();
            ready_ = true;
        } catch (const sql::Error&) {
        }
    }
}

void Server::receive(Request request, Answer answer) {
    ++busy_;
    const auto ended = [this, answer = std::move(answer)](std::exception_ptr error, Reply reply) {
        --busy_;
        if (error) std::rethrow_exception(error);
        if (!database_.dead()) answer(reply);
    };
    boost::asio::co_spawn(around_.scheduler.loop(), handle(std::move(request)), ended);
}

// What the error boundary of the HTTP edge does.
Task<Reply> Server::handle(Request request) {
    try {
        Reply reply = co_await answer(std::move(request));
        co_return reply;
    } catch (const sql::Unavailable&) {
    } catch (const sql::CommitUnknown&) {
    }
    co_return refusal(kUnavailable);
}

Task<Reply> Server::answer(Request request) {
    switch (request.ask) {
        case Ask::token:
            co_return co_await give_token(std::move(request));
        case Ask::give_back:
            gate_.leave_door(request.item, request.user);
            co_return Reply{};
        case Ask::order:
        case Ask::claim:
            co_return co_await order(std::move(request));
        case Ask::join:
        case Ask::leave:
            co_return co_await change_place(std::move(request));
        case Ask::place:
            co_return co_await find_place(std::move(request));
        case Ask::buy_ordinary:
            co_return co_await buy_ordinary(std::move(request));
        case Ask::cancel:
            co_return co_await cancel(std::move(request));
        case Ask::begin_payment: {
            const bool begun = around_.payments.begin(request.order);
            co_return begun ? Reply{} : refusal(kNotFound);
        }
        case Ask::payment_event:
            co_return co_await take_payment_event(std::move(request));
        case Ask::staff:
            co_return co_await act(std::move(request));
    }
    co_return refusal(kNotFound);
}

Task<Reply> Server::give_token(Request request) {
    const auto item = sale_.board.find(request.item);
    if (!item) co_return refusal(flash_sale::kItemNotFound);
    if (const ErrorKind* const closed = refuse_early(*item)) co_return refusal(*closed);
    const Time now = sale_.sale_clock.now();
    Reply reply;
    reply.nonce = random_.next_u64();
    reply.epoch = item->epoch;
    reply.token_ends = std::min(now + settings_.lease_for, item->window.ends_at);
    const Milliseconds lasts = reply.token_ends - now;
    const Entry entry = co_await gate_.open_door(item->id, request.user, reply.nonce, lasts);
    if (entry != Entry::in) co_return refusal(refusal_of(entry));
    co_return reply;
}

// Before the session and the database are asked: everything on sale is closed, or sold out.
const ErrorKind* Server::refuse_early(const flash_sale::SaleItem& item) const {
    const auto now = sale_.sale_clock.now();
    const auto open = flash_sale::check_open(item, sale_.board.stopped(), now);
    if (open.has_error()) return &open.error().kind();
    return gate_.sold_out(item.id) ? &flash_sale::kSoldOut : nullptr;
}

Task<Reply> Server::order(Request request) {
    flash_sale::OrderDesk::Wish wish;
    wish.item = sale_.board.find(request.item);
    if (!wish.item) co_return refusal(flash_sale::kItemNotFound);
    wish.offered = request.ask == Ask::claim;
    const ErrorKind* const closed = wish.offered ? nullptr : refuse_early(*wish.item);
    if (closed && !sale_.seen.maybe(request.item, request.key)) co_return refusal(*closed);
    if (!wish.offered && sale_.committer.crowded()) co_return refusal(flash_sale::kBusy);
    wish.user = request.user;
    wish.address = address_of(request.user);
    wish.units = request.units;
    wish.nonce = request.nonce;
    wish.epoch = request.epoch;
    wish.key = key_of(request);
    const bool late = !wish.offered && request.token_ends <= sale_.sale_clock.now();
    if (late) wish.refusal = Error{flash_sale::kTokenExpired};
    const auto placed = co_await sale_.desk.place(std::move(wish));
    if (placed.has_error()) co_return refusal(placed.error());
    Reply reply;
    reply.order = placed->number;
    reply.replayed = placed->replayed;
    co_return reply;
}

Task<Reply> Server::buy_ordinary(Request request) {
    orders::PlaceOrder wish;
    wish.user = request.user;
    wish.address = address_of(request.user);
    wish.lines = {{SkuId{1}, request.units}};
    const auto place = [this, &wish](sql::Transaction& tx) { return orders_.place(tx, wish); };
    const auto placed = co_await database_.write(place);
    if (placed.has_error()) co_return refusal(placed.error());
    Reply reply;
    reply.order = placed->number;
    co_return reply;
}

Result<void> Server::join(sql::Transaction& tx, const Request& request) const {
    const auto item = sale_.board.find(request.item);
    if (!item) return flash_sale::kItemNotFound;
    const auto claims = flash_sale::claims::of_users(tx, item->id, std::span{&request.user, 1});
    const auto mine = claims.find(request.user);
    const bool may_buy = mine == claims.end() || mine->second.live() < item->terms.per_user_max;
    if (!may_buy) return flash_sale::kLimitReached;
    const auto joined = sale_.waitlist.join(tx, item->id, request.user);
    if (joined.has_error()) return joined.error();
    return {};
}

Task<Reply> Server::change_place(Request request) {
    const auto item = sale_.board.find(request.item);
    if (!item) co_return refusal(flash_sale::kItemNotFound);
    if (request.ask == Ask::join) {
        const auto now = sale_.sale_clock.now();
        const auto open = flash_sale::check_open(*item, sale_.board.stopped(), now);
        if (open.has_error()) co_return refusal(open.error());
    }
    const auto change = [this, &request](sql::Transaction& tx) -> Result<void> {
        if (request.ask == Ask::join) return join(tx, request);
        return sale_.waitlist.leave(tx, request.item, request.user);
    };
    const auto done = co_await database_.write(change);
    co_return done.has_error() ? refusal(done.error()) : Reply{};
}

Task<Reply> Server::find_place(Request request) {
    const auto find = [this, item = request.item, user = request.user](sql::Reader& reader) {
        return sale_.waitlist.find(reader, item, user);
    };
    const auto found = co_await database_.read(find);
    if (found.has_error()) co_return refusal(found.error());
    Reply reply;
    reply.offered = found->offered;
    co_return reply;
}

Task<Reply> Server::cancel(Request request) {
    const auto cancel_in = [this, user = request.user, number = request.order](sql::Transaction& tx
                           ) { return orders_.cancel(tx, user, number); };
    const auto cancelled = co_await database_.write(cancel_in);
    co_return cancelled.has_error() ? refusal(cancelled.error()) : Reply{};
}

Task<Reply> Server::take_payment_event(Request request) {
    const auto take = [this, topic = request.topic, event = request.payment](sql::Transaction& tx) {
        if (topic == payments::kPaymentSucceeded) orders_.payment_succeeded(tx, event);
        if (topic == payments::kPaymentClosed) orders_.payment_closed(tx, event);
        if (topic == payments::kPaymentRefundDue) orders_.payment_refund_due(tx, event);
    };
    co_await database_.write(take, {.urgent = true});
    co_return Reply{};
}

Result<void> Server::act_in(sql::Transaction& tx, const Request& request) const {
    const UserId staff = request.user;
    const auto done = [](const auto& result) -> Result<void> {
        if (result.has_error()) return result.error();
        return {};
    };
    switch (request.action) {
        case StaffAction::publish:
            return done(sale_.promotions.publish(tx, staff, kPromotion));
        case StaffAction::pause:
            return done(sale_.promotions.pause(tx, staff, kPromotion));
        case StaffAction::resume:
            return done(sale_.promotions.resume(tx, staff, kPromotion));
        case StaffAction::add_units:
            return done(
                sale_.promotions.add_units(tx, staff, kPromotion, request.item, request.units)
            );
        case StaffAction::move_end:
            return done(sale_.promotions.move_end(tx, staff, kPromotion, request.time));
        case StaffAction::end:
            return done(sale_.promotions.end(tx, staff, kPromotion));
        case StaffAction::stop_all:
        case StaffAction::go_on:
            sale_.promotions.set_stopped(tx, staff, request.action == StaffAction::stop_all);
    }
    return {};
}

Task<Reply> Server::act(Request request) {
    const auto work = [this, &request](sql::Transaction& tx) { return act_in(tx, request); };
    const auto done = co_await database_.write(work);
    if (done.has_error()) co_return refusal(done.error());
    try {
        co_await sale_.loader.reload();
    } catch (const sql::Error&) {
        // The change is committed; the board is loaded at its next turn.
    }
    co_return Reply{};
}

void Server::run(Job job) {
    bool& running = running_[static_cast<std::size_t>(job)];
    if (running || !ready()) return;
    running = true;
    ++busy_;
    const auto ended = [this, &running](std::exception_ptr error) {
        --busy_;
        running = false;
        if (error) std::rethrow_exception(error);
    };
    boost::asio::co_spawn(around_.scheduler.loop(), work(job), ended);
}

Task<void> Server::work(Job job) {
    try {
        switch (job) {
            case Job::expire_orders:
                co_await order_jobs_.expire_unpaid();
                break;
            case Job::pass_offers:
                co_await waitlist_job_.pass_due();
                break;
            case Job::sweep_gate:
                gate_.sweep();
                break;
            case Job::reload:
                co_await sale_.loader.reload();
                break;
            case Job::end_sales:
                co_await sale_.promotion_jobs.end_due();
                break;
            case Job::watch_clock:
                sale_.clock_watch.look();
                break;
            case Job::count:
                break;
        }
    } catch (const sql::Error&) {
        // Tried again at the next look.
    }
}

bool Server::die() {
    database_.die();
    gate_.die();
    around_.scheduler.settle();
    return busy_ == 0 && database_.idle();
}

}  // namespace doorbuster::simulation
