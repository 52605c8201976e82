#include "adapters/alipay/provider.hpp"
#include "app/alipay_settings.hpp"
#include "app/pay_check.hpp"
#include "app/setting_files.hpp"

namespace doorbuster::app {

namespace {

using Verdict = Finding::Verdict;
using Outcome = PaymentProvider::Outcome<ProviderTrade>;

void look_at(const alipay::Config& config, const alipay::Credentials& own, Findings& found) {
    found.push_back(
        {Verdict::ok, "app_id", config.app_id + ", paid to seller_id " + config.seller_id}
    );
    found.push_back({Verdict::ok, "private_key_file", "an RSA key"});
    if (own.app_sn.empty()) {
        found.push_back({Verdict::ok, "public_key_file", "not the application's own"});
    } else {
        found.push_back({Verdict::ok, "app_cert_file", own.app_sn + ", of the private key"});
        found.push_back({Verdict::ok, "alipay_cert_file", own.first_key});
        found.push_back({Verdict::ok, "root_cert_file", own.root_sn});
    }
}

Finding answer_finding(const Outcome& outcome, const std::string& host) {
    if (outcome.value) {
        return {Verdict::ok, host, "answered a signed query, verified with Alipay's key"};
    }
    const std::string& code = outcome.refused.code;
    const std::string& why = outcome.refused.message;
    if (code == "NO_ANSWER") return {Verdict::wrong, host, "cannot be reached: " + why};
    if (code == "UNVERIFIED") {
        return {
            Verdict::wrong,
            host,
            "answered what does not verify (" + why +
                "): app_id and private_key_file may not belong together, or the key of Alipay's "
                "in the settings is another"};
    }
    return {Verdict::wrong, host, "refused a query: " + code + (why.empty() ? "" : " " + why)};
}

Task<void> ask(const CheckGround& ground, const alipay::Config& config, Findings& found) {
    alipay::Alipay provider{config, ground.http, ground.clock};
    const std::string number = "PROBE" + ground.random.token(27);
    const Outcome outcome = co_await provider.query(number);
    found.push_back(answer_finding(outcome, host_of(config.gateway_url)));
    // Without an answer there is no clock to compare with.
    if (outcome.refused.code != "NO_ANSWER") {
        found.push_back(clock_finding("Alipay", provider.clock_skew()));
    }
}

}  // namespace

Task<Findings> check_alipay(const CheckGround& ground) {
    Findings found;
    try {
        const alipay::Config config = alipay_settings(ground.settings);
        look_at(config, alipay::check(config), found);
        found.push_back(notify_finding(config.notify_url));
        co_await ask(ground, config, found);
    } catch (const pay_wire::BadConfig& bad) {
        found.push_back(refusal_finding(in_settings_words(bad.what())));
    }
    co_return found;
}

}  // namespace doorbuster::app
