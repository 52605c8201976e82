#include "app/serve.hpp"

#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>

#include "accounts/accounts_routes.hpp"
#include "adapters/curl/curl_http_client.hpp"
#include "app/command.hpp"
#include "app/first_start.hpp"
#include "app/free_port.hpp"
#include "app/open_database.hpp"
#include "app/payment_gateway.hpp"
#include "app/process_setup.hpp"
#include "app/settings_of.hpp"
#include "app/shop.hpp"
#include "app/site_routes.hpp"
#include "app/version.hpp"
#include "http/server.hpp"
#include "ports/log.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/log_sink.hpp"
#include "runtime/metrics_registry.hpp"

namespace doorbuster::app {

namespace {

std::string own_address(const runtime::Config& config) {
    if (!config.public_url.empty()) return config.public_url;
    const bool any = config.host == "0.0.0.0" || config.host == "::";
    const bool v6 = config.host.find(':') != std::string::npos && !any;
    const std::string host = any ? "127.0.0.1" : v6 ? '[' + config.host + ']' : config.host;
    return "http://" + host + ':' + std::to_string(config.port);
}

// Runs a task and then keeps the promise, so that a thread can wait for its end.
Task<void> ended_by(Task<void> task, std::shared_ptr<std::promise<void>> ended) {
    try {
        co_await std::move(task);
    } catch (const std::exception& error) {
        log::error("coroutine.failed", {{"reason", error.what()}});
    }
    ended->set_value();
}

[[noreturn]] void end_after_database_failure(const std::string& line) {
    std::fprintf(stderr, "doorbuster: %s\n", line.c_str());
    std::fflush(stderr);
    std::_Exit(1);
}

http::Networks metrics_readers(const runtime::Config& config) {
    try {
        return http::Networks{config.server_metrics_networks};
    } catch (const std::invalid_argument& error) {
        throw runtime::ConfigError{"server.metrics_networks: " + std::string{error.what()}};
    }
}

// Everything of a running server, in the order in which it is made; it goes in the reverse order.
class Process {
public:
    Process(const runtime::Config& config, bool demo)
        : config_{config},
          folder_{config.data},
          loops_{static_cast<std::size_t>(config.server_threads)},
          database_{open_database(config, {clock_, &metrics_, end_after_database_failure})},
          ground_{config, *database_, clock_, random_, &metrics_},
          gateway_{config, folder_, client_, clock_, random_, metrics_},
          accounts_{*database_, clock_, random_, accounts_settings(config)},
          messages_{ground_, client_},
          pay_{
              ground_,
              {gateway_.providers(), gateway_.refund_providers(), gateway_.bill_providers()},
              messages_,
              accounts_.audit},
          router_{accounts_.sessions},
          scheduler_{loops_.any_executor()},
          server_{
              loops_,
              router_,
              server_options(config),
              clock_,
              random_,
              &metrics_,
              config.server_access_log ? &access_log_ : nullptr} {
        prepare_schema();
        if (needs_shop(config)) {
            shop_.emplace(ground_, accounts_, messages_, pay_);
            shop_->load();
        }
        if (demo) demo_shopper_ = load_demo(shop_->office(), *database_);
        if (serves_people(config)) invitation_ = invite_first_admin(accounts_, *database_);
        router_.set_apps(pay_.apps());
        add_routes();
    }

    void start() {
        warn_of_open_sandbox();
        if (config_.has_role("shop")) shop_->add_serving_jobs(scheduler_);
        if (config_.has_role("worker")) {
            shop_->add_jobs(scheduler_);
            pay_.add_jobs(scheduler_);
            messages_.add_jobs(scheduler_);
        }
        loops_.start();
        server_.start();
        if (config_.has_role("worker")) {
            const auto ended = std::make_shared<std::promise<void>>();
            relay_ended_ = ended->get_future();
            loops_.spawn(ended_by(messages_.relay_events(work_stop_.get_token()), ended));
            loops_.spawn(messages_.deliver(work_stop_.get_token()));
        }
        gateway_.add_jobs(scheduler_);
        scheduler_.start();
    }

    void stop() {
        stopping_ = true;  // readiness turns first, so that a load balancer looks elsewhere
        const bool in_time = server_.stop();
        scheduler_.stop();
        work_stop_.request_stop();
        scheduler_.wait();
        // It hands its batch to the domains on a database thread, which must not outlive them.
        if (relay_ended_.valid()) relay_ended_.wait();
        log::info("stopped", {{"in_time", in_time ? "yes" : "no"}});
        loops_.stop();
    }

    void print_welcome() const {
        const std::string address = own_address(config_);
        std::printf(
            "Doorbuster %s\n\n  %s  %s\n  API       %s/docs\n",
            kVersion,
            config_.has_role("shop") || !config_.has_role("pay") ? "Shop    " : "Payments",
            address.c_str(),
            address.c_str()
        );
        const PaymentModes& payments = gateway_.modes();
        std::printf(
            "  Payments  WeChat Pay (%s), Alipay (%s)\n",
            payments.wechat_pay.c_str(),
            payments.alipay.c_str()
        );
        if (gateway_.has_sandbox())
            std::printf(
                "  Sandbox   %s/sandbox   (pay here as a shopper's phone would)\n", address.c_str()
            );
        std::printf("  Data      %s\n", folder_.path().c_str());
        if (demo_shopper_) {
            std::printf(
                "\n  Demo shopper         %s / %s\n",
                demo_shopper_->username.c_str(),
                demo_shopper_->password.c_str()
            );
        }
        if (invitation_) {
            std::printf(
                "  First administrator  %s/welcome/%s   (works once)\n",
                address.c_str(),
                invitation_->c_str()
            );
        }
        std::printf("\nReady. Stop with Ctrl-C.\n");
        std::fflush(stdout);
    }

private:
    // The events that a worker relays may be for any part, so it has them all, whatever it serves:
    // none is taken off the outbox before everybody who wants it has had it.
    static bool needs_shop(const runtime::Config& config) {
        return config.has_role("shop") || config.has_role("worker");
    }
    static bool serves_people(const runtime::Config& config) {
        return config.has_role("shop") || config.has_role("pay");
    }

    void add_routes() {
        router_.add(site_routes(site_));
        if (config_.has_role("shop")) {
            router_.add(shop_->routes());
        } else if (config_.has_role("pay")) {
            router_.add(accounts::staff_accounts_routes(accounts_));
        }
        if (serves_people(config_)) router_.add({welcome_route()});
        if (config_.has_role("pay")) router_.add(pay_.routes());
        router_.add(accounts::local_user_routes(accounts_));
        if (shop_) router_.add(shop_->local_routes());
        router_.add(pay_.local_routes());
        router_.add(gateway_.routes());
    }

    // The embedded database is brought up to date by whoever starts; a shared one by `migrate`.
    void prepare_schema() {
        if (config_.database_url.empty()) {
            migrate(*database_, clock_);
        } else {
            require_current_schema(*database_);
        }
    }

    void warn_of_open_sandbox() const {
        static const http::Networks kLoopback{{"127.0.0.0/8", "::1"}};
        if (!gateway_.has_sandbox() || kLoopback.contain(config_.host)) return;
        log::warn(
            "sandbox_open",
            {{"reason",
              "the payment simulator runs on an address that others reach: anyone there can pay "
              "any order without money; set wechat_pay.mode and alipay.mode for a real shop"}}
        );
        if (!config_.public_url.empty() || gateway_.modes().alipay != "sandbox") return;
        log::warn(
            "sandbox_pages_on_loopback",
            {{"reason",
              "public_url is not set: the simulator's pages of Alipay lead every browser to "
              "http://127.0.0.1:" +
                  std::to_string(config_.port) +
                  ", which other devices cannot open; set public_url to the address by which they "
                  "reach this server"}}
        );
    }

    const runtime::Config& config_;
    SystemClock clock_;
    SystemRandom random_;
    runtime::MetricsRegistry metrics_;
    http::LoggedAccess access_log_;
    runtime::DataFolder folder_;
    http::EventLoops loops_;
    curl::CurlHttpClient client_;
    std::unique_ptr<sql::Database> database_;
    Ground ground_;
    PaymentGateway gateway_;
    accounts::Accounts accounts_;
    Messages messages_;
    PayOffice pay_;
    std::optional<Shop> shop_;
    http::Router router_;
    std::atomic<bool> stopping_ = false;
    SiteDeps site_{
        .database = *database_,
        .metrics = metrics_,
        .clock = clock_,
        .stopping = stopping_,
        .router = router_,
        .metrics_readers = metrics_readers(config_),
        .sells = config_.has_role("shop") || !config_.has_role("pay"),
        .remarks = [this] { return gateway_.remarks(); }};
    std::stop_source work_stop_;
    std::future<void> relay_ended_;
    runtime::Scheduler scheduler_;
    http::Server server_;
    std::optional<DemoShopper> demo_shopper_;
    std::optional<std::string> invitation_;
};

}  // namespace

int serve(runtime::Config config, bool demo) {
    const StopSignals signals;
    // What a configuration must not ask for is refused before anything is touched.
    static_cast<void>(shopper_settings(config));
    if (demo && !config.has_role("shop")) {
        throw runtime::ConfigError{"roles: a demo is a shop's: it needs the role shop"};
    }
    raise_file_limit();
    const SystemClock clock;
    const auto sink = runtime::make_log_sink(
        runtime::log_format_of(config.log_format), runtime::log_level_of(config.log_level), clock
    );
    log::install(sink.get());
    // The payment side must know its own address before the server listens, so a port that the
    // system chooses is chosen here.
    if (config.port == 0) config.port = free_port();
    Process process{config, demo};
    process.start();
    process.print_welcome();
    const int signal = signals.wait();
    log::info("stopping", {{"signal", signal}});
    process.stop();
    return 0;
}

}  // namespace doorbuster::app
