#include "simulation/sim_database.hpp"

#include <boost/asio/post.hpp>

#include "adapters/sqlite/sqlite_errors.hpp"

namespace doorbuster::simulation {
namespace {

std::exception_ptr unavailable(const char* why) {
    return std::make_exception_ptr(sql::Unavailable{why});
}

}  // namespace

SimDatabase::~SimDatabase() { *alive_ = false; }

void SimDatabase::submit(sql::Job& job, bool write) {
    job.submitted = scheduler_.clock().steady();
    const Place place = entries_.insert(entries_.end(), Entry{&job, write, {}, {}});
    if (dead_) {
        // Not from inside the call: its caller may hold a lock that `finished` wants.
        place->error = unavailable("the process has died");
        boost::asio::post(scheduler_.loop(), [this, alive = alive_, place] {
            if (*alive) finish(place);
        });
        return;
    }
    Microseconds delay{dice_.between(0, manner_.begin_max.count())};
    if (dice_.chance(manner_.slow)) delay *= 100;
    const Microseconds now = scheduler_.clock().passed();
    Microseconds due = now + delay;
    if (write && manner_.in_order) due = last_begin_ = std::max(last_begin_, due);
    scheduler_.after(due - now, [this, alive = alive_, place] {
        if (*alive && !dead_) begin(place);
    });
}

void SimDatabase::then(Microseconds delay_max, Place place, void (SimDatabase::*next)(Place)) {
    const Microseconds delay{dice_.between(0, delay_max.count())};
    scheduler_.after(delay, [this, alive = alive_, place, next] {
        if (*alive && !dead_) (this->*next)(place);
    });
}

void SimDatabase::begin(Place place) {
    Entry& entry = *place;
    const auto waited = scheduler_.clock().steady() - entry.job->submitted;
    if (waited > entry.job->options.wait_max) {
        entry.error = unavailable("waited too long");
    } else if (dice_.chance(manner_.refused)) {
        scheduler_.note("db refuses a job");
        entry.error = unavailable("refused");
    } else if (entry.write) {
        run_write(entry);
    } else {
        run_read(entry);
    }
    if (entry.last) return;
    if (entry.hooks.empty()) return then(manner_.answer_max, place, &SimDatabase::finish);
    then(manner_.commit_max, place, &SimDatabase::run_hooks);
}

void SimDatabase::run_hooks(Place place) {
    for (const auto& hook : place->hooks) hook();
    then(manner_.answer_max, place, &SimDatabase::finish);
}

void SimDatabase::finish(Place place) {
    const Entry entry = std::move(*place);
    entries_.erase(place);
    entry.job->finished(entry.error);
}

void SimDatabase::run_read(Entry& entry) {
    sqlite::Session& session = disk_.session();
    session.begin_job();
    disk_.connection().run("BEGIN");
    try {
        entry.job->run(static_cast<sql::Reader&>(session));
        entry.error = session.failure();
    } catch (...) {
        entry.error = std::current_exception();
    }
    disk_.connection().run("ROLLBACK");
}

void SimDatabase::run_write(Entry& entry) {
    sqlite::Connection& connection = disk_.connection();
    connection.run("BEGIN");
    bool kept = run_in_transaction(entry);
    if (kept && dice_.chance(manner_.run_twice)) {
        scheduler_.note("db runs a job again");
        connection.run("ROLLBACK");
        disk_.session().drop_hooks_after(0);
        connection.run("BEGIN");
        kept = run_in_transaction(entry);
    }
    if (kept && dice_.chance(manner_.unknown_lost)) {
        scheduler_.note("db loses a commit, nobody knows");
        entry.error = std::make_exception_ptr(sql::CommitUnknown{"lost"});
        kept = false;
    }
    if (kept && dice_.chance(manner_.failed)) {
        scheduler_.note("db refuses a commit");
        entry.error = unavailable("the commit was refused");
        kept = false;
    }
    if (kept && is_last(manner_.dies_before)) {
        scheduler_.note("db: the process dies before a commit");
        entry.last = true;
        kept = false;
    }
    if (kept) return commit(entry);
    disk_.session().drop_hooks_after(0);
    if (connection.in_transaction()) connection.run("ROLLBACK");
}

bool SimDatabase::run_in_transaction(Entry& entry) {
    sqlite::Session& session = disk_.session();
    session.begin_job();
    entry.error = nullptr;
    bool kept = false;
    try {
        kept = entry.job->run(static_cast<sql::Transaction&>(session));
    } catch (...) {
        entry.error = std::current_exception();
    }
    if (!kept || !session.failure()) return kept;
    entry.error = session.failure();
    return false;
}

void SimDatabase::commit(Entry& entry) {
    sqlite::Session& session = disk_.session();
    try {
        disk_.connection().run("COMMIT");
    } catch (...) {
        entry.error = std::current_exception();
        session.drop_hooks_after(0);
        disk_.connection().run("ROLLBACK");
        return;
    }
    entry.hooks = std::exchange(session.hooks(), {});
    if (dice_.chance(manner_.unknown_done)) {
        scheduler_.note("db commits, nobody knows");
        entry.error = std::make_exception_ptr(sql::CommitUnknown{"done"});
        entry.hooks.clear();
    }
    if (judge_) judge_();
    if (entry.error && judge_unknown_) judge_unknown_();
    if (is_last(manner_.dies_after)) {
        scheduler_.note("db: the process dies after a commit");
        entry.last = true;
    }
}

bool SimDatabase::is_last(std::int64_t per_mille) {
    return dice_.chance(per_mille) && kill_ && kill_();
}

void SimDatabase::calm() {
    DatabaseManner calm;
    calm.in_order = manner_.in_order;
    manner_ = calm;
}

void SimDatabase::die() {
    dead_ = true;
    std::list<Entry> ended;
    ended.swap(entries_);
    for (const Entry& entry : ended) {
        // After the commit or before: a dead process does not learn it.
        entry.job->finished(unavailable("the process has died"));
    }
}

void StraightDatabase::submit_write(sql::Job& job) {
    sqlite::Session& session = disk_.session();
    std::exception_ptr error;
    disk_.connection().run("BEGIN");
    session.begin_job();
    try {
        const bool kept = job.run(static_cast<sql::Transaction&>(session));
        disk_.connection().run(kept ? "COMMIT" : "ROLLBACK");
    } catch (...) {
        error = std::current_exception();
        if (disk_.connection().in_transaction()) disk_.connection().run("ROLLBACK");
    }
    const auto hooks = std::exchange(session.hooks(), {});
    if (!error) {
        for (const auto& hook : hooks) hook();
    }
    job.finished(error);
}

void StraightDatabase::submit_read(sql::Job& job) {
    sqlite::Session& session = disk_.session();
    std::exception_ptr error;
    session.begin_job();
    try {
        job.run(static_cast<sql::Reader&>(session));
    } catch (...) {
        error = std::current_exception();
    }
    job.finished(error);
}

}  // namespace doorbuster::simulation
