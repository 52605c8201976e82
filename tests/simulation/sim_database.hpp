#pragma once

#include <list>
#include <memory>

#include "ports/database.hpp"
#include "simulation/disk.hpp"
#include "simulation/scheduler.hpp"

namespace doorbuster::simulation {

// How a world's database behaves. Chances are in a thousand jobs; delays are drawn up to the most.
struct DatabaseManner {
    Microseconds begin_max{3'000};   // until a job begins
    Microseconds commit_max{1'500};  // from the commit to its hooks
    Microseconds answer_max{1'500};  // from the hooks to the answer
    // Jobs begin in the order of their arrival, as with one writer; else in any.
    bool in_order = true;
    std::int64_t slow = 0;          // takes a hundred times as long
    std::int64_t refused = 0;       // Unavailable, nothing was done
    std::int64_t run_twice = 0;     // rolled back and run again
    std::int64_t unknown_done = 0;  // CommitUnknown, and it was committed
    std::int64_t unknown_lost = 0;  // CommitUnknown, and it was not
    std::int64_t failed = 0;        // run, and refused at the commit: Unavailable
    std::int64_t dies_before = 0;   // run, and the process is killed before the commit
    std::int64_t dies_after = 0;    // committed, and the process is killed before it knows
};

// One life's way to the disk. Keeps the contract of sql::Database on one thread: a job waits, runs
// in one piece, is committed, its hooks are run, it is finished; between any two of these anything
// else may happen. After `die` every job ends in Unavailable and the disk is touched no more.
class SimDatabase final : public sql::Database {
public:
    SimDatabase(Disk& disk, Scheduler& scheduler, Dice& dice, DatabaseManner manner)
        : disk_{disk}, scheduler_{scheduler}, dice_{dice}, manner_{manner} {}
    ~SimDatabase() override;

    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    bool shared() const override { return false; }
    void submit_write(sql::Job& job) override { submit(job, true); }
    void submit_read(sql::Job& job) override { submit(job, false); }

    // Called after every commit, before its hooks.
    void on_commit(std::function<void()> judge) { judge_ = std::move(judge); }

    // Called after a commit whose outcome the process will not learn.
    void on_unknown(std::function<void()> judge) { judge_unknown_ = std::move(judge); }

    // Asked when this job is the process's last; it is to be killed shortly. False: not now.
    void on_last_job(std::function<bool()> kill) { kill_ = std::move(kill); }
    // From now on nothing goes wrong.
    void calm();

    // The process is no more.
    void die();
    bool dead() const { return dead_; }
    bool idle() const { return entries_.empty(); }

private:
    struct Entry {
        sql::Job* job = nullptr;
        bool write = false;
        std::vector<std::function<void()>> hooks;
        std::exception_ptr error;
        bool last = false;  // the process is killed before it learns how this ended
    };
    using Place = std::list<Entry>::iterator;

    void submit(sql::Job& job, bool write);
    void then(Microseconds delay_max, Place place, void (SimDatabase::*next)(Place));
    void begin(Place place);
    void run_hooks(Place place);
    void finish(Place place);
    void run_read(Entry& entry);
    void run_write(Entry& entry);
    // Runs the job in an open transaction; true: it wants to be committed.
    bool run_in_transaction(Entry& entry);
    void commit(Entry& entry);
    bool is_last(std::int64_t per_mille);

    Disk& disk_;
    Scheduler& scheduler_;
    Dice& dice_;
    DatabaseManner manner_;
    std::function<void()> judge_;
    std::function<void()> judge_unknown_;
    std::function<bool()> kill_;
    std::list<Entry> entries_;  // submitted and not finished
    // Events check it: they may fall due after this is gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    Microseconds last_begin_{0};
    bool dead_ = false;
};

// Runs every job at once, for setting up a world. Jobs must not submit others.
class StraightDatabase final : public sql::Database {
public:
    explicit StraightDatabase(Disk& disk) : disk_{disk} {}
    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    bool shared() const override { return false; }
    void submit_write(sql::Job& job) override;
    void submit_read(sql::Job& job) override;

private:
    Disk& disk_;
};

}  // namespace doorbuster::simulation
