#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/task.hpp"
#include "ports/http_client.hpp"
#include "runtime/config.hpp"

// What `doorbuster pay check` proves of a provider's settings without moving money.
namespace doorbuster::app {

struct Finding {
    enum class Verdict {
        ok,
        note,     // could not be proved here, or nothing to prove
        warning,  // works, and somebody should look at it
        wrong,    // payments will not work
    };
    Verdict verdict = Verdict::ok;
    std::string subject;  // a setting, or what was tried
    std::string detail;   // one line, without secrets
};
using Findings = std::vector<Finding>;

std::string_view to_string(Finding::Verdict verdict);

// Where a check stands.
struct CheckGround {
    const runtime::Config& settings;
    HttpClient& http;
    const Clock& clock;
    Random& random;
};

// One provider: its settings first and, when they are sound, what it answers. Moves no money and
// creates nothing there.
Task<Findings> check_wechat_pay(const CheckGround& ground);
Task<Findings> check_alipay(const CheckGround& ground);

struct ProviderReport {
    std::string provider;
    std::string mode;  // sandbox, live or off
    Findings findings;

    bool is_good() const;
};

// A table for people and one JSON document for programs.
std::string table_of(const std::vector<ProviderReport>& reports);
std::string json_of(const std::vector<ProviderReport>& reports);

// For checks of any provider: how far a clock is off, the end of a certificate, and an address that
// a provider is to reach.
Finding clock_finding(std::string_view whose, std::chrono::seconds ahead);
Finding expiry_finding(std::string subject, std::string what, Time ends, Time now);
Finding notify_finding(std::string_view url);
// The host, and the port if any, of an address that has a scheme.
std::string host_of(const std::string& url);
// Of the line with which a server would refuse to start: "wechat_pay.mchid: must be …".
Finding refusal_finding(std::string_view line);

}  // namespace doorbuster::app
