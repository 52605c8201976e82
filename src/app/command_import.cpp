#include <unistd.h>

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "app/command_error.hpp"
#include "app/command_line.hpp"
#include "app/local_api.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

std::int64_t number(const json::value& state, const char* name) {
    return state.at(name).to_number<std::int64_t>();
}

// One line that is written over; only where a person looks.
void show_progress(const json::value& state) {
    if (!::isatty(STDERR_FILENO)) return;
    constexpr int kWidth = 40;
    const std::int64_t total = std::max<std::int64_t>(number(state, "bytes_total"), 1);
    const std::int64_t done = std::min(number(state, "bytes_done"), total);
    const int filled = static_cast<int>(done * kWidth / total);
    const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                            std::string(static_cast<std::size_t>(kWidth - filled), '.');
    std::fprintf(
        stderr,
        "\r[%s] %3lld %%  %lld rows",
        bar.c_str(),
        static_cast<long long>(done * 100 / total),
        static_cast<long long>(number(state, "rows"))
    );
    if (state.at("finished").as_bool()) std::fputc('\n', stderr);
}

// Prints the row errors that are new in `state` and returns how many have been printed in all.
std::int64_t show_errors(const json::value& state, std::int64_t shown) {
    for (const json::value& error : state.at("errors").as_array()) {
        if (::isatty(STDERR_FILENO)) std::fputs("\r\033[K", stderr);
        const std::string column{error.at("column").as_string()};
        std::fprintf(
            stderr,
            "line %lld%s%s: %s\n",
            static_cast<long long>(number(error, "line")),
            column.empty() ? "" : ", ",
            column.c_str(),
            error.at("reason").as_string().c_str()
        );
        ++shown;
    }
    return shown;
}

json::value watch(LocalApi& api, const std::string& id) {
    std::int64_t shown = 0;
    while (true) {
        json::value state =
            api.get("/local/v1/imports/" + id + "?errors_from=" + std::to_string(shown));
        const std::int64_t before = shown;
        shown = show_errors(state, shown);
        show_progress(state);
        if (state.at("finished").as_bool() && shown == before) return state;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

int run_import(const CommonOptions& common, const std::string& file, bool dry_run) {
    LocalApi api{common.load()};
    const std::string path = std::filesystem::absolute(file).string();
    const json::value started =
        api.send("POST", "/local/v1/imports", json::object{{"path", path}, {"dry_run", dry_run}});
    const json::value state = watch(api, std::string{started.at("id").as_string()});
    if (const auto& failure = state.at("failure").as_string(); !failure.empty()) {
        throw CommandError{std::string{failure}};
    }
    for (const json::value& column : state.at("ignored_columns").as_array()) {
        std::printf("column ignored: %s\n", column.as_string().c_str());
    }
    std::printf(
        "%s%lld products created, %lld updated, %lld unchanged, %lld refused (%lld rows, %lld "
        "bad)\n",
        dry_run ? "dry run: " : "",
        static_cast<long long>(number(state, "created")),
        static_cast<long long>(number(state, "updated")),
        static_cast<long long>(number(state, "unchanged")),
        static_cast<long long>(number(state, "failed")),
        static_cast<long long>(number(state, "rows")),
        static_cast<long long>(number(state, "bad_rows"))
    );
    return number(state, "failed") == 0 && number(state, "bad_rows") == 0 ? 0 : 1;
}

}  // namespace

void add_import(CommandLine cli) {
    CommandLine command = cli.command(
        "import", "Load products from a Shopify product CSV, while the server runs or not"
    );
    auto file = std::make_shared<std::string>();
    auto dry_run = std::make_shared<bool>(false);
    command.option("file", *file).required().existing_file();
    command.flag("--dry-run", *dry_run, "check everything, change nothing");
    command.does([file, dry_run](const CommonOptions& common) {
        return run_import(common, *file, *dry_run);
    });
}

}  // namespace doorbuster::app
