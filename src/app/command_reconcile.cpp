#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "adapters/curl/curl_http_client.hpp"
#include "app/command_error.hpp"
#include "app/command_line.hpp"
#include "app/local_api.hpp"
#include "app/open_database.hpp"
#include "app/payment_gateway.hpp"
#include "app/settings_of.hpp"
#include "http/event_loops.hpp"
#include "reconciliation/reconciler.hpp"
#include "reconciliation/report_json.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/metrics_registry.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

struct Words {
    std::string date;
    std::string provider;
    std::string format = "table";
};

// What a run needs when no server runs on the folder.
class PaymentSide {
public:
    explicit PaymentSide(const runtime::Config& config)
        : folder_{config.data},
          database_{open_database(config, {clock_})},
          gateway_{config, folder_, client_, clock_, random_, metrics_},
          payments_{*database_, clock_, random_, outbox_, gateway_.providers()},
          refunds_{*database_, clock_, outbox_, gateway_.refund_providers()},
          reconciler_{
              {*database_,
               clock_,
               payments_,
               refunds_,
               gateway_.bill_providers(),
               bills_folder(config)}} {
        migrate(*database_, clock_);
        loops_.start();
    }
    ~PaymentSide() { loops_.stop(); }

    std::vector<std::string> providers() const { return reconciler_.providers(); }
    Result<reconciliation::Report> reconcile(
        const std::string& provider, reconciliation::BillDay day
    ) {
        std::optional<Result<reconciliation::Report>> report;
        const auto body = [&]() -> Task<void> {
            report.emplace(co_await reconciler_.reconcile(provider, day));
        };
        boost::asio::co_spawn(loops_.executor(0), body, boost::asio::use_future).get();
        return std::move(*report);
    }

private:
    SystemClock clock_;
    SystemRandom random_;
    runtime::MetricsRegistry metrics_;
    runtime::DataFolder folder_;
    http::EventLoops loops_{1};
    curl::CurlHttpClient client_;
    std::unique_ptr<sql::Database> database_;
    PaymentGateway gateway_;
    events::Outbox outbox_{clock_};
    payments::PaymentService payments_;
    refunds::RefundService refunds_;
    reconciliation::Reconciler reconciler_;
};

// In the form that the server's own route answers with.
json::array reports_here(const runtime::Config& config, const Words& words) {
    PaymentSide side{config};
    const auto names =
        words.provider.empty() ? side.providers() : std::vector<std::string>{words.provider};
    json::array reports;
    for (const std::string& name : names) {
        const auto report = side.reconcile(name, reconciliation::day_from(words.date).value());
        if (report.has_error()) {
            throw CommandError{std::string{report.error().kind().message}};
        }
        json::object told = reconciliation::to_json(*report);
        told["table"] = reconciliation::as_table(*report);
        told["csv"] = reconciliation::as_csv(*report);
        reports.push_back(std::move(told));
    }
    return reports;
}

json::array reports_of_server(const runtime::Config& config, const Words& words) {
    LocalApi server{config};
    json::object asked{{"date", words.date}};
    if (!words.provider.empty()) asked["provider"] = words.provider;
    const json::value answer = server.send("POST", "/local/v1/reconciliations", asked);
    return answer.at("reports").as_array();
}

void print(json::array reports, const std::string& format) {
    if (format == "json") {
        for (json::value& report : reports) {
            report.as_object().erase("table");
            report.as_object().erase("csv");
        }
        std::printf("%s\n", json::serialize(reports).c_str());
        return;
    }
    for (const json::value& report : reports) {
        std::fputs(report.at(format).as_string().c_str(), stdout);
        const auto& failure = report.at("failure").as_string();
        if (format == "csv" && !failure.empty()) {  // rows cannot say it
            std::fprintf(stderr, "doorbuster: no bill: %s\n", failure.c_str());
        }
    }
}

int run_reconcile(const CommonOptions& common, const Words& words) {
    const runtime::Config config = common.load();
    const bool served = runtime::DataFolder::is_held(config.data);
    const json::array reports =
        served ? reports_of_server(config, words) : reports_here(config, words);
    if (reports.empty()) throw CommandError{"no payment provider with bills is configured"};
    print(reports, words.format);
    for (const json::value& report : reports) {
        if (report.at("state").as_string() != "clean") return 1;
    }
    return 0;
}

}  // namespace

void add_reconcile(CommandLine cli) {
    CommandLine command = cli.command(
        "reconcile",
        "Hold a day's bills of the payment providers against payments and refunds; exit 1 when "
        "something waits for a person"
    );
    auto words = std::make_shared<Words>();
    const auto is_day = [](const std::string& text) {
        return reconciliation::day_from(text) ? std::string{} : "write it as 2026-11-22";
    };
    command.option("--date", words->date, "the day, in Beijing")
        .required()
        .valid(is_day, "YYYY-MM-DD");
    command.option("--provider", words->provider, "wechat_pay or alipay; else all");
    command.option("--format", words->format, "table, csv or json")
        .one_of({"table", "csv", "json"})
        .shows_default();
    command.does([words](const CommonOptions& common) { return run_reconcile(common, *words); });
}

}  // namespace doorbuster::app
