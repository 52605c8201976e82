#include <cstdio>

#include "app/command_line.hpp"
#include "app/open_database.hpp"
#include "audit/auditor.hpp"

namespace doorbuster::app {

namespace {

int run_audit(const CommonOptions& common) {
    const SystemClock clock;
    const auto database = open_for_reading(common.load(), clock);
    const auto look = [&](sql::Reader& reader) { return audit::audit(reader, clock.now()); };
    const auto verdicts = database->read_blocking(look);
    std::fputs(audit::report(verdicts).c_str(), stdout);
    return audit::is_clean(verdicts) ? 0 : 1;
}

}  // namespace

void add_audit(CommandLine cli) {
    CommandLine command = cli.command(
        "audit",
        "Check that stock, orders and payments add up; exit 1 and the rows when they do not"
    );
    command.does(run_audit);
}

}  // namespace doorbuster::app
