#include "app/pay_check.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace doorbuster::app {

namespace json = boost::json;
using Verdict = Finding::Verdict;

namespace {

constexpr std::chrono::seconds kExactClock{5};
constexpr std::chrono::seconds kSkewMax{60};
constexpr std::chrono::days kExpiresSoon{30};

// Text for a terminal, where bytes of another system's messages must do nothing.
std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return result;
}

std::size_t width_of_subjects(const std::vector<ProviderReport>& reports) {
    std::size_t width = 0;
    for (const ProviderReport& report : reports) {
        for (const Finding& finding : report.findings) {
            width = std::max(width, finding.subject.size());
        }
    }
    return width;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

bool leads_to_this_machine(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto rest = url.substr(scheme + 3);
    const auto host = rest.substr(0, rest.find_first_of(":/"));
    return host == "localhost" || host == "127.0.0.1" || rest.starts_with("[::1]");
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::note:
            return "note";
        case Verdict::warning:
            return "warning";
        case Verdict::wrong:
            return "WRONG";
    }
    return "WRONG";
}

bool ProviderReport::is_good() const {
    return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.verdict == Verdict::wrong;
    });
}

std::string table_of(const std::vector<ProviderReport>& reports) {
    const std::size_t width = width_of_subjects(reports);
    std::string text;
    for (const ProviderReport& report : reports) {
        text += (text.empty() ? "" : "\n") + report.provider + " (" + report.mode + ")\n";
        for (const Finding& finding : report.findings) {
            text += "  " + padded(std::string{to_string(finding.verdict)}, 8) +
                    padded(finding.subject, width + 2) + printable(finding.detail) + '\n';
        }
    }
    return text;
}

std::string json_of(const std::vector<ProviderReport>& reports) {
    json::array providers;
    bool good = true;
    for (const ProviderReport& report : reports) {
        json::array findings;
        for (const Finding& finding : report.findings) {
            std::string verdict{to_string(finding.verdict)};
            for (char& c : verdict) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            findings.push_back(json::object{
                {"verdict", verdict}, {"subject", finding.subject}, {"detail", finding.detail}});
        }
        good = good && report.is_good();
        providers.push_back(json::object{
            {"provider", report.provider},
            {"mode", report.mode},
            {"ok", report.is_good()},
            {"findings", std::move(findings)}});
    }
    return json::serialize(json::object{{"ok", good}, {"providers", std::move(providers)}}) + '\n';
}

Finding clock_finding(std::string_view whose, std::chrono::seconds ahead) {
    const auto off = std::chrono::abs(ahead);
    if (off <= kExactClock) return {Verdict::ok, "clock", "agrees with " + std::string{whose}};
    const std::string detail = std::to_string(off.count()) + " s " +
                               (ahead.count() > 0 ? "ahead of " : "behind ") + std::string{whose} +
                               "; set it by NTP, beyond 300 s nothing verifies";
    return {off > kSkewMax ? Verdict::wrong : Verdict::warning, "clock", detail};
}

Finding expiry_finding(std::string subject, std::string what, Time ends, Time now) {
    const std::string day = to_rfc3339(ends).substr(0, 10);
    if (ends <= now) return {Verdict::wrong, std::move(subject), what + " has ended on " + day};
    const bool soon = ends - now < kExpiresSoon;
    const Verdict verdict = soon ? Verdict::warning : Verdict::ok;
    return {verdict, std::move(subject), what + (soon ? " ends soon, on " : " is valid to ") + day};
}

std::string host_of(const std::string& url) {
    const auto begin = url.find("://") + 3;
    return url.substr(begin, url.find('/', begin) - begin);
}

Finding refusal_finding(std::string_view line) {
    const auto colon = std::min(line.find(": "), line.size());
    const auto reason = line.substr(std::min(colon + 2, line.size()));
    return {Verdict::wrong, std::string{line.substr(0, colon)}, std::string{reason}};
}

Finding notify_finding(std::string_view url) {
    const std::string text{url};
    if (leads_to_this_machine(url)) {
        return {Verdict::warning, "notify_url", text + " leads to this machine: nobody else can"};
    }
    return {Verdict::ok, "notify_url", text};
}

}  // namespace doorbuster::app
