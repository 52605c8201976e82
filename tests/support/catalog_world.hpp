#pragma once

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "support/manual_clock.hpp"
#include "support/route_client.hpp"
#include "support/seeded_random.hpp"

namespace doorbuster::test {

// Whoever sends the token "staff" has the right catalog, "orders" that one, "shopper" none.
class NamedTokens final : public http::Authenticator {
public:
    Task<Result<std::optional<Principal>>> authenticate(const http::Request& request, bool)
        override {
        const std::string_view header = request.header("authorization");
        if (header == "Bearer staff") co_return principal(1, Rights::of(Right::catalog));
        if (header == "Bearer orders") co_return principal(2, Rights::of(Right::orders));
        if (header == "Bearer shopper") co_return principal(3, Rights{});
        co_return std::optional<Principal>{};
    }

private:
    static std::optional<Principal> principal(std::int64_t user, Rights rights) {
        return Principal{UserId{user}, SessionId{user}, rights};
    }
};

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "doorbuster-XXXXXX").string();
        if (::mkdtemp(name.data())) path_ = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// The catalog and its routes over a test's database, with the stock it tells of. Link
// doorbuster_catalog to use it.
struct CatalogWorld {
    explicit CatalogWorld(sql::Database& db)
        : database{db},
          catalog{db, clock, random, inventory, audit, nullptr, {.media_folder = folder.path()}},
          router{tokens},
          shopper{router},
          staff{shopper.as("staff")} {
        inventory.add_observer(catalog.changes);
        router.add(catalog.routes());
    }

    // Runs a change in a transaction of its own.
    template <class Work>
    auto write(Work work) {
        return database.write_blocking(std::move(work));
    }
    template <class Work>
    auto read(Work work) {
        return database.read_blocking(std::move(work));
    }

    CategoryId add_category(
        const std::string& name, std::optional<CategoryId> parent = {}, bool hidden = false
    ) {
        return *write([&](sql::Transaction& tx) {
            return catalog.categories.create(tx, parent, name, hidden);
        });
    }

    // A product without options and one SKU.
    static catalog::ProductContent simple(const std::string& title, std::int64_t fen = 1000) {
        catalog::ProductContent content;
        content.title = title;
        catalog::Sku sku;
        sku.price = Money::fen(fen);
        content.skus.push_back(sku);
        return content;
    }
    // A product with one option and a SKU for each value; prices rise by one yuan from `fen`.
    static catalog::ProductContent with_values(
        const std::string& title, std::initializer_list<const char*> values, std::int64_t fen = 1000
    ) {
        catalog::ProductContent content;
        content.title = title;
        content.option_names = {"Size"};
        for (const char* value : values) {
            catalog::Sku sku;
            sku.options[0] = value;
            sku.price = Money::fen(fen);
            fen += 100;
            content.skus.push_back(sku);
        }
        return content;
    }

    ProductId add_draft(const catalog::ProductContent& content) {
        clock.advance(Milliseconds{1});
        return *write([&](sql::Transaction& tx) { return catalog.products.create(tx, content); });
    }
    ProductId add_active(const catalog::ProductContent& content) {
        const ProductId id = add_draft(content);
        set_status(id, catalog::ProductStatus::active);
        return id;
    }
    void set_status(ProductId id, catalog::ProductStatus status) {
        const auto done = write([&](sql::Transaction& tx) {
            return catalog.products.set_status(tx, id, status);
        });
        DOORBUSTER_ASSERT(done.has_value());
    }
    catalog::Product product(ProductId id) {
        return *read([&](sql::Reader& reader) { return catalog.products.find(reader, id); });
    }
    Result<bool> update(ProductId id, const catalog::ProductContent& content) {
        return write([&](sql::Transaction& tx) { return catalog.products.update(tx, id, content); }
        );
    }
    SkuId first_sku(ProductId id) { return product(id).content.skus.front().id; }
    void set_stock(SkuId sku, std::int64_t units) {
        const auto done = write([&](sql::Transaction& tx) {
            return inventory.set_available(tx, sku, units, std::nullopt, "test");
        });
        DOORBUSTER_ASSERT(done.has_value());
    }

    sql::Database& database;
    ManualClock clock;
    SeededRandom random{1};
    TemporaryFolder folder;
    inventory::InventoryService inventory{clock};
    events::AuditLog audit{clock};
    catalog::Catalog catalog;
    NamedTokens tokens;
    http::Router router;
    RouteClient shopper;  // without a session
    RouteClient staff;
};

}  // namespace doorbuster::test
