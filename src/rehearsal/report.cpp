#include "rehearsal/report.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>

namespace doorbuster::rehearsal {
namespace {

namespace json = boost::json;
using std::chrono::microseconds;

constexpr Step kAllSteps[] = {
    Step::captcha,
    Step::token,
    Step::order,
    Step::repeat,
    Step::payment,
    Step::scan,
    Step::cancel,
    Step::bot};

template <class... Values>
std::string print(const char* format, Values... values) {
    char text[512];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(std::int64_t value) { return std::to_string(value); }

Check none_of(std::string name, std::uint64_t found) {
    return {std::move(name), number(found), "0", found == 0};
}

Check units_add_up(const Outcome& outcome) {
    const Units& units = outcome.units;
    const std::int64_t sum = units.left + units.held + units.sold;
    const std::string found = number(units.sold) + " sold + " + number(units.held) + " held + " +
                              number(units.left) + " left = " + number(sum);
    return {"units: sold + held + left = stock", found, number(units.stock), sum == units.stock};
}

// Only where there were buyers enough: everyone came, and each wanted one.
std::optional<Check> sold_out(const Outcome& outcome) {
    const auto& plan = outcome.plan;
    std::uint64_t came = 0;
    for (const auto& second : outcome.tally.seconds()) came += second.arrivals;
    if (static_cast<std::int64_t>(came) < plan.stock * 2 || plan.tokens_first) return std::nullopt;
    const Units& units = outcome.units;
    return Check{"every unit found a buyer: left", number(units.left), "0", units.left == 0};
}

std::int64_t live_orders(const Found& found) {
    std::int64_t live = 0;
    for (const auto& [status, count] : found.statuses) {
        if (status != "closed") live += static_cast<std::int64_t>(count);
    }
    return live;
}

// Each live order has one unit. Orders whose outcome nobody learnt may be there too.
Check orders_match_units(const Outcome& outcome) {
    const std::int64_t live = live_orders(outcome.found);
    const std::int64_t taken = outcome.units.sold + outcome.units.held;
    const auto doubt = static_cast<std::int64_t>(outcome.findings.in_doubt);
    const bool passed = taken >= live && taken <= live + doubt;
    return {
        "units taken = orders acknowledged and not closed", number(taken), number(live), passed};
}

void add_limit(
    std::vector<Check>& checks,
    const char* name,
    const Latencies& latencies,
    const std::optional<std::chrono::milliseconds>& limit
) {
    if (!limit || latencies.count() == 0) return;
    const microseconds p99 = latencies.percentile(99);
    checks.push_back({name, to_text(p99), "at most " + to_text(*limit), p99 <= *limit});
}

json::object latency_json(const Latencies& latencies) {
    return {
        {"count", latencies.count()},
        {"p50_us", latencies.percentile(50).count()},
        {"p99_us", latencies.percentile(99).count()},
        {"p999_us", latencies.percentile(99.9).count()},
        {"max_us", latencies.max().count()}};
}

json::object steps_json(const Tally& tally) {
    json::object steps;
    for (const Step step : kAllSteps) {
        const auto& of_step = tally.of(step);
        if (of_step.all.count() == 0) continue;
        json::object outcomes;
        for (const auto& [outcome, count] : of_step.outcomes) outcomes[outcome] = count;
        json::object entry = latency_json(of_step.all);
        entry["outcomes"] = std::move(outcomes);
        steps[to_string(step)] = std::move(entry);
    }
    return steps;
}

json::array seconds_json(const Tally& tally) {
    json::array seconds;
    for (const auto& second : tally.seconds()) {
        seconds.push_back(
            {{"arrivals", second.arrivals},
             {"placed", second.placed},
             {"refused", second.refused},
             {"unanswered", second.unanswered},
             {"order_p50_us", second.placing.percentile(50).count()},
             {"order_p99_us", second.placing.percentile(99).count()},
             {"refusal_p99_us", second.refusing.percentile(99).count()}}
        );
    }
    return seconds;
}

std::string steps_text(const Tally& tally) {
    std::string text =
        print("  %-8s %10s %10s %10s %10s  outcomes\n", "step", "requests", "p50", "p99", "p99.9");
    for (const Step step : kAllSteps) {
        const auto& of_step = tally.of(step);
        if (of_step.all.count() == 0) continue;
        std::string outcomes;
        for (const auto& [outcome, count] : of_step.outcomes) {
            outcomes += (outcomes.empty() ? "" : ", ") + outcome + ' ' + number(count);
        }
        text += print(
            "  %-8s %10llu %10s %10s %10s  ",
            std::string{to_string(step)}.c_str(),
            static_cast<unsigned long long>(of_step.all.count()),
            to_text(of_step.all.percentile(50)).c_str(),
            to_text(of_step.all.percentile(99)).c_str(),
            to_text(of_step.all.percentile(99.9)).c_str()
        );
        text += outcomes + '\n';
    }
    return text;
}

}  // namespace

std::string to_text(microseconds duration) {
    const auto count = static_cast<double>(duration.count());
    if (count < 1'000) return print("%.0f us", count);
    if (count < 10'000) return print("%.2f ms", count / 1e3);
    if (count < 1'000'000) return print("%.0f ms", count / 1e3);
    return print("%.2f s", count / 1e6);
}

std::vector<Check> judge(const Outcome& outcome) {
    std::vector<Check> checks{units_add_up(outcome)};
    if (auto check = sold_out(outcome)) checks.push_back(*std::move(check));
    checks.push_back(none_of("acknowledged orders that are lost", outcome.found.lost.size()));
    checks.push_back(orders_match_units(outcome));
    checks.push_back(none_of("orders whose outcome was never learnt", outcome.findings.in_doubt));
    checks.push_back(none_of("retries told of another order", outcome.findings.other_orders));
    checks.push_back(none_of("orders given to bots", outcome.findings.bot_orders));
    checks.push_back(none_of("server errors", outcome.tally.server_errors()));
    if (outcome.kills == 0) {
        checks.push_back(none_of("requests without an answer", outcome.tally.unanswered()));
    }
    checks.push_back(
        {"audit", outcome.audit_clean ? "clean" : "broken", "clean", outcome.audit_clean}
    );
    add_limit(checks, "p99 of orders", outcome.tally.placing(), outcome.thresholds.order_p99);
    add_limit(checks, "p99 of refusals", outcome.tally.refusing(), outcome.thresholds.refusal_p99);
    if (const auto wanted = outcome.thresholds.orders_per_second) {
        const double rate = busiest_rate(outcome.tally);
        checks.push_back(
            {"orders a second",
             print("%.0f", rate),
             "at least " + print("%.0f", *wanted),
             rate >= *wanted}
        );
    }
    return checks;
}

bool has_passed(const std::vector<Check>& checks) {
    return std::all_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.passed;
    });
}

double busiest_rate(const Tally& tally) {
    const auto& seconds = tally.seconds();
    const std::size_t width = std::min<std::size_t>(10, seconds.size());
    std::uint64_t sum = 0;
    std::uint64_t best = 0;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        sum += seconds[i].placed;
        if (i >= width) sum -= seconds[i - width].placed;
        best = std::max(best, sum);
    }
    return width == 0 ? 0 : static_cast<double>(best) / static_cast<double>(width);
}

double mean_rate(const Outcome& outcome) {
    std::uint64_t placed = 0;
    double seconds = 0;
    for (const auto& second : outcome.tally.seconds()) {
        if (second.arrivals == 0) continue;
        placed += second.placed;
        ++seconds;
    }
    return seconds == 0 ? 0 : static_cast<double>(placed) / seconds;
}

std::string text_report(const Outcome& outcome) {
    const auto& plan = outcome.plan;
    const auto checks = judge(outcome);
    std::string text = print(
        "Rehearsal: %lld buyers at %.0f/s for %lld units, %d connections, seed %llu\n",
        static_cast<long long>(plan.buyers),
        plan.rate,
        static_cast<long long>(plan.stock),
        plan.connections,
        static_cast<unsigned long long>(plan.seed)
    );
    text += outcome.server;
    if (outcome.kills > 0) text += ", killed " + number(std::int64_t{outcome.kills}) + " times";
    text += "\n\n" + steps_text(outcome.tally);
    text += print(
        "\n  orders placed %llu (%.0f/s, busiest %.0f/s), paid %llu, cancelled %llu, gave up "
        "%llu\n",
        static_cast<unsigned long long>(outcome.acknowledged),
        mean_rate(outcome),
        busiest_rate(outcome.tally),
        static_cast<unsigned long long>(outcome.findings.paid),
        static_cast<unsigned long long>(outcome.findings.cancelled),
        static_cast<unsigned long long>(outcome.findings.gave_up)
    );
    if (outcome.server_megabytes) {
        text += print("  memory of the server at most %.1f MiB\n", *outcome.server_megabytes);
    }
    text += '\n';
    for (const Check& check : checks) {
        text += (check.passed ? "  pass  " : "  FAIL  ") + check.name + ": " + check.found +
                " (wanted: " + check.wanted + ")\n";
    }
    if (!outcome.audit_clean) text += '\n' + outcome.audit;
    return text + (has_passed(checks) ? "\nPASS\n" : "\nFAIL\n");
}

json::object json_report(const Outcome& outcome) {
    const auto checks = judge(outcome);
    json::array judged;
    for (const Check& check : checks) {
        judged.push_back(
            {{"name", check.name},
             {"found", check.found},
             {"wanted", check.wanted},
             {"passed", check.passed}}
        );
    }
    json::object statuses;
    for (const auto& [status, count] : outcome.found.statuses) statuses[status] = count;
    json::array lost;
    for (const auto& entry : outcome.found.lost) lost.push_back(json::string{entry.order_no});
    const auto& plan = outcome.plan;
    const auto& findings = outcome.findings;
    json::object report{
        {"passed", has_passed(checks)},
        {"date", outcome.date},
        {"server", outcome.server},
        {"plan",
         {{"buyers", plan.buyers},
          {"stock", plan.stock},
          {"rate", plan.rate},
          {"connections", plan.connections},
          {"seed", plan.seed},
          {"tokens_first", plan.tokens_first}}},
        {"seconds", std::chrono::duration<double>(outcome.took).count()},
        {"kills", outcome.kills},
        {"checks", std::move(judged)},
        {"units",
         {{"stock", outcome.units.stock},
          {"left", outcome.units.left},
          {"held", outcome.units.held},
          {"sold", outcome.units.sold}}},
        {"orders",
         {{"acknowledged", outcome.acknowledged},
          {"per_second", mean_rate(outcome)},
          {"per_second_busiest", busiest_rate(outcome.tally)},
          {"paid", findings.paid},
          {"cancelled", findings.cancelled},
          {"in_doubt", findings.in_doubt},
          {"statuses", std::move(statuses)},
          {"lost", std::move(lost)}}},
        {"placing", latency_json(outcome.tally.placing())},
        {"refusing", latency_json(outcome.tally.refusing())},
        {"steps", steps_json(outcome.tally)},
        {"timeline", seconds_json(outcome.tally)}};
    if (outcome.server_megabytes) report["server_megabytes"] = *outcome.server_megabytes;
    return report;
}

}  // namespace doorbuster::rehearsal
