#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "app/command_error.hpp"
#include "app/command_line.hpp"
#include "app/open_database.hpp"
#include "catalog/exchange/product_export.hpp"

namespace doorbuster::app {

namespace {

bool show_progress(std::uint64_t products) {
    if (::isatty(STDERR_FILENO))
        std::fprintf(stderr, "\r%llu products", static_cast<unsigned long long>(products));
    return true;
}

void write_products(sql::Database& database, const Clock& clock, std::ostream& out) {
    catalog::CatalogChanges changes;  // nothing is changed here; the services ask for one
    const catalog::CategoryService categories{clock, changes};
    const catalog::ProductService products{clock, changes};
    const inventory::InventoryService stock{clock};
    const catalog::ProductExport run{database, {products, categories, stock}};
    const auto sink = [&](std::string_view bytes) {
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    };
    run.run(sink, show_progress);
    if (::isatty(STDERR_FILENO)) std::fputc('\n', stderr);
    if (!out.flush()) throw CommandError{"the export could not be written"};
}

int run_export(const CommonOptions& common, const std::string& file) {
    const SystemClock clock;
    const auto database = open_for_reading(common.load(), clock);
    if (file.empty()) {
        write_products(*database, clock, std::cout);
        return 0;
    }
    std::ofstream out{file, std::ios::binary};
    if (!out) throw CommandError{"cannot write " + file};
    write_products(*database, clock, out);
    return 0;
}

}  // namespace

void add_export(CommandLine cli) {
    CommandLine command = cli.command(
        "export", "Write all products as a Shopify product CSV, while the server runs or not"
    );
    auto file = std::make_shared<std::string>();
    command.option("file", *file, "where to; standard output when not given");
    command.does([file](const CommonOptions& common) { return run_export(common, *file); });
}

}  // namespace doorbuster::app
