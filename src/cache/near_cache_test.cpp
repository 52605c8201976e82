#include "cache/near_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "support/manual_clock.hpp"

namespace doorbuster::cache {
namespace {

// Counts by name and remembers nothing else.
class CountingRegistry final : public metrics::Registry {
public:
    class CountingCounter final : public metrics::Counter {
    public:
        void add(double amount) override { value += amount; }
        double value = 0;
    };
    metrics::Counter& counter(const std::string& name, const std::string&, const metrics::Labels&)
        override {
        return counters[name];
    }
    metrics::Gauge& gauge(const std::string&, const std::string&, const metrics::Labels&) override {
        std::abort();
    }
    metrics::Histogram& histogram(const std::string&, const std::string&, const metrics::Labels&)
        override {
        std::abort();
    }
    std::map<std::string, CountingCounter> counters;
};

class NearCacheTest : public testing::Test {
protected:
    using Cache = NearCache<std::int64_t, std::string>;

    static std::shared_ptr<const std::string> text(std::string value) {
        return std::make_shared<const std::string>(std::move(value));
    }
    void keep(Cache& cache, std::int64_t key, std::string value) {
        const auto moment = cache.moment();
        cache.insert(key, text(std::move(value)), 100, {make_tag(1, key)}, moment);
    }
    static std::string found(Cache& cache, std::int64_t key) {
        const auto hit = cache.find(key);
        if (!hit) return "(nothing)";
        return *hit ? **hit : "(absent)";
    }

    test::ManualClock clock_;
    Generations generations_;
    CountingRegistry registry_;
    Cache cache_{generations_, clock_, {}, CacheMetrics{&registry_, "test"}};
};

TEST_F(NearCacheTest, gives_back_what_was_kept) {
    EXPECT_EQ(found(cache_, 1), "(nothing)");
    keep(cache_, 1, "one");
    keep(cache_, 2, "two");
    EXPECT_EQ(found(cache_, 1), "one");
    EXPECT_EQ(found(cache_, 2), "two");
    keep(cache_, 1, "uno");
    EXPECT_EQ(found(cache_, 1), "uno");
}

TEST_F(NearCacheTest, forgets_what_changed_and_only_that) {
    keep(cache_, 1, "one");
    keep(cache_, 2, "two");
    generations_.changed(make_tag(1, 1));
    EXPECT_EQ(found(cache_, 1), "(nothing)");
    EXPECT_EQ(found(cache_, 2), "two");
    keep(cache_, 1, "one again");
    EXPECT_EQ(found(cache_, 1), "one again");
}

TEST_F(NearCacheTest, a_value_of_many_things_goes_with_any_of_them) {
    for (const std::int64_t changed : {10, 11, 12}) {
        const std::vector<Tag> tags{make_tag(1, 10), make_tag(2, 11), make_tag(3, 12)};
        cache_.insert(1, text("one"), 100, tags, cache_.moment());
        ASSERT_EQ(found(cache_, 1), "one");
        generations_.changed(make_tag(static_cast<std::uint32_t>(changed - 9), changed));
        EXPECT_EQ(found(cache_, 1), "(nothing)") << changed;
    }
}

TEST_F(NearCacheTest, what_was_read_before_a_change_is_not_kept_after_it) {
    const auto before = cache_.moment();
    generations_.changed(make_tag(1, 1));
    cache_.insert(1, text("old"), 100, {make_tag(1, 1)}, before);
    EXPECT_EQ(found(cache_, 1), "(nothing)");
    EXPECT_EQ(cache_.size().entries, 0u);
}

TEST_F(NearCacheTest, a_slow_reader_does_not_put_an_older_value_over_a_newer) {
    const auto early = cache_.moment();
    generations_.changed(make_tag(1, 99));  // something else: both values are still true
    keep(cache_, 1, "newer");
    cache_.insert(1, text("older"), 100, {make_tag(1, 1)}, early);
    EXPECT_EQ(found(cache_, 1), "newer");
}

TEST_F(NearCacheTest, remembers_absence_until_it_ends) {
    cache_.insert(7, nullptr, 8, {make_tag(1, 7)}, cache_.moment());
    EXPECT_EQ(found(cache_, 7), "(absent)");
    generations_.changed(make_tag(1, 7));
    EXPECT_EQ(found(cache_, 7), "(nothing)");
}

TEST_F(NearCacheTest, forgets_after_the_time_to_live) {
    Cache cache{
        generations_, clock_, {.time_to_live = Milliseconds{1000}}, CacheMetrics{nullptr, ""}};
    keep(cache, 1, "one");
    clock_.advance(Milliseconds{999});
    EXPECT_EQ(found(cache, 1), "one");
    clock_.advance(Milliseconds{1});
    EXPECT_EQ(found(cache, 1), "(nothing)");
    EXPECT_EQ(cache.size().entries, 0u);
}

TEST_F(NearCacheTest, stays_within_its_entries_and_keeps_the_recently_used) {
    // One shard's worth per shard: of two entries in one shard the later used stays.
    Cache cache{generations_, clock_, {.entries = 16 * 2}, CacheMetrics{&registry_, "small"}};
    for (std::int64_t key = 0; key < 1000; ++key) {
        keep(cache, key, std::to_string(key));
        if (key > 0) cache.find(0);  // in use all the time
    }
    EXPECT_LE(cache.size().entries, 32u);
    EXPECT_EQ(found(cache, 0), "0");
    EXPECT_EQ(found(cache, 999), "999");
    EXPECT_GE(registry_.counters["doorbuster_cache_evictions_total"].value, 1000 - 32);
}

TEST_F(NearCacheTest, stays_within_its_bytes) {
    Cache cache{generations_, clock_, {.bytes = 16 * 1000}, CacheMetrics{nullptr, ""}};
    for (std::int64_t key = 0; key < 2000; ++key) keep(cache, key, "x");
    EXPECT_LE(cache.size().bytes, 16'000u);
    EXPECT_GT(cache.size().bytes, 8'000u);
    cache.insert(5000, text("large"), 1001, {}, cache.moment());
    EXPECT_EQ(found(cache, 5000), "(nothing)");
}

TEST_F(NearCacheTest, absent_things_evict_nothing_that_exists) {
    Cache cache{
        generations_, clock_, {.entries = 160, .absent_entries = 16}, CacheMetrics{nullptr, ""}};
    for (std::int64_t key = 0; key < 16; ++key) keep(cache, key, "there");
    for (std::int64_t key = 1000; key < 9000; ++key) {
        cache.insert(key, nullptr, 8, {}, cache.moment());
    }
    for (std::int64_t key = 0; key < 16; ++key) EXPECT_EQ(found(cache, key), "there");
    EXPECT_LE(cache.size().entries, 32u);
}

TEST_F(NearCacheTest, counts_hits_and_misses) {
    cache_.count_miss();
    keep(cache_, 1, "one");
    cache_.find(1);
    cache_.find(1);
    EXPECT_EQ(registry_.counters["doorbuster_cache_hits_total"].value, 2);
    EXPECT_EQ(registry_.counters["doorbuster_cache_misses_total"].value, 1);
}

TEST(GenerationsTest, a_change_is_seen_for_every_earlier_moment_and_no_later_one) {
    Generations generations;
    const Tag tag = make_tag(1, 42);
    const auto before = generations.now();
    EXPECT_TRUE(generations.unchanged_since(before, std::span{&tag, 1}));
    generations.changed(tag);
    EXPECT_FALSE(generations.unchanged_since(before, std::span{&tag, 1}));
    EXPECT_TRUE(generations.unchanged_since(generations.now(), std::span{&tag, 1}));
}

// A "database" of one number. Writers add to it and then tell of the change; readers answer from
// the cache or read and keep. Whoever has been told of a change must never be shown an older
// number.
TEST_F(NearCacheTest, never_serves_what_is_older_than_a_change_that_was_told) {
    constexpr int kChanges = 20'000;
    std::atomic<int> stored = 0;
    std::atomic<int> told = 0;
    std::atomic<int> stale = 0;
    std::atomic<bool> done = false;
    const auto read_once = [&] {
        const int known = told.load();
        auto hit = cache_.find(1);
        if (!hit) {
            const auto moment = cache_.moment();
            const auto value = text(std::to_string(stored.load()));
            cache_.insert(1, value, 10, {make_tag(1, 1)}, moment);
            hit = value;
        }
        if (std::stoi(**hit) < known) ++stale;
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) read_once();
        });
    }
    for (int i = 1; i <= kChanges; ++i) {
        stored = i;
        generations_.changed(make_tag(1, 1));
        told = i;
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    read_once();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(found(cache_, 1), std::to_string(kChanges));
}

}  // namespace
}  // namespace doorbuster::cache
