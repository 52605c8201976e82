#include <cstdio>
#include <memory>

#include "adapters/curl/curl_http_client.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "app/command_error.hpp"
#include "app/command_line.hpp"
#include "app/process_setup.hpp"
#include "app/settings_of.hpp"
#include "app/version.hpp"
#include "core/random.hpp"
#include "http/access_log.hpp"
#include "http/server.hpp"
#include "ports/log.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/log_sink.hpp"
#include "runtime/scheduler.hpp"
#include "sandbox/control_routes.hpp"
#include "sandbox/control_settings.hpp"
#include "sandbox/sandbox_routes.hpp"

// The gateway simulator alone, for software of any kind to be tested against.
namespace doorbuster::app {

namespace {

using std::chrono::milliseconds;

struct SandboxWords {
    std::string port;
    std::string host;
    std::vector<std::string> faults;
    std::uint64_t seed = 1;
    sandbox::SandboxOptions options;
};

// The simulator knows no accounts.
class Nobody final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request&, bool) override {
        co_return std::optional<Principal>{};
    }
};

sqlite::SqliteOptions database_options(const runtime::DataFolder& folder, const Clock& clock) {
    sqlite::SqliteOptions options;
    options.file = folder.sandbox_database();
    options.reader_count = 1;
    options.clock = &clock;
    return options;
}

http::ServerOptions listening(const runtime::Config& config) {
    http::ServerOptions options = server_options(config);
    options.unix_socket.clear();
    return options;
}

// A database with the simulator's tables.
std::unique_ptr<sql::Database> open_books(const runtime::DataFolder& folder, const Clock& clock) {
    auto database = std::make_unique<sqlite::SqliteDatabase>(database_options(folder, clock));
    sandbox::create_tables(*database);
    return database;
}

// Everything of a running simulator, in the order in which it is made; it goes in the reverse
// order.
class SandboxProcess {
public:
    SandboxProcess(const runtime::Config& config, const SandboxWords& words)
        : config_{config},
          folder_{config.data},
          loops_{static_cast<std::size_t>(config.server_threads)},
          faults_{words.seed},
          database_{open_books(folder_, clock_)},
          sandbox_{identity(), *database_, client_, clock_, random_, faults_, words.options},
          router_{nobody_},
          scheduler_{loops_.any_executor()},
          server_{loops_, router_, listening(config), clock_, random_} {
        for (const std::string& word : words.faults) set_fault(word);
        router_.add(sandbox::sandbox_routes(sandbox_));
        router_.add(sandbox::root_routes(sandbox_));
        router_.add(sandbox::control_routes(sandbox_, http::Access::anyone()));
        add_jobs();
    }

    void start() {
        loops_.start();
        server_.start();
        scheduler_.start();
    }

    void stop() {
        server_.stop();
        scheduler_.stop();
        scheduler_.wait();
        loops_.stop();
    }

    void print_welcome() const {
        const bool v6 = config_.host.find(':') != std::string::npos;
        const std::string host = v6 ? '[' + config_.host + ']' : config_.host;
        const std::string origin = "http://" + host + ':' + std::to_string(server_.port());
        std::printf("Doorbuster %s: a payment gateway to test against\n\n", kVersion);
        print_wechat_pay(origin);
        print_alipay(origin);
        std::printf("  Pages       %s/sandbox   (scan, log in and pay)\n", origin.c_str());
        std::printf("  Control     %s/sandbox/control   (faults, books)\n", origin.c_str());
        std::printf("  The protocols are also at %s/v3/… and /gateway.do\n", origin.c_str());
        std::printf("\nReady. Stop with Ctrl-C.\n");
        std::fflush(stdout);
    }

private:
    std::filesystem::path keys() const { return folder_.keys() / "sandbox"; }

    // Making keys takes seconds on a small machine; who waits wants to know for what.
    sandbox::Identity identity() {
        if (!std::filesystem::exists(keys())) {
            std::printf("First start: making keys in %s\n\n", keys().c_str());
            std::fflush(stdout);
        }
        return sandbox::load_or_make_identity(keys(), random_, clock_.now());
    }

    void set_fault(const std::string& word) {
        const auto applied = sandbox::apply_fault_word(faults_, word);
        if (applied.has_value()) return;
        const ErrorDetail& detail = applied.error().details().at(0);
        throw CommandError{
            "--fault " + detail.field + ": " + detail.reason + " (see doorbuster sandbox --help)"};
    }

    // Several deliveries, so that duplicates can arrive at the same moment.
    void add_jobs() {
        const auto notify = [this] { return sandbox_.deliver_due_notification(); };
        for (const char* name : {"notify", "notify_2", "notify_3", "notify_4"}) {
            scheduler_.every(name, milliseconds{50}, notify);
        }
        const auto settle = [this] { return sandbox_.settle_due_refund(); };
        scheduler_.every("refunds", milliseconds{100}, settle);
    }

    void print_wechat_pay(const std::string& origin) const {
        const sandbox::MerchantSide& merchant = sandbox_.merchant();
        std::printf(
            "  WeChat Pay  %s%s   (instead of https://api.mch.weixin.qq.com)\n"
            "    mchid          %s\n    appid          %s\n    serial_no      %s\n"
            "    public_key_id  %s\n    keys           %s:\n"
            "                   merchant_private_key.pem, apiv3_key.txt, "
            "wechat_pay_public_key.pem\n",
            origin.c_str(),
            std::string{sandbox::kWechatPayPrefix}.c_str(),
            merchant.mchid.c_str(),
            merchant.appid.c_str(),
            merchant.merchant_serial.c_str(),
            merchant.public_key_id.c_str(),
            (keys() / "wechat_pay").c_str()
        );
    }

    void print_alipay(const std::string& origin) const {
        const sandbox::AlipayMerchantSide& merchant = sandbox_.alipay_merchant();
        std::printf(
            "  Alipay      %s%s\n    app_id         %s\n    seller_id      %s\n"
            "    keys           %s:\n"
            "                   app_private_key.pem, alipay_public_key.pem, or the three .crt\n",
            origin.c_str(),
            std::string{sandbox::kAlipayGatewayPath}.c_str(),
            merchant.app_id.c_str(),
            merchant.seller_id.c_str(),
            (keys() / "alipay").c_str()
        );
    }

    const runtime::Config& config_;
    SystemClock clock_;
    SystemRandom random_;
    runtime::DataFolder folder_;
    http::EventLoops loops_;
    curl::CurlHttpClient client_;
    sandbox::Faults faults_;
    std::unique_ptr<sql::Database> database_;
    sandbox::Sandbox sandbox_;
    Nobody nobody_;
    http::Router router_;
    runtime::Scheduler scheduler_;
    http::Server server_;
};

int run_sandbox(const runtime::Config& config, const SandboxWords& words) {
    const StopSignals signals;
    raise_file_limit();
    const SystemClock clock;
    const auto sink = runtime::make_log_sink(
        runtime::log_format_of(config.log_format), runtime::log_level_of(config.log_level), clock
    );
    log::install(sink.get());
    SandboxProcess process{config, words};
    process.start();
    process.print_welcome();
    signals.wait();
    process.stop();
    return 0;
}

// In lines that fit beside the options.
std::string all_faults() {
    constexpr std::size_t kWidth = 80;
    std::string text;
    std::size_t filled = kWidth;
    for (std::size_t i = 0; i < sandbox::Faults::kPoints; ++i) {
        const auto name = sandbox::name_of(static_cast<sandbox::Faults::Point>(i));
        const bool fits = filled + 1 + name.size() <= kWidth;
        text.append(fits ? " " : "\n").append(name);
        filled = fits ? filled + 1 + name.size() : name.size();
    }
    return text;
}

void add_words(CommandLine command, const std::shared_ptr<SandboxWords>& words) {
    sandbox::SandboxOptions& options = words->options;
    command.option("--port", words->port, "port to listen on; 0: one that is free");
    command.option("--host", words->host, "address to listen on (setting `host`)");
    const std::string faults =
        "a fault and its rate from 0 to 1; may be repeated. NAME:" + all_faults();
    command.option("--fault", words->faults, faults.c_str()).shown_as("NAME=RATE");
    command.option("--seed", words->seed, "with the same seed chance takes the same turns");
    command.option("--time-scale", options.time_scale, "multiplies the documented waits")
        .within(0.0, 100.0);
    command.flag(
        "--bills-at-once", options.bills_at_once, "bills at any time, of the running day too"
    );
    command.flag(
        "--platform-certificates",
        options.platform_certificates,
        "WeChat Pay signs with platform certificates instead of its public key"
    );
    command.flag(
        "--open-control", options.open_control, "other machines may use the control routes too"
    );
}

}  // namespace

void add_sandbox(CommandLine cli) {
    CommandLine command = cli.command(
        "sandbox",
        "Run a WeChat Pay and an Alipay with play money, to test any software against (keys and "
        "books in --data)"
    );
    auto words = std::make_shared<SandboxWords>();
    add_words(command, words);
    command.does([words](CommonOptions common) {
        if (!words->port.empty()) common.set.push_back("port=" + words->port);
        if (!words->host.empty()) common.set.push_back("host=" + words->host);
        const runtime::Config config = common.load();
        return run_sandbox(config, *words);
    });
}

}  // namespace doorbuster::app
