#include "events/retention.hpp"

#include "support/event_world.hpp"

namespace doorbuster::events {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Sweeping : public test::EventWorld {};
DOORBUSTER_ON_BOTH_ENGINES(Sweeping);

TEST_P(Sweeping, takes_old_published_events_and_what_consumers_remember_of_them) {
    count_effects();
    append("old");
    append("old");
    relay_once();
    clock_.advance(hours{24 * 6});
    append("young");
    relay_once();
    bus_.refuse.insert("stuck");
    append("stuck");
    relay_once();
    EXPECT_EQ(test::run(sweep(database(), clock_)), 0);
    clock_.advance(hours{24} + minutes{1});
    EXPECT_EQ(test::run(sweep(database(), clock_)), 4);
    EXPECT_EQ(integer("SELECT count(*) FROM outbox"), 2);
    EXPECT_EQ(integer("SELECT count(*) FROM inbox"), 1);
}

TEST_P(Sweeping, passes_an_event_that_is_never_told) {
    count_effects();
    bus_.refuse.insert("stuck");
    append("stuck");
    append("old");
    relay_once();
    clock_.advance(hours{24 * 8});
    append("young");
    relay_once();
    EXPECT_EQ(test::run(sweep(database(), clock_)), 2);
    EXPECT_EQ(integer("SELECT count(*) FROM outbox WHERE topic <> 'old'"), 2);
    EXPECT_EQ(integer("SELECT count(*) FROM inbox"), 1);
}

TEST_P(Sweeping, goes_in_bounded_steps) {
    for (int i = 0; i < 5; ++i) append("old");
    relay_once();
    clock_.advance(hours{24 * 8});
    Retention retention;
    retention.step_rows_max = 2;
    retention.steps_max = 2;
    EXPECT_EQ(test::run(sweep(database(), clock_, retention)), 4);
    EXPECT_EQ(test::run(sweep(database(), clock_, retention)), 1);
}

TEST_P(Sweeping, takes_what_is_remembered_of_events_that_are_gone) {
    count_effects();
    append("old");
    append("young");
    relay_once();
    execute("DELETE FROM outbox WHERE topic = 'old'");
    clock_.advance(hours{24 * 8});
    execute("UPDATE outbox SET published_at = $1", {clock_.now()});
    EXPECT_EQ(test::run(sweep(database(), clock_)), 1);
    EXPECT_EQ(remembered(), 1);
}

}  // namespace
}  // namespace doorbuster::events
