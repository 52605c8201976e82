#include "sandbox/common/events.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "ports/log.hpp"
#include "sandbox/common/sql.hpp"
#include "sandbox/common/text.hpp"

namespace doorbuster::sandbox {

namespace {

namespace queries = common::queries;
using Point = Faults::Point;
using std::chrono::seconds;

constexpr Milliseconds kAnswerWithin = seconds{5};
// Longer than a delivery can take, so that nothing is delivered by two at once.
constexpr Milliseconds kLease = seconds{30};
// What was held back follows the event that overtook it.
constexpr Milliseconds kHeldBehind{1'000};
constexpr std::size_t kAnswerBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kShownAnswerMax = 80;

// Who writes a merchant's side wants to know why he is told again.
void tell_of_refusal(const Event& event, const OutboundResponse& answer) {
    log::info(
        "sandbox.notification_not_accepted",
        {{"out_trade_no", event.out_trade_no},
         {"url", event.url},
         {"status", answer.status},
         {"answer", beginning_of(answer.body, kShownAnswerMax)}}
    );
}

}  // namespace

Fate fate_of_event(const Ground& ground, std::string event_id, std::string_view out_trade_no) {
    Fate fate;
    fate.event_id = std::move(event_id);
    fate.dropped = ground.faults.strikes(Point::drop_notification, out_trade_no);
    fate.duplicated = ground.faults.strikes(Point::duplicate_notification, out_trade_no);
    fate.held = ground.faults.strikes(Point::reorder_notification, out_trade_no);
    const bool delayed = ground.faults.strikes(Point::delay_notification, out_trade_no);
    if (delayed || fate.held) fate.delay = ground.options.get().notification_delay;
    return fate;
}

void insert_event(sql::Transaction& tx, const Event& event, const Fate& fate) {
    // Those of the trade that were held back come after this one.
    const Time due = event.created_at + fate.delay;
    tx.execute(queries::release_held, {event.out_trade_no, event.provider, due + kHeldBehind});
    if (fate.dropped || event.url.empty()) return;
    for (int copy = 0; copy < (fate.duplicated ? 2 : 1); ++copy) {
        tx.execute(
            queries::insert_event,
            {event.provider,
             fate.event_id,
             event.out_trade_no,
             event.kind,
             event.url,
             event.content,
             event.created_at,
             due,
             fate.held ? 1 : 0}
        );
    }
}

void Courier::speak_for(std::string_view provider, Voice& voice) {
    voices_.emplace_back(provider, &voice);
}

std::optional<Courier::Due> Courier::claim(sql::Transaction& tx, Time now) const {
    const auto read = [](const sql::Row& row) {
        Due due;
        due.id = row.integer(0);
        due.event.provider = row.string(1);
        due.event.event_id = row.string(2);
        due.event.out_trade_no = row.string(3);
        due.event.kind = row.string(4);
        due.event.url = row.string(5);
        due.event.content = row.string(6);
        due.event.created_at = row.time(7);
        due.event.attempts = static_cast<int>(row.integer(8));
        return due;
    };
    return tx.find(queries::claim_event, {now, now + kLease}, read);
}

Task<bool> Courier::deliver_due() {
    const Time now = ground_.clock.now();
    const auto take = [this, now](sql::Transaction& tx) { return claim(tx, now); };
    const auto due = co_await ground_.database.write(take);
    if (!due) co_return false;

    const auto spoken = [&](const auto& pair) { return pair.first == due->event.provider; };
    const auto found = std::find_if(voices_.begin(), voices_.end(), spoken);
    DOORBUSTER_ASSERT(found != voices_.end());
    Voice& voice = *found->second;
    const bool accepted = co_await deliver(voice, due->event);
    const Time after = ground_.clock.now();
    const auto again = next_attempt(voice, due->event.attempts, after);
    const auto note = [id = due->id, accepted, after, again](sql::Transaction& tx) {
        if (accepted) {
            tx.execute(queries::accept_event, {id, after});
        } else {
            tx.execute(queries::postpone_event, {id, again});
        }
    };
    co_await ground_.database.write(note);
    co_return true;
}

Task<bool> Courier::deliver(Voice& voice, const Event& event) {
    OutboundRequest request = voice.request_of(event);
    request.method = "POST";
    request.url = event.url;
    request.total_timeout = kAnswerWithin;
    request.answer_bytes_max = kAnswerBytesMax;
    bool accepted = false;
    try {
        const OutboundResponse answer = co_await http_.send(std::move(request));
        accepted = voice.understood(answer);
        if (!accepted) tell_of_refusal(event, answer);
    } catch (const HttpClient::Failed& failed) {
        log::info(
            "sandbox.notification_failed",
            {{"out_trade_no", event.out_trade_no}, {"url", event.url}, {"reason", failed.what()}}
        );
    }
    co_return accepted;
}

std::optional<Time> Courier::next_attempt(const Voice& voice, int attempts, Time now) const {
    const auto wait = static_cast<std::size_t>(attempts - 1);
    if (wait >= voice.waits().size()) return std::nullopt;
    return now + ground_.options.scaled(voice.waits()[wait]);
}

Task<std::int64_t> Courier::hurry() {
    const Time now = ground_.clock.now();
    const auto work = [now](sql::Transaction& tx) {
        return tx.execute(queries::make_all_due, {now});
    };
    co_return co_await ground_.database.write(work);
}

Task<std::int64_t> Courier::waiting() {
    const auto work = [](sql::Reader& reader) {
        const auto read = [](const sql::Row& row) { return row.integer(0); };
        return *reader.find(queries::count_waiting, {}, read);
    };
    co_return co_await ground_.database.read(work);
}

}  // namespace doorbuster::sandbox
