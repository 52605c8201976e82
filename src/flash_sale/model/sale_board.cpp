#include "flash_sale/model/sale_board.hpp"

#include <algorithm>
#include <span>
#include <tuple>

#include "catalog/store/offer_lookup.hpp"
#include "flash_sale/model/sql.hpp"

namespace doorbuster::flash_sale {

namespace queries = model::queries;

namespace {

struct Header {
    Sale sale;
    std::int64_t epoch = 0;
};

Header header_of(const sql::Row& row) {
    const auto state = promotion_state_from(row.text(2));
    return {
        {.id = row.id<PromotionId>(0),
         .name = row.string(1),
         .window = {row.time(5), row.time(6)},
         .paused = row.boolean(3),
         .ended = state == PromotionState::ended,
         .shadow = row.boolean(4),
         .items = {}},
        row.integer(7)};
}

SaleItem item_of(const sql::Row& row, const Header& header) {
    return {
        .id = row.id<PromotionItemId>(0),
        .promotion = header.sale.id,
        .product = row.id<ProductId>(3),
        .terms =
            {.sku = row.id<SkuId>(2),
             .price = row.money(4),
             .allotment = row.integer(5),
             .per_user_max = row.integer(6),
             .per_order_max = row.integer(7)},
        .window = header.sale.window,
        .epoch = header.epoch,
        .paused = header.sale.paused,
        .ended = header.sale.ended,
        .shadow = header.sale.shadow,
        .shown = {.name = header.sale.name}};
}

// Those that are over are not shown.
void fill_in_shown(sql::Reader& reader, std::vector<SaleItem>& items) {
    std::vector<SkuId> skus;
    for (const SaleItem& item : items) {
        if (!item.ended) skus.push_back(item.terms.sku);
    }
    if (skus.empty()) return;
    const auto offers = catalog::find_offers(reader, skus);
    for (SaleItem& item : items) {
        const auto offer = offers.find(item.terms.sku);
        if (offer == offers.end()) continue;
        item.shown.title = offer->second.title;
        item.shown.image = offer->second.image;
        item.shown.ordinary_price = offer->second.price;
    }
}

bool by_start(const std::shared_ptr<const SaleItem>& a, const std::shared_ptr<const SaleItem>& b) {
    return std::tuple{a->window.starts_at, a->id} < std::tuple{b->window.starts_at, b->id};
}

}  // namespace

std::shared_ptr<const SaleBoard::Snapshot> SaleBoard::read(sql::Reader& reader, Time now) {
    auto snapshot = std::make_shared<Snapshot>();
    const Time since = now - kKeepEnded;
    auto headers = reader.all(queries::list_sales, {since, kSalesMax}, header_of);
    std::reverse(headers.begin(), headers.end());  // earliest first
    std::unordered_map<PromotionId, Header*> by_id;
    for (Header& header : headers) by_id.emplace(header.sale.id, &header);

    std::vector<SaleItem> items;
    reader.query(queries::list_sale_items, {since}, [&](const sql::Row& row) {
        const auto header = by_id.find(row.id<PromotionId>(1));
        if (header != by_id.end()) items.push_back(item_of(row, *header->second));
    });
    fill_in_shown(reader, items);
    for (SaleItem& read : items) {
        auto item = std::make_shared<const SaleItem>(std::move(read));
        by_id.at(item->promotion)->sale.items.push_back(item);
        if (!item->shadow && !item->ended) snapshot->of_product[item->product].push_back(item);
        snapshot->items.emplace(item->id, std::move(item));
    }
    for (Header& header : headers) snapshot->sales.push_back(std::move(header.sale));
    for (auto& [product, coming] : snapshot->of_product) {
        std::sort(coming.begin(), coming.end(), by_start);
    }
    snapshot->stopped = sales_stopped(reader);
    return snapshot;
}

bool sales_stopped(sql::Reader& reader) {
    const auto flag = [](const sql::Row& row) { return row.boolean(0); };
    return reader.find(queries::find_switch, {}, flag).value();  // the schema makes the row
}

void SaleBoard::replace(std::shared_ptr<const Snapshot> snapshot) {
    // The old one is destroyed after the lock is let go.
    const std::lock_guard lock{mutex_};
    snapshot_.swap(snapshot);
}

std::shared_ptr<const SaleBoard::Snapshot> SaleBoard::snapshot() const {
    const std::lock_guard lock{mutex_};
    return snapshot_;
}

std::shared_ptr<const SaleItem> SaleBoard::find(PromotionItemId item) const {
    const auto current = snapshot();
    const auto found = current->items.find(item);
    return found == current->items.end() ? nullptr : found->second;
}

}  // namespace doorbuster::flash_sale
