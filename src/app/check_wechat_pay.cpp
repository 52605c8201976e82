#include "adapters/wechat_pay/messages.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "app/pay_check.hpp"
#include "app/setting_files.hpp"
#include "app/wechat_settings.hpp"

namespace doorbuster::app {

namespace {

using Verdict = Finding::Verdict;
using wechat_pay::Answer;
using wechat_pay::Fetched;

void look_at_merchant(
    const wechat_pay::Config& config, const wechat_pay::Credentials& own, Time now, Findings& found
) {
    found.push_back({Verdict::ok, "mchid", config.mchid + ", appid " + config.appid});
    found.push_back({Verdict::ok, "private_key_file", "an RSA key, readable by its owner only"});
    if (own.merchant_certificate_ends) {
        const std::string what = own.merchant_serial + " belongs to the private key and";
        found.push_back(expiry_finding("serial_no", what, *own.merchant_certificate_ends, now));
    } else {
        found.push_back(
            {Verdict::note,
             "serial_no",
             own.merchant_serial + " is not compared with the key: set certificate_file"}
        );
    }
    found.push_back({Verdict::ok, "apiv3_key", "32 bytes"});
}

void look_at_trusted(const wechat_pay::TrustedKeys& keys, Time now, Findings& found) {
    for (const auto& [serial, key] : keys) {
        if (key.expires_at == Time::max()) {
            found.push_back({Verdict::ok, "public key", serial + ", not the merchant's own"});
        } else {
            found.push_back(expiry_finding("platform certificate", serial, key.expires_at, now));
        }
    }
}

Finding certificates_finding(Fetched fetched, bool wanted) {
    switch (fetched) {
        case Fetched::accepted:
            return {Verdict::ok, "apiv3_key", "opens WeChat Pay's certificates"};
        case Fetched::refused:
            return {
                Verdict::wrong,
                "apiv3_key",
                "WeChat Pay's certificates do not open with it, or are not signed by whom they "
                "say"};
        case Fetched::none:
            if (wanted) {
                return {
                    Verdict::wrong,
                    "platform_certificates",
                    "WeChat Pay has none for this merchant: use the public key"};
            }
            return {
                Verdict::note,
                "apiv3_key",
                "in public-key mode only a notification proves it: compare it with the platform's"};
        case Fetched::no_answer:
            break;
    }
    return {
        wanted ? Verdict::wrong : Verdict::note, "platform_certificates", "could not be fetched"};
}

// Why an answer that came proves nothing.
Finding unproved(const Answer& answer, const std::string& code, const std::string& host) {
    if (code == "SIGNERROR") {
        return {
            Verdict::wrong,
            host,
            "does not accept our signature: private_key_file, serial_no and mchid do not belong "
            "together, or the clock is wrong"};
    }
    const std::string by = answer.serial.empty() ? "" : ", signed as " + answer.serial;
    const std::string said =
        "answered " + std::to_string(answer.status) + (code.empty() ? "" : " " + code) + by;
    std::string why = ", which does not verify: " + answer.reason;
    if (answer.reason == "bad_signature") {
        why = ", which does not verify: the key of that name is not the one WeChat Pay signs with";
    } else if (answer.reason == "unknown_serial") {
        why = ", and that key is not in the settings";
    } else if (answer.reason == "missing_header") {
        why = ", unsigned: this may not be WeChat Pay";
    }
    return {Verdict::wrong, host, said + why};
}

Finding answer_finding(const Answer& answer, const std::string& host) {
    if (answer.status == 0) return {Verdict::wrong, host, "cannot be reached: " + answer.reason};
    const auto failure = wechat_pay::parse_failure(answer.body);
    if (!answer.verified) return unproved(answer, failure.code, host);
    if (answer.status == 404) {
        return {Verdict::ok, host, "answered a signed query, verified with " + answer.serial};
    }
    return {
        Verdict::wrong,
        host,
        "refused a query: " + std::to_string(answer.status) + ' ' + failure.code + ' ' +
            failure.message};
}

Task<void> ask(const CheckGround& ground, const wechat_pay::Config& config, Findings& found) {
    wechat_pay::Config alone = config;
    alone.backup_url.clear();  // each host answers for itself
    wechat_pay::WechatPay provider{alone, ground.http, ground.clock, ground.random};
    const Fetched fetched = co_await provider.fetch_certificates();
    found.push_back(certificates_finding(fetched, config.fetch_platform_certificates));
    const auto trusted = provider.trusted();
    look_at_trusted(*trusted, ground.clock.now(), found);
    const Answer answer = co_await provider.probe();
    found.push_back(answer_finding(answer, host_of(config.base_url)));
    if (answer.clock_skew) found.push_back(clock_finding("WeChat Pay", *answer.clock_skew));
}

// Payments work without it, so it is never wrong.
Task<void> ask_backup(const CheckGround& ground, wechat_pay::Config config, Findings& found) {
    if (config.backup_url.empty()) co_return;
    config.base_url = config.backup_url;
    config.backup_url.clear();
    wechat_pay::WechatPay provider{config, ground.http, ground.clock, ground.random};
    const Answer answer = co_await provider.probe();
    Finding finding = answer_finding(answer, host_of(config.base_url));
    if (finding.verdict == Verdict::wrong) finding.verdict = Verdict::warning;
    found.push_back(std::move(finding));
}

}  // namespace

Task<Findings> check_wechat_pay(const CheckGround& ground) {
    Findings found;
    try {
        const wechat_pay::Config config = wechat_settings(ground.settings);
        const wechat_pay::Credentials own = wechat_pay::check(config);
        look_at_merchant(config, own, ground.clock.now(), found);
        found.push_back(notify_finding(config.notify_url));
        co_await ask(ground, config, found);
        co_await ask_backup(ground, config, found);
    } catch (const pay_wire::BadConfig& bad) {
        found.push_back(refusal_finding(in_settings_words(bad.what())));
    }
    co_return found;
}

}  // namespace doorbuster::app
