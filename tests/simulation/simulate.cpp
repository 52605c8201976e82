#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "simulation/trace.hpp"
#include "simulation/world.hpp"

// simulate [--seeds N] [--first S] [--seed S] [--quiet]: runs worlds; see README.md.
namespace doorbuster::simulation {
namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 200;
    bool one = false;     // --seed: replay it with its trace
    bool hashes = false;  // one line per seed
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--hashes") {
            options.hashes = true;
            continue;
        }
        if (i + 1 == argc) return false;
        char* end = nullptr;
        const std::uint64_t value = std::strtoull(argv[++i], &end, 10);
        if (*end != '\0' || end == argv[i]) return false;
        if (name == "--seeds") {
            options.seeds = value;
        } else if (name == "--first") {
            options.first = value;
        } else if (name == "--seed") {
            options.first = value;
            options.seeds = 1;
            options.one = true;
        } else {
            return false;
        }
    }
    return true;
}

int run(const Options& options) {
    std::map<std::string, std::int64_t> answers;
    std::int64_t orders = 0;
    std::int64_t crashes = 0;
    std::int64_t steps = 0;
    std::uint64_t failures = 0;
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        const std::uint64_t seed = options.first + i;
        const Outcome outcome = run_world({seed, options.one});
        for (const std::string& line : outcome.trace) std::printf("%s\n", line.c_str());
        if (options.one || options.hashes) {
            std::printf(
                "seed %llu hash %s\n",
                static_cast<unsigned long long>(seed),
                hex(outcome.hash).c_str()
            );
        }
        for (const auto& [what, count] : outcome.answers) answers[what] += count;
        orders += outcome.orders;
        crashes += outcome.crashes;
        steps += outcome.steps;
        if (!outcome.broken) continue;
        ++failures;
        std::printf(
            "seed %llu: %s\n    replay: script/simulate --seed %llu\n",
            static_cast<unsigned long long>(seed),
            outcome.broken->c_str(),
            static_cast<unsigned long long>(seed)
        );
    }
    std::printf(
        "%llu seeds from %llu: %lld orders, %lld crashes, %lld steps, %llu broken\n",
        static_cast<unsigned long long>(options.seeds),
        static_cast<unsigned long long>(options.first),
        static_cast<long long>(orders),
        static_cast<long long>(crashes),
        static_cast<long long>(steps),
        static_cast<unsigned long long>(failures)
    );
    for (const auto& [what, count] : answers) {
        std::printf("    %-36s %lld\n", what.c_str(), static_cast<long long>(count));
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace doorbuster::simulation

int main(int argc, char** argv) {
    doorbuster::simulation::Options options;
    if (!doorbuster::simulation::parse(argc, argv, options)) {
        std::fprintf(stderr, "usage: simulate [--seeds N] [--first S] [--seed S] [--hashes]\n");
        return 2;
    }
    return doorbuster::simulation::run(options);
}
