#include "orders/order_store.hpp"

#include "core/assert.hpp"
#include "orders/sql.hpp"

namespace doorbuster::orders::store {
namespace {

constexpr auto kInteger = sql::ColumnType::integer;
constexpr auto kText = sql::ColumnType::text;
constexpr sql::BulkInsert::Column kItemColumns[] = {
    {"order_no", kInteger},
    {"user_id", kInteger},
    {"sku_id", kInteger},
    {"product_id", kInteger},
    {"title", kText},
    {"options", kText},
    {"sku", kText},
    {"image", kText},
    {"price", kInteger},
    {"quantity", kInteger},
    {"subtotal", kInteger},
    {"promotion_item_id", kInteger}};
constexpr sql::BulkInsert::Column kOrderColumns[] = {
    {"order_no", kInteger},
    {"user_id", kInteger},
    {"status", kText},
    {"payment_status", kText},
    {"fulfillment_status", kText},
    {"version", kInteger},
    {"items_total", kInteger},
    {"discount_total", kInteger},
    {"freight", kInteger},
    {"total", kInteger},
    {"currency", kText},
    {"address", kText},
    {"note", kText},
    {"created_at", kInteger},
    {"expires_at", kInteger},
    {"request_key", kText},
    {"request_fingerprint", sql::ColumnType::bytes}};
constexpr sql::BulkInsert kInsertOrders{
    "orders.insert_orders", "orders", kOrderColumns, "ON CONFLICT DO NOTHING"};
constexpr sql::BulkInsert::Column kEventColumns[] = {
    {"order_no", kInteger},
    {"version", kInteger},
    {"kind", kText},
    {"status", kText},
    {"actor", kText},
    {"detail", kText},
    {"at", kInteger}};
constexpr sql::BulkInsert kInsertEvents{"orders.insert_events", "order_events", kEventColumns};

constexpr sql::BulkInsert kInsertItems{"orders.insert_items", "order_items", kItemColumns};

Status status_of(std::string_view text) {
    const auto status = status_from(text);
    DOORBUSTER_ASSERT(status.has_value());
    return *status;
}

Order order_of(const sql::Row& row) {
    Order order;
    order.number = row.id<OrderNo>(0);
    order.user = row.id<UserId>(1);
    order.status = status_of(row.text(2));
    order.payment_status = payment_status_from(row.text(3));
    order.fulfillment = fulfillment_from(row.text(4));
    if (!row.is_null(5)) order.close_reason = close_reason_from(row.text(5));
    order.version = row.integer(6);
    order.items_total = row.money(7);
    order.discount_total = row.money(8);
    order.freight = row.money(9);
    order.total = row.money(10);
    order.address_json = row.string(11);
    order.note = row.string(12);
    order.carrier = row.optional_string(13);
    order.tracking_number = row.optional_string(14);
    order.created_at = row.time(15);
    order.expires_at = row.time(16);
    order.paid_at = row.optional_time(17);
    order.shipped_at = row.optional_time(18);
    order.completed_at = row.optional_time(19);
    order.closed_at = row.optional_time(20);
    order.retaken = row.boolean(21);
    return order;
}

Item item_of(const sql::Row& row) {
    return {
        .sku = row.id<SkuId>(0),
        .product = row.id<ProductId>(1),
        .title = row.string(2),
        .options = row.string(3),
        .sku_code = row.string(4),
        .image = row.string(5),
        .price = row.money(6),
        .quantity = row.integer(7),
        .promotion = row.optional_id<PromotionItemId>(8),
        .promotion_name = row.optional_string(9).value_or(""),
        .returned = row.integer(10)};
}

std::int64_t number_of(const sql::Row& row) { return row.integer(0); }

std::string json_list(std::span<const Order> orders) {
    std::string list = "[";
    for (const Order& order : orders) {
        if (list.size() > 1) list += ',';
        list += order.number.to_string();
    }
    return list += ']';
}

void add_item_row(std::vector<sql::Param>& rows, const Order& order, const Item& item) {
    rows.insert(
        rows.end(),
        {order.number,
         order.user,
         item.sku,
         item.product,
         item.title,
         item.options,
         item.sku_code,
         item.image,
         item.price,
         item.quantity,
         item.subtotal(),
         item.promotion}
    );
}

std::optional<std::string_view> name_of(const std::optional<CloseReason>& reason) {
    return reason ? std::optional{to_string(*reason)} : std::nullopt;
}

}  // namespace

bool insert(sql::Transaction& tx, const Order& order) {
    return tx.execute(
               queries::insert_order,
               {order.number,
                order.user,
                to_string(order.status),
                to_string(order.payment_status),
                to_string(order.fulfillment),
                order.version,
                order.items_total,
                order.discount_total,
                order.freight,
                order.total,
                order.address_json,
                order.note,
                order.created_at,
                order.expires_at}
           ) == 1;
}

void insert_items(sql::Transaction& tx, const Order& order, const std::vector<Item>& items) {
    std::vector<sql::Param> rows;
    rows.reserve(items.size() * std::size(kItemColumns));
    for (const Item& item : items) add_item_row(rows, order, item);
    tx.insert_many(kInsertItems, rows);
}

void insert_one_item_each(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const Item* const> items
) {
    std::vector<sql::Param> rows;
    rows.reserve(items.size() * std::size(kItemColumns));
    for (std::size_t i = 0; i < orders.size(); ++i) add_item_row(rows, *orders[i], *items[i]);
    tx.insert_many(kInsertItems, rows);
}

bool insert_many(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const Request> requests
) {
    std::vector<sql::Param> rows;
    rows.reserve(orders.size() * std::size(kOrderColumns));
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const Order* const order = orders[i];
        rows.insert(
            rows.end(),
            {order->number,
             order->user,
             to_string(order->status),
             to_string(order->payment_status),
             to_string(order->fulfillment),
             order->version,
             order->items_total,
             order->discount_total,
             order->freight,
             order->total,
             "CNY",
             order->address_json,
             order->note,
             order->created_at,
             order->expires_at,
             requests[i].key,
             requests[i].fingerprint}
        );
    }
    return tx.insert_many(kInsertOrders, rows) == static_cast<std::int64_t>(orders.size());
}

void insert_placed_events(
    sql::Transaction& tx, std::span<const Order* const> orders, std::span<const std::string> actors
) {
    std::vector<sql::Param> rows;
    rows.reserve(orders.size() * std::size(kEventColumns));
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const Order& order = *orders[i];
        rows.insert(
            rows.end(),
            {order.number,
             order.version,
             "placed",
             to_string(order.status),
             actors[i],
             std::string_view{},
             order.created_at}
        );
    }
    tx.insert_many(kInsertEvents, rows);
}

void insert_event(sql::Transaction& tx, const Order& order, const Happening& happening) {
    tx.execute(
        queries::insert_event,
        {order.number,
         order.version,
         happening.kind,
         to_string(order.status),
         happening.actor.name(),
         happening.detail,
         happening.at}
    );
}

bool replace(sql::Transaction& tx, const Order& before, Order& after, const Happening& happening) {
    const auto changed = tx.execute(
        queries::update_order,
        {before.number,
         before.version,
         to_string(before.status),
         to_string(after.status),
         to_string(after.payment_status),
         to_string(after.fulfillment),
         name_of(after.close_reason),
         after.carrier,
         after.tracking_number,
         after.paid_at,
         after.shipped_at,
         after.completed_at,
         after.closed_at,
         after.retaken ? 1 : 0}
    );
    if (changed == 0) return false;
    after.version = before.version + 1;
    insert_event(tx, after, happening);
    return true;
}

bool count_returned(sql::Transaction& tx, OrderNo number, SkuId sku, std::int64_t units) {
    return tx.execute(queries::count_returned, {number, sku, units}) == 1;
}

std::optional<Order> find(sql::Reader& reader, OrderNo number) {
    return reader.find(queries::find_order, {number}, order_of);
}

std::optional<Order> lock(sql::Transaction& tx, OrderNo number) {
    return tx.find(queries::lock_order, {number}, order_of);
}

std::vector<Item> items(sql::Reader& reader, OrderNo number) {
    return reader.all(queries::list_items, {number}, item_of);
}

std::unordered_map<OrderNo, std::vector<Item>> items(
    sql::Reader& reader, std::span<const Order> orders
) {
    std::unordered_map<OrderNo, std::vector<Item>> items;
    if (orders.empty()) return items;
    const std::string numbers = json_list(orders);
    reader.query(queries::list_items_of_many, {numbers}, [&](const sql::Row& row) {
        items[row.id<OrderNo>(11)].push_back(item_of(row));
    });
    return items;
}

std::vector<TimelineEntry> timeline(sql::Reader& reader, OrderNo number) {
    return reader.all(queries::list_events, {number}, [](const sql::Row& row) {
        return TimelineEntry{
            row.integer(0),
            row.string(1),
            row.string(2),
            row.string(3),
            row.string(4),
            row.time(5)};
    });
}

Listing list_of_user(
    sql::Reader& reader,
    UserId user,
    std::optional<std::string_view> status,
    std::optional<std::string_view> payment_status,
    std::int64_t limit,
    std::int64_t offset
) {
    const auto total =
        reader.find(queries::count_user_orders, {user, status, payment_status}, number_of);
    return {
        reader.all(
            queries::list_user_orders, {user, status, payment_status, limit, offset}, order_of
        ),
        total.value_or(0)};
}

Listing list_all(
    sql::Reader& reader,
    std::optional<std::string_view> status,
    std::optional<std::string_view> payment_status,
    std::int64_t limit,
    std::int64_t offset
) {
    const auto total = reader.find(queries::count_all_orders, {status, payment_status}, number_of);
    return {
        reader.all(queries::list_all_orders, {status, payment_status, limit, offset}, order_of),
        total.value_or(0)};
}

void lock_buyer(sql::Transaction& tx, UserId user) {
    if (tx.dialect() == sql::Dialect::sqlite) return;
    tx.query(queries::lock_buyer, {user}, [](const sql::Row&) {});
}

std::int64_t count_holding(sql::Reader& reader, UserId user, OrderNo first, std::int64_t limit) {
    return reader.find(queries::count_holding, {user, first, limit}, number_of).value_or(0);
}

std::vector<OrderNo> due(sql::Reader& reader, Time now, std::int64_t limit) {
    return reader.all(queries::list_due, {now, limit}, [](const sql::Row& row) {
        return row.id<OrderNo>(0);
    });
}

Backlog closing(sql::Reader& reader) {
    const auto read = [](const sql::Row& row) {
        return Backlog{row.integer(0), row.optional_time(1)};
    };
    return reader.find(queries::count_closing, {Backlog::kCountMax}, read).value();
}

std::vector<OrderNo> shipped_before(sql::Reader& reader, Time time, std::int64_t limit) {
    return reader.all(queries::list_shipped_before, {time, limit}, [](const sql::Row& row) {
        return row.id<OrderNo>(0);
    });
}

}  // namespace doorbuster::orders::store
