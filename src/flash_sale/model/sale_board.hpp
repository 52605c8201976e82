#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"
#include "flash_sale/model/promotion.hpp"
#include "ports/sql.hpp"

namespace doorbuster::flash_sale {

// An item as every request needs it: fixed from its publication on, but for what staff may change,
// which comes as a new value.
struct SaleItem {
    PromotionItemId id;
    PromotionId promotion;
    ProductId product;
    ItemTerms terms;
    Window window;
    std::int64_t epoch = 0;
    bool paused = false;
    bool ended = false;  // by staff or by its time; never live again
    bool shadow = false;

    // For showing it, as the catalog and the promotion have it when the board is read.
    struct Shown {
        std::string name;  // the promotion's
        std::string title;
        std::string image;     // address; may be empty
        Money ordinary_price;  // zero: the catalog does not know the SKU any more
    };
    Shown shown = {};
};

struct Sale {
    PromotionId id;
    std::string name;
    Window window;
    bool paused = false;
    bool ended = false;
    bool shadow = false;
    std::vector<std::shared_ptr<const SaleItem>> items;
};

// What is on, coming, or lately over, in memory: a copy of the database's promotions that requests
// read without a lock of their own. Replaced as a whole after every change by staff and now and
// then for other processes' changes. Whether a sale is live is never in it: that is the clock's to
// say. Thread-safe.
class SaleBoard {
public:
    // Of published promotions, and of those ended less than this ago; at most kSalesMax, latest
    // first.
    static constexpr Milliseconds kKeepEnded = std::chrono::hours{24};
    static constexpr std::int64_t kSalesMax = 1000;

    struct Snapshot {
        std::vector<Sale> sales;  // by start
        std::unordered_map<PromotionItemId, std::shared_ptr<const SaleItem>> items;
        // The items of a product that are not over, by start; shadows left out.
        std::unordered_map<ProductId, std::vector<std::shared_ptr<const SaleItem>>> of_product;
        bool stopped = false;  // the kill switch
    };

    // What the database holds.
    static std::shared_ptr<const Snapshot> read(sql::Reader& reader, Time now);

    void replace(std::shared_ptr<const Snapshot> snapshot);
    std::shared_ptr<const Snapshot> snapshot() const;
    std::shared_ptr<const SaleItem> find(PromotionItemId item) const;
    bool stopped() const { return snapshot()->stopped; }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
};

// The kill switch, as the database has it.
bool sales_stopped(sql::Reader& reader);

}  // namespace doorbuster::flash_sale
