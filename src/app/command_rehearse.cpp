#include <sys/resource.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/child_server.hpp"
#include "app/command_error.hpp"
#include "app/command_line.hpp"
#include "app/local_api.hpp"
#include "app/open_database.hpp"
#include "app/rehearsals.hpp"
#include "audit/auditor.hpp"
#include "rehearsal/report.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct Words {
    rehearsal::Plan plan;
    bool faults = false;
    int kills = 3;
    bool keep = false;
    bool webhooks = false;
    std::int64_t duration = 0;
    std::int64_t order_p99_ms = 1'000;
    std::int64_t refusal_p99_ms = 1'000;
    double orders_per_second = 0;
    std::string json_file;
    std::string html_file;
    std::string acknowledged_file;
    std::string prepare_file;
    std::string remove;
};

bool is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void say(const std::string& line) {
    if (is_terminal()) std::fputs("\r\033[K", stderr);
    std::fprintf(stderr, "%s\n", line.c_str());
}

std::string text_of(const json::value& object, const char* name) {
    return std::string{object.at(name).as_string()};
}
std::int64_t number_of(const json::value& object, const char* name) {
    return object.at(name).to_number<std::int64_t>();
}

void write_file(const std::string& file, const std::string& text) {
    std::ofstream out{file, std::ios::trunc};
    if (!out || !(out << text).flush()) throw CommandError{"cannot write " + file};
}

// Each connection is a file descriptor.
void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// A folder that goes with its owner.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "doorbuster-rehearsal-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw CommandError{"cannot make a folder under " + name};
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Where the rehearsal takes place: a server that runs, or one started for it.
class Stage {
public:
    Stage(const CommonOptions& common, const Words& words) : config_{common.load()} {
        const bool runs = !words.faults && runtime::DataFolder::is_held(config_.data);
        if (!runs) start_own(common);
        api_.emplace(config_);
    }

    LocalApi& api() { return *api_; }
    ChildServer* own() { return own_ ? &*own_ : nullptr; }
    const runtime::Config& config() const { return config_; }
    std::string describe(const std::string& database) const {
        return std::string{"On "} + (database == "sqlite" ? "SQLite" : "PostgreSQL") +
               (own_ ? ", a server started for the rehearsal" : ", the running server");
    }

private:
    // A bare shop: demo goods, and no limit that would stand in the way of buyers from one address.
    void start_own(const CommonOptions& common) {
        folder_.emplace();
        ChildServer::Settings settings = {{"log.level", "warn"}, {"server.access_log", "false"}};
        for (const std::string& item : common.set) {
            const std::size_t equals = item.find('=');
            settings.emplace_back(item.substr(0, equals), item.substr(equals + 1));
        }
        own_.emplace((folder_->path() / "data").string(), std::move(settings));
        config_ = CommonOptions{{}, own_->data(), common.set}.load();
    }

    runtime::Config config_;
    std::optional<TemporaryFolder> folder_;
    std::optional<ChildServer> own_;
    std::optional<LocalApi> api_;
};

// The shadow promotion and its buyers, from making to removing.
class Shadow {
public:
    Shadow(LocalApi& api, const Words& words) : api_{api} {
        const auto& plan = words.plan;
        const double arriving = static_cast<double>(plan.buyers) / plan.rate;
        const auto seconds = static_cast<std::int64_t>(arriving) + 1'800;
        const json::value wish = {
            {"stock", plan.stock}, {"seconds", seconds}, {"webhooks", words.webhooks}};
        terms_ = api.send("POST", "/local/v1/rehearsals", wish);
        path_ = "/local/v1/rehearsals/" + text_of(terms_, "id");
    }

    std::string item() const { return text_of(terms_, "item_id"); }
    std::string id() const { return text_of(terms_, "id"); }
    std::string database() const { return text_of(terms_, "database"); }
    std::uint16_t port() const { return static_cast<std::uint16_t>(number_of(terms_, "port")); }
    bool has_simulator() const { return terms_.at("payments").as_bool(); }
    json::value state() { return api_.get(path_); }

    std::vector<rehearsal::Buyer> make_buyers(std::int64_t count) {
        std::vector<rehearsal::Buyer> buyers;
        buyers.reserve(static_cast<std::size_t>(count));
        while (static_cast<std::int64_t>(buyers.size()) < count) {
            const std::int64_t more = std::min(
                count - static_cast<std::int64_t>(buyers.size()), Rehearsals::kBuyersPerCallMax
            );
            const json::value made = api_.send("POST", path_ + "/buyers", {{"count", more}});
            for (const json::value& buyer : made.at("buyers").as_array()) {
                buyers.push_back(
                    {std::string{buyer.at(0).as_string()}, std::string{buyer.at(1).as_string()}}
                );
            }
        }
        return buyers;
    }

    void remove() {
        while (number_of(api_.send("DELETE", path_, nullptr), "left") > 0) {
        }
    }

private:
    LocalApi& api_;
    json::value terms_;
    std::string path_;
};

// One line that is written over; only where a person looks.
class ProgressLine {
public:
    explicit ProgressLine(const rehearsal::Load& load) : load_{load} {}
    void show() {
        if (!is_terminal()) return;
        const auto now = std::chrono::steady_clock::now();
        if (now - shown_ < 500ms) return;
        const double seconds = std::chrono::duration<double>(now - shown_).count();
        const auto& progress = load_.progress();
        const std::uint64_t placed = progress.placed;
        const double rate = static_cast<double>(placed - placed_) / seconds;
        std::fprintf(
            stderr,
            "\r\033[K%5.1f s  arrived %llu  ordered %llu (%.0f/s)  paid %llu  refused %llu  "
            "unanswered %llu",
            std::chrono::duration<double>(now - began_).count(),
            static_cast<unsigned long long>(progress.arrived),
            static_cast<unsigned long long>(placed),
            rate,
            static_cast<unsigned long long>(progress.paid),
            static_cast<unsigned long long>(progress.refused),
            static_cast<unsigned long long>(progress.unanswered)
        );
        shown_ = now;
        placed_ = placed;
    }
    void end() {
        if (is_terminal()) std::fputc('\n', stderr);
    }

private:
    const rehearsal::Load& load_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_ = began_;
    std::uint64_t placed_ = 0;
};

// Kills and restarts the server at even distances over the time in which buyers come.
class Saboteur {
public:
    Saboteur(ChildServer* server, const Words& words) : server_{server} {
        if (!words.faults) return;
        const auto& plan = words.plan;
        double seconds = static_cast<double>(plan.buyers) / plan.rate;
        if (words.duration > 0) seconds = std::min(seconds, static_cast<double>(words.duration));
        const auto began = std::chrono::steady_clock::now();
        for (int i = 1; i <= words.kills; ++i) {
            const std::chrono::duration<double> after{seconds * i / (words.kills + 1)};
            due_.push_back(began + std::chrono::duration_cast<std::chrono::milliseconds>(after));
        }
    }
    void act() {
        const auto now = std::chrono::steady_clock::now();
        if (kills_ >= static_cast<int>(due_.size()) ||
            now < due_[static_cast<std::size_t>(kills_)]) {
            return;
        }
        server_->kill();
        server_->start();
        ++kills_;
    }
    int kills() const { return kills_; }

private:
    ChildServer* const server_;
    std::vector<std::chrono::steady_clock::time_point> due_;
    int kills_ = 0;
};

rehearsal::Units units_of(const json::value& state) {
    return {
        number_of(state, "stock"),
        number_of(state, "available"),
        number_of(state, "reserved"),
        number_of(state, "sold")};
}

// Payments reach their orders by events: until all have, or nothing changes for a while.
rehearsal::Units settled_units(Shadow& shadow, std::uint64_t paid) {
    constexpr int kLooksMax = 300;
    for (int look = 0;; ++look) {
        const json::value state = shadow.state();
        const rehearsal::Units units = units_of(state);
        const bool all_told = number_of(state, "events_waiting") == 0;
        const bool all_sold = units.sold >= static_cast<std::int64_t>(paid);
        if ((all_told && all_sold) || look >= kLooksMax) return units;
        std::this_thread::sleep_for(100ms);
    }
}

void look_at_audit(const runtime::Config& config, rehearsal::Outcome& outcome) {
    const SystemClock clock;
    const auto database = open_for_reading(config, clock);
    const auto look = [&](sql::Reader& reader) { return audit::audit(reader, clock.now()); };
    const auto verdicts = database->read_blocking(look);
    outcome.audit = audit::report(verdicts);
    outcome.audit_clean = audit::is_clean(verdicts);
}

void write_reports(const rehearsal::Outcome& outcome, const Words& words) {
    if (!words.json_file.empty()) {
        write_file(words.json_file, json::serialize(rehearsal::json_report(outcome)) + '\n');
    }
    if (!words.html_file.empty()) write_file(words.html_file, rehearsal::html_report(outcome));
    std::fputs(rehearsal::text_report(outcome).c_str(), stdout);
    std::fflush(stdout);
}

rehearsal::Thresholds thresholds_of(const Words& words) {
    rehearsal::Thresholds limits;
    limits.order_p99 = std::chrono::milliseconds{words.order_p99_ms};
    limits.refusal_p99 = std::chrono::milliseconds{words.refusal_p99_ms};
    // A server that is killed cannot answer in time; what counts then is that nothing is lost.
    if (words.order_p99_ms == 0 || words.faults) limits.order_p99.reset();
    if (words.refusal_p99_ms == 0 || words.faults) limits.refusal_p99.reset();
    if (words.orders_per_second > 0) limits.orders_per_second = words.orders_per_second;
    return limits;
}

// Tokens and sessions as lines, for a load generator of another kind. The shadow sale stays.
int prepare(
    Shadow& shadow,
    rehearsal::Load& load,
    const std::vector<rehearsal::Buyer>& buyers,
    const Words& words
) {
    const auto& tokens = load.take_tokens();
    std::string lines;
    for (std::size_t i = 0; i < buyers.size(); ++i) {
        if (tokens[i].empty()) continue;
        lines += buyers[i].session + ' ' + tokens[i] + ' ' + buyers[i].address + '\n';
    }
    write_file(words.prepare_file, lines);
    std::printf("item %s rehearsal %s\n", shadow.item().c_str(), shadow.id().c_str());
    return 0;
}

void run_load(rehearsal::Load& load, Saboteur& saboteur) {
    ProgressLine line{load};
    load.start();
    while (load.is_running()) {
        line.show();
        saboteur.act();
        std::this_thread::sleep_for(20ms);
    }
    load.wait();
    line.end();
}

int rehearse(const CommonOptions& common, Words words) {
    raise_file_limit();
    words.plan.duration = std::chrono::seconds{words.duration};
    Stage stage{common, words};
    if (!words.prepare_file.empty() && stage.own()) {
        throw CommandError{"--prepare needs a server that runs on --data and goes on"};
    }
    Shadow shadow{stage.api(), words};
    rehearsal::Plan& plan = words.plan;
    plan.payments = plan.payments && shadow.has_simulator();
    const bool bothers = plan.shares.bots > 0 && !plan.tokens_first;
    const std::int64_t bots = bothers ? std::clamp<std::int64_t>(plan.buyers / 50, 5, 200) : 0;
    say("making " + std::to_string(plan.buyers) + " buyers");
    const auto buyers = shadow.make_buyers(plan.buyers + bots);

    rehearsal::Recorder recorder{words.acknowledged_file};
    const rehearsal::Target target{shadow.port(), shadow.item()};
    rehearsal::Load load{plan, target, buyers, static_cast<std::size_t>(bots), recorder};
    if (!words.prepare_file.empty()) return prepare(shadow, load, buyers, words);
    if (plan.tokens_first) {
        say("taking tokens");
        load.take_tokens();
    }
    Saboteur saboteur{stage.own(), words};
    run_load(load, saboteur);

    rehearsal::Outcome outcome;
    outcome.plan = plan;
    outcome.thresholds = thresholds_of(words);
    outcome.server = stage.describe(shadow.database());
    outcome.date = to_rfc3339(SystemClock{}.now());
    outcome.kills = saboteur.kills();
    outcome.took = load.took();
    outcome.tally = load.tally();
    outcome.findings = load.findings();
    if (stage.own()) outcome.server_megabytes = stage.own()->peak_megabytes();
    say("looking for every order that was acknowledged");
    const auto entries = recorder.entries();
    outcome.acknowledged = entries.size();
    outcome.units = settled_units(shadow, load.findings().paid);
    outcome.found = rehearsal::look_up(target.port, buyers, entries, 32);
    look_at_audit(stage.config(), outcome);
    write_reports(outcome, words);
    if (!words.keep && !stage.own()) shadow.remove();
    return rehearsal::has_passed(rehearsal::judge(outcome)) ? 0 : 1;
}

// What an interrupted rehearsal, or one with --keep or --prepare, has left.
int remove_rehearsal(const CommonOptions& common, const std::string& id) {
    const runtime::Config config = common.load();
    if (!runtime::DataFolder::is_held(config.data)) {
        throw CommandError{"no server runs on " + config.data + "; start it, then remove"};
    }
    LocalApi api{config};
    while (number_of(api.send("DELETE", "/local/v1/rehearsals/" + id, nullptr), "left") > 0) {
    }
    return 0;
}

void add_shares(CommandLine command, rehearsal::Shares& shares) {
    command.option("--pay", shares.pay, "percent of buyers who pay").within(0.0, 100.0);
    command.option("--cancel", shares.cancel, "percent who cancel their order").within(0.0, 100.0);
    command.option("--ask-again", shares.ask_again, "percent who send their order twice")
        .within(0.0, 100.0);
    command.option("--walk-off", shares.walk_off, "percent who take a token and do not order")
        .within(0.0, 100.0);
    command.option("--hope", shares.hope, "percent who come back when it is sold out")
        .within(0.0, 100.0);
    command.option("--bots", shares.bots, "bots' requests, in percent of arrivals")
        .within(0.0, 100.0);
}

void add_judging(CommandLine command, Words& words) {
    constexpr std::int64_t kMillisecondsMax = 600'000;
    command.option("--order-p99-ms", words.order_p99_ms, "fail above this; 0: do not judge")
        .within(std::int64_t{0}, kMillisecondsMax)
        .shows_default();
    command.option("--refusal-p99-ms", words.refusal_p99_ms, "fail above this; 0: do not judge")
        .within(std::int64_t{0}, kMillisecondsMax)
        .shows_default();
    command.option("--orders-per-second", words.orders_per_second, "fail below this")
        .within(0.0, 1e7);
}

void add_plan(CommandLine command, Words& words) {
    auto& plan = words.plan;
    command.option("--buyers", plan.buyers, "how many come")
        .within(std::int64_t{1}, Rehearsals::kBuyersMax - 200)
        .shows_default();
    command.option("--stock", plan.stock, "how many units there are")
        .within(std::int64_t{1}, flash_sale::ItemTerms::kAllotmentMax)
        .shows_default();
    command.option("--rate", plan.rate, "how many come in a second")
        .within(0.1, 1e6)
        .shows_default();
    command.option("--duration", words.duration, "seconds in which they come; 0: until all have")
        .within(0, 3600);
    command.option("--connections", plan.connections, "at most so many at once")
        .within(1, 60'000)
        .shows_default();
    command.option("--threads", plan.threads, "of the load generator")
        .within(1, 16)
        .shows_default();
    command.option("--seed", plan.seed, "of arrivals and roles").shows_default();
    command.flag(
        "--tokens-first", plan.tokens_first, "take all tokens beforehand; only orders are the load"
    );
}

}  // namespace

void add_rehearse(CommandLine cli) {
    CommandLine command = cli.command(
        "rehearse",
        "Rehearse a flash sale with simulated buyers on the running server, or on one of its own; "
        "exit 1 when it fails"
    );
    auto words = std::make_shared<Words>();
    add_plan(command, *words);
    add_shares(command, words->plan.shares);
    add_judging(command, *words);
    command.flag("--faults", words->faults, "kill a server of its own in mid-run");
    command.option("--kills", words->kills, "how many times, with --faults")
        .within(1, 1'000)
        .shows_default();
    command.option("--json", words->json_file, "write the report as JSON");
    command.option("--html", words->html_file, "write the report as a page");
    command.option(
        "--acknowledged", words->acknowledged_file, "write every acknowledged order as it comes"
    );
    command.flag(
        "--webhooks", words->webhooks, "even if the shop's webhooks are told of its orders"
    );
    command.flag("--keep", words->keep, "leave the shadow sale and its buyers");
    command.option(
        "--prepare",
        words->prepare_file,
        "only make buyers with tokens: a line `session token address_id` each"
    );
    command.option("--remove", words->remove, "only remove what this rehearsal has left");
    command.does([words](const CommonOptions& common) {
        if (!words->remove.empty()) return remove_rehearsal(common, words->remove);
        return rehearse(common, *words);
    });
}

}  // namespace doorbuster::app
