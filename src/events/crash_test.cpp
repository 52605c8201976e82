#include <gtest/gtest.h>

#include <random>

#include "support/event_world.hpp"

namespace doorbuster::events {
namespace {

// A database whose writes are refused, or whose commits end without anybody being told how.
class FlakyDatabase final : public sql::Database {
public:
    FlakyDatabase(sql::Database& inner, unsigned seed) : inner_{inner}, dice_{seed} {}

    sql::Dialect dialect() const override { return inner_.dialect(); }
    bool shared() const override { return inner_.shared(); }
    void submit_read(sql::Job& job) override { inner_.submit_read(job); }
    void submit_write(sql::Job& job) override {
        const Fate fate = roll();
        if (fate == Fate::refused) {
            job.finished(std::make_exception_ptr(sql::Unavailable{"refused"}));
            return;
        }
        inner_.submit_write(*new Proxy{job, fate});  // deletes itself when it has finished
    }

    bool calm = false;

private:
    enum class Fate { kept, refused, kept_but_unknown, lost_and_unknown };

    struct Proxy final : sql::Job {
        Proxy(sql::Job& job, Fate its_fate) : inner{job}, fate{its_fate} { options = job.options; }
        bool run(sql::Transaction& tx) override {
            const bool keep = inner.run(tx);
            return keep && fate != Fate::lost_and_unknown;
        }
        bool run(sql::Reader& reader) override { return inner.run(reader); }
        void finished(std::exception_ptr error) noexcept override {
            if (!error && fate != Fate::kept) {
                error = std::make_exception_ptr(sql::CommitUnknown{"nobody knows"});
            }
            sql::Job& told = inner;
            delete this;
            told.finished(std::move(error));
        }
        sql::Job& inner;
        const Fate fate;
    };

    Fate roll() {
        const unsigned face = calm ? 9 : std::uniform_int_distribution<unsigned>{0, 9}(dice_);
        if (face == 0) return Fate::refused;
        if (face == 1) return Fate::kept_but_unknown;
        if (face == 2) return Fate::lost_and_unknown;
        return Fate::kept;
    }

    sql::Database& inner_;
    std::mt19937 dice_;
};

// Every write of a relay and of its consumers may fail, also unseen: after the work and before the
// mark, after the mark and before anybody knows, in the middle of a list.
class Crashes : public test::EventWorld {
protected:
    void run_world(unsigned seed) {
        FlakyDatabase flaky{database(), seed};
        test::ScriptedBus bus;
        Subscriptions subscriptions{bus, flaky, clock_};
        subscriptions.on("single", {"*"}, [](sql::Transaction& tx, const Event& event) {
            note_effect(tx, event);
            if (event.topic == "bad") throw std::runtime_error{"never"};
        });
        subscriptions.on_many("many", {"*"}, [](sql::Transaction& tx, EventList events) {
            for (const Event* event : events) note_effect(tx, *event);
        });
        append_many("good", 20);
        append("bad");
        append_many("good", 20);
        for (int life = 0; life < 60 && unpublished() > 1; ++life) {
            flaky.calm = life > 40;
            live(flaky, bus);
        }
    }
    // A relay's life: it ends at the first failure that it does not survive. The next one comes
    // when leases and delays are over.
    void live(sql::Database& flaky, EventBus& bus) {
        Relay relay{flaky, bus, clock_, {.batch_max = 15}};
        try {
            while (test::run(relay.run_once()) > 0) {
            }
        } catch (const std::exception&) {
        }
        clock_.advance(std::chrono::minutes{10});
    }
};
DOORBUSTER_ON_BOTH_ENGINES(Crashes);

TEST_P(Crashes, lose_no_event_and_double_no_effect) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        run_world(seed);
        EXPECT_EQ(unpublished(), 1);
        EXPECT_EQ(text("SELECT topic FROM outbox WHERE published_at IS NULL"), "bad");
        // Two consumers took each good event, and one of them the bad one.
        EXPECT_EQ(effects(), 2 * 40 + 1);
        EXPECT_EQ(
            integer("SELECT max(n) FROM (SELECT count(*) AS n FROM effects GROUP BY event_id) AS e"
            ),
            2
        );
        EXPECT_EQ(remembered(), 2 * 40 + 1);
        for (const char* table : {"effects", "outbox", "inbox"}) {
            execute("DELETE FROM " + std::string{table});
        }
    }
}

}  // namespace
}  // namespace doorbuster::events
