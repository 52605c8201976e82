#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <memory>

#include "adapters/curl/curl_http_client.hpp"
#include "app/command_line.hpp"
#include "app/pay_check.hpp"
#include "app/payment_modes.hpp"

namespace doorbuster::app {

namespace {

struct Words {
    std::string provider;
    bool json = false;
};

// What there is to check, under the name that the settings give it.
struct Checked {
    std::string provider;
    std::string mode;
    Task<Findings> (*check)(const CheckGround&);
};

std::vector<Checked> checks(const runtime::Config& settings) {
    const PaymentModes modes = payment_modes(settings);
    return {
        {"wechat_pay", modes.wechat_pay, &check_wechat_pay},
        {"alipay", modes.alipay, &check_alipay}};
}

Finding nothing_to_prove(const Checked& one, bool asked_for) {
    return {
        asked_for ? Finding::Verdict::wrong : Finding::Verdict::note,
        one.provider + ".mode",
        one.mode + ": there is nothing to prove; the mode live is checked"};
}

Task<std::vector<ProviderReport>> report(CheckGround ground, Words words) {
    std::vector<ProviderReport> reports;
    for (const Checked& one : checks(ground.settings)) {
        if (!words.provider.empty() && words.provider != one.provider) continue;
        ProviderReport mine{one.provider, one.mode, {}};
        if (one.mode == "live") {
            mine.findings = co_await one.check(ground);
        } else {
            mine.findings.push_back(nothing_to_prove(one, !words.provider.empty()));
        }
        reports.push_back(std::move(mine));
    }
    co_return reports;
}

int check(const CommonOptions& common, const Words& words) {
    const runtime::Config settings = common.load();
    SystemClock clock;
    SystemRandom random;
    boost::asio::io_context loop{1};
    curl::CurlHttpClient http;
    std::vector<ProviderReport> reports;
    std::exception_ptr failure;
    const CheckGround ground{settings, http, clock, random};
    const auto done = [&](std::exception_ptr error, std::vector<ProviderReport> value) {
        failure = error;
        reports = std::move(value);
    };
    boost::asio::co_spawn(loop, report(ground, words), done);
    loop.run();
    if (failure) std::rethrow_exception(failure);

    const std::string text = words.json ? json_of(reports) : table_of(reports);
    std::fputs(text.c_str(), stdout);
    for (const ProviderReport& one : reports) {
        if (!one.is_good()) return 1;
    }
    return 0;
}

}  // namespace

void add_pay(CommandLine cli) {
    CommandLine pay = cli.command("pay", "Work with the payment providers");
    pay.needs_command();
    CommandLine command = pay.command(
        "check",
        "Prove the settings of the payment providers without moving money; exit 1 when something "
        "is wrong"
    );
    auto words = std::make_shared<Words>();
    command.option("--provider", words->provider, "only this one").one_of({"wechat_pay", "alipay"});
    command.flag("--json", words->json, "for programs");
    command.does([words](const CommonOptions& common) { return check(common, *words); });
}

}  // namespace doorbuster::app
