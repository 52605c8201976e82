#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "rehearsal/report.hpp"

// The report as a page. Curves are drawn here, as SVG: two axes, a few lines, a legend.
namespace doorbuster::rehearsal {
namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
    char text[512];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

struct Curve {
    std::string name;
    std::string color;
    std::vector<double> values;  // below zero: nothing there
};

struct Chart {
    std::string title;
    std::vector<Curve> curves;
    std::vector<std::string> ticks;            // names of places on the x axis; else seconds
    bool logarithmic = false;                  // of y
    std::function<std::string(double)> label;  // of y
};

constexpr double kWidth = 880;
constexpr double kHeight = 250;
constexpr double kLeft = 64;
constexpr double kRight = 16;
constexpr double kTop = 12;
constexpr double kBottom = 30;

// The next of 1, 2 and 5 times a power of ten.
double round_up(double value) {
    if (value <= 0) return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (value <= step * power) return step * power;
    }
    return 10 * power;
}

// Where values stand on the picture.
class Scale {
public:
    explicit Scale(const Chart& chart) : logarithmic_{chart.logarithmic} {
        double largest = 0;
        double smallest = 1e18;
        for (const Curve& curve : chart.curves) {
            points_ = std::max(points_, curve.values.size());
            for (const double value : curve.values) {
                if (value < 0) continue;
                largest = std::max(largest, value);
                if (value > 0) smallest = std::min(smallest, value);
            }
        }
        top_ = logarithmic_ ? std::pow(10, std::ceil(std::log10(std::max(largest, 1.0))))
                            : round_up(largest);
        if (logarithmic_) {
            bottom_ = std::pow(10, std::floor(std::log10(std::clamp(smallest, 1.0, top_))));
        }
        if (logarithmic_ && bottom_ >= top_) bottom_ = top_ / 10;
    }
    std::size_t points() const { return points_; }
    double x(std::size_t i) const {
        const double span = static_cast<double>(std::max<std::size_t>(points_, 2) - 1);
        return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(i) / span;
    }
    double y(double value) const {
        const double part =
            logarithmic_ ? std::log(std::max(value, bottom_) / bottom_) / std::log(top_ / bottom_)
                         : value / top_;
        return kHeight - kBottom - (kHeight - kTop - kBottom) * part;
    }
    std::vector<double> lines() const {
        std::vector<double> values;
        if (logarithmic_) {
            for (double value = bottom_; value <= top_ * 1.01; value *= 10) values.push_back(value);
        } else {
            for (int i = 0; i <= 4; ++i) values.push_back(top_ * i / 4);
        }
        return values;
    }

private:
    const bool logarithmic_;
    std::size_t points_ = 0;
    double top_ = 1;
    double bottom_ = 0;
};

std::string grid(const Chart& chart, const Scale& scale) {
    std::string svg;
    for (const double value : scale.lines()) {
        const double y = scale.y(value);
        svg += print(
            R"(<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>)",
            kLeft,
            kWidth - kRight,
            y,
            y
        );
        svg += print(R"(<text x="%.1f" y="%.1f" text-anchor="end">)", kLeft - 8, y + 4) +
               chart.label(value) + "</text>";
    }
    const std::size_t points = std::max<std::size_t>(scale.points(), 1);
    const std::size_t every = chart.ticks.empty() ? std::max<std::size_t>(1, (points + 9) / 10) : 1;
    for (std::size_t i = 0; i < points; i += every) {
        const std::string name = chart.ticks.empty() ? std::to_string(i) + " s" : chart.ticks[i];
        svg += print(R"(<text x="%.1f" y="%.1f" text-anchor="middle">)", scale.x(i), kHeight - 10) +
               name + "</text>";
    }
    return svg;
}

std::string line_of(const Curve& curve, const Scale& scale) {
    std::string path;
    bool down = false;
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
        const double value = curve.values[i];
        if (value < 0) {
            down = false;
            continue;
        }
        path += print("%c%.1f %.1f", down ? 'L' : 'M', scale.x(i), scale.y(value));
        if (!down) path += "l0.01 0";  // a single point is seen as a dot
        down = true;
    }
    return R"(<path d=")" + path + R"(" stroke=")" + curve.color + R"("/>)";
}

std::string draw(const Chart& chart) {
    const Scale scale{chart};
    std::string html = "<figure><figcaption>" + escaped(chart.title) + "<span class=legend>";
    for (const Curve& curve : chart.curves) {
        html += R"(<span><i style="background:)" + curve.color + R"("></i>)" + escaped(curve.name) +
                "</span>";
    }
    html += "</span></figcaption>";
    html += print(
        R"(<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">)",
        kWidth,
        kHeight,
        escaped(chart.title).c_str()
    );
    html += grid(chart, scale);
    for (const Curve& curve : chart.curves) html += line_of(curve, scale);
    return html + "</svg></figure>";
}

constexpr auto kBlue = "#2f6fde";
constexpr auto kGreen = "#1f9d61";
constexpr auto kOrange = "#d9822b";
constexpr auto kRed = "#cf3b3b";

std::string micros_label(double value) {
    return to_text(std::chrono::microseconds{static_cast<std::int64_t>(value)});
}

Chart rates_chart(const Tally& tally) {
    Chart chart{.title = "Each second"};
    chart.label = [](double value) { return print("%.0f", value); };
    Curve arrivals{"arrivals", kBlue, {}};
    Curve placed{"orders placed", kGreen, {}};
    Curve refused{"refusals", kOrange, {}};
    Curve unanswered{"without an answer", kRed, {}};
    for (const auto& second : tally.seconds()) {
        arrivals.values.push_back(static_cast<double>(second.arrivals));
        placed.values.push_back(static_cast<double>(second.placed));
        refused.values.push_back(static_cast<double>(second.refused));
        unanswered.values.push_back(static_cast<double>(second.unanswered));
    }
    chart.curves = {std::move(arrivals), std::move(placed), std::move(refused)};
    if (tally.unanswered() + tally.server_errors() > 0)
        chart.curves.push_back(std::move(unanswered));
    return chart;
}

double or_nothing(const Latencies& latencies, double percent) {
    if (latencies.count() == 0) return -1;
    return static_cast<double>(std::max<std::int64_t>(latencies.percentile(percent).count(), 1));
}

Chart latency_chart(const Tally& tally) {
    Chart chart{.title = "Time to an answer, from the moment it was wanted", .logarithmic = true};
    chart.label = micros_label;
    Curve p50{"orders p50", kBlue, {}};
    Curve p99{"orders p99", kGreen, {}};
    Curve refusals{"refusals p99", kOrange, {}};
    for (const auto& second : tally.seconds()) {
        p50.values.push_back(or_nothing(second.placing, 50));
        p99.values.push_back(or_nothing(second.placing, 99));
        refusals.values.push_back(or_nothing(second.refusing, 99));
    }
    chart.curves = {std::move(p50), std::move(p99), std::move(refusals)};
    return chart;
}

Chart percentile_chart(const Tally& tally) {
    Chart chart{.title = "Slowest of so many, by step", .logarithmic = true};
    chart.label = micros_label;
    chart.ticks = {"50 %", "75 %", "90 %", "95 %", "99 %", "99.5 %", "99.9 %", "all"};
    const auto curve = [](std::string name, std::string color, const Latencies& latencies) {
        Curve one{std::move(name), std::move(color), {}};
        for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 100.0}) {
            one.values.push_back(or_nothing(latencies, percent));
        }
        return one;
    };
    chart.curves = {
        curve("captcha", kOrange, tally.of(Step::captcha).all),
        curve("token", kBlue, tally.of(Step::token).all),
        curve("order", kGreen, tally.placing())};
    return chart;
}

std::string checks_table(const std::vector<Check>& checks) {
    std::string html = "<table><tr><th></th><th>what</th><th>found</th><th>wanted</th></tr>";
    for (const Check& check : checks) {
        html += std::string{"<tr><td class="} + (check.passed ? "pass>pass" : "fail>FAIL") +
                "</td><td>" + escaped(check.name) + "</td><td>" + escaped(check.found) +
                "</td><td>" + escaped(check.wanted) + "</td></tr>";
    }
    return html + "</table>";
}

std::string outcomes_of(const Tally::OfStep& step) {
    std::vector<std::pair<std::uint64_t, std::string>> sorted;
    for (const auto& [outcome, count] : step.outcomes) sorted.emplace_back(count, outcome);
    std::sort(sorted.rbegin(), sorted.rend());
    std::string text;
    for (const auto& [count, outcome] : sorted) {
        text += (text.empty() ? "" : ", ") + outcome + "&nbsp;" + std::to_string(count);
    }
    return text;
}

std::string steps_table(const Tally& tally) {
    std::string html =
        "<table><tr><th>step</th><th class=n>requests</th><th class=n>p50</th><th class=n>p99</th>"
        "<th class=n>p99.9</th><th class=n>longest</th><th>outcomes</th></tr>";
    for (std::size_t i = 0; i < kSteps; ++i) {
        const auto step = static_cast<Step>(i);
        const auto& of_step = tally.of(step);
        if (of_step.all.count() == 0) continue;
        html += "<tr><td>" + std::string{to_string(step)} + "</td><td class=n>" +
                std::to_string(of_step.all.count()) + "</td>";
        for (const double percent : {50.0, 99.0, 99.9, 100.0}) {
            html += "<td class=n>" + to_text(of_step.all.percentile(percent)) + "</td>";
        }
        html += "<td>" + outcomes_of(of_step) + "</td></tr>";
    }
    return html + "</table>";
}

std::string tile(const std::string& figure, const std::string& name) {
    return "<div class=tile><b>" + escaped(figure) + "</b>" + escaped(name) + "</div>";
}

std::string tiles(const Outcome& outcome) {
    std::string html = "<div class=tiles>";
    html += tile(std::to_string(outcome.units.sold), "units sold");
    html += tile(std::to_string(outcome.units.held), "units held");
    html += tile(std::to_string(outcome.units.left), "units left");
    html += tile(print("%.0f", mean_rate(outcome)), "orders a second");
    html += tile(to_text(outcome.tally.placing().percentile(99)), "p99 of orders");
    html += tile(to_text(outcome.tally.refusing().percentile(99)), "p99 of refusals");
    if (outcome.kills > 0) html += tile(std::to_string(outcome.kills), "times killed");
    if (outcome.server_megabytes) {
        html += tile(print("%.0f MiB", *outcome.server_megabytes), "memory at most");
    }
    return html + "</div>";
}

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1b2230;--soft:#667085;--line:#e3e6ec;--back:#fff;--card:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#98a2b3;--line:#2c3442;--back:#12161d;--card:#1a202a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:920px;margin:32px auto;padding:0 20px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:32px 0 8px}p{color:var(--soft);margin:0}
.verdict{display:inline-block;margin-left:10px;padding:1px 12px;border-radius:99px;color:#fff;font-size:15px;vertical-align:3px}
.verdict.pass{background:#1f9d61}.verdict.fail{background:#cf3b3b}
.tiles{display:flex;flex-wrap:wrap;gap:10px;margin:20px 0}
.tile{background:var(--card);border-radius:8px;padding:10px 14px;color:var(--soft);font-size:13px;min-width:86px}
.tile b{display:block;color:var(--ink);font-size:19px}
table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;color:var(--soft);font-weight:500}
td,th{padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}.n{text-align:right;white-space:nowrap}
td.pass{color:#1f9d61}td.fail{color:#cf3b3b;font-weight:600}
figure{margin:24px 0 0}figcaption{display:flex;justify-content:space-between;flex-wrap:wrap;font-weight:600;margin-bottom:4px}
.legend{font-weight:400;color:var(--soft);font-size:13px}.legend span{margin-left:14px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:5px}
svg{width:100%;height:auto}svg text{font-size:11px;fill:var(--soft)}.grid{stroke:var(--line)}
path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
pre{background:var(--card);padding:12px;overflow:auto;font-size:12px;border-radius:8px}
)css";

}  // namespace

std::string html_report(const Outcome& outcome) {
    const auto checks = judge(outcome);
    const bool passed = has_passed(checks);
    const auto& plan = outcome.plan;
    std::string html =
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        "content=\"width=device-width\"><title>Rehearsal of a flash sale</title><style>";
    html.append(kStyle).append("</style><h1>Rehearsal of a flash sale<span class=\"verdict ");
    html.append(passed ? "pass\">PASS" : "fail\">FAIL").append("</span></h1><p>");
    html += print(
        "%lld buyers at %.0f a second for %lld units, over %d connections; seed %llu. ",
        static_cast<long long>(plan.buyers),
        plan.rate,
        static_cast<long long>(plan.stock),
        plan.connections,
        static_cast<unsigned long long>(plan.seed)
    );
    html += escaped(outcome.server) + ". " + escaped(outcome.date) + "</p>";
    html += tiles(outcome);
    html += "<h2>What was judged</h2>" + checks_table(checks);
    html += "<h2>Over time</h2>" + draw(rates_chart(outcome.tally));
    html += draw(latency_chart(outcome.tally)) + draw(percentile_chart(outcome.tally));
    html += "<h2>Requests</h2>" + steps_table(outcome.tally);
    html += "<h2>Audit</h2><pre>" + escaped(outcome.audit) + "</pre></html>\n";
    return html;
}

}  // namespace doorbuster::rehearsal
