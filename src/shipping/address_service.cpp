#include "shipping/address_service.hpp"

#include "shipping/errors.hpp"
#include "shipping/phone.hpp"
#include "shipping/sql.hpp"

namespace doorbuster::shipping {

namespace {

AddressFields fields_of(const sql::Row& row) {
    return {
        row.string(1),
        row.string(2),
        row.string(3),
        row.string(4),
        row.string(5),
        row.string(6),
        row.string(7)};
}

Address address_of(const sql::Row& row) {
    Address address;
    address.id = row.id<AddressId>(0);
    address.fields = fields_of(row);
    address.is_default = row.boolean(8);
    address.created_at = row.time(9);
    address.updated_at = row.time(10);
    return address;
}

void hold_book(sql::Transaction& tx, UserId user) {
    tx.query(queries::hold_book, {user}, [](const sql::Row&) {});
}

void make_default(sql::Transaction& tx, UserId user, AddressId id) {
    tx.execute(queries::clear_default, {user, id});
    tx.execute(queries::set_default, {user, id});
}

Result<void> check(const AddressFields& fields) {
    auto details = problems_of(fields);
    if (details.empty()) return {};
    return Error{kValidationFailed, std::move(details)};
}

}  // namespace

std::vector<ErrorDetail> problems_of(const AddressFields& fields) {
    std::vector<ErrorDetail> problems;
    if (!is_phone(fields.phone)) {
        problems.push_back({"phone", "must be a phone number of 5 to 20 digits, spaces, + or -"});
    }
    if (!fields.postcode.empty() && !is_postcode(fields.postcode)) {
        problems.push_back({"postcode", "must be six digits"});
    }
    return problems;
}

Result<Address> AddressService::create(
    sql::Transaction& tx, UserId user, const AddressFields& fields, bool as_default
) const {
    if (auto bad = check(fields); bad.has_error()) return bad.error();
    hold_book(tx, user);
    const auto number = [](const sql::Row& row) { return row.integer(0); };
    const auto count = tx.find(queries::count_addresses, {user}, number).value_or(0);
    if (count >= kAddressesMax) return kTooManyAddresses;
    const auto id = tx.find(
        queries::insert_address,
        {user,
         fields.recipient,
         fields.phone,
         fields.province,
         fields.city,
         fields.district,
         fields.detail,
         fields.postcode,
         clock_.now()},
        [](const sql::Row& row) { return row.id<AddressId>(0); }
    );
    DOORBUSTER_ASSERT(id.has_value());
    if (as_default || count == 0) make_default(tx, user, *id);
    return get(tx, user, *id);
}

Result<Address> AddressService::update(
    sql::Transaction& tx,
    UserId user,
    AddressId id,
    const AddressFields& fields,
    std::optional<bool> as_default
) const {
    if (auto bad = check(fields); bad.has_error()) return bad.error();
    hold_book(tx, user);
    const auto changed = tx.execute(
        queries::update_address,
        {user,
         id,
         fields.recipient,
         fields.phone,
         fields.province,
         fields.city,
         fields.district,
         fields.detail,
         fields.postcode,
         clock_.now()}
    );
    if (changed == 0) return kAddressNotFound;
    if (as_default.value_or(false)) make_default(tx, user, id);
    return get(tx, user, id);
}

Result<Address> AddressService::set_default(sql::Transaction& tx, UserId user, AddressId id) const {
    hold_book(tx, user);
    auto address = get(tx, user, id);
    if (address.has_error()) return address;
    make_default(tx, user, id);
    address->is_default = true;
    return address;
}

Result<void> AddressService::remove(sql::Transaction& tx, UserId user, AddressId id) const {
    hold_book(tx, user);
    const auto was_default = tx.find(queries::delete_address, {user, id}, [](const sql::Row& row) {
        return row.boolean(0);
    });
    if (!was_default) return kAddressNotFound;
    if (!*was_default) return {};
    const auto newest = tx.find(queries::newest_address, {user}, [](const sql::Row& row) {
        return row.id<AddressId>(0);
    });
    if (newest) make_default(tx, user, *newest);
    return {};
}

Result<Address> AddressService::get(sql::Reader& reader, UserId user, AddressId id) const {
    const auto address = reader.find(queries::find_address, {user, id}, address_of);
    if (!address) return kAddressNotFound;
    return *address;
}

std::unordered_map<AddressId, AddressService::Owned> AddressService::find_many(
    sql::Reader& reader, std::span<const AddressId> ids
) const {
    std::string list = "[";
    for (const AddressId id : ids) {
        if (list.size() > 1) list += ',';
        list += id.to_string();
    }
    list += ']';
    std::unordered_map<AddressId, Owned> found;
    reader.query(queries::find_addresses, {list}, [&](const sql::Row& row) {
        found.emplace(row.id<AddressId>(0), Owned{row.id<UserId>(8), fields_of(row)});
    });
    return found;
}

namespace {

using sql::ColumnType;
constexpr sql::BulkInsert::Column kColumns[] = {
    {"user_id", ColumnType::integer},
    {"recipient", ColumnType::text},
    {"phone", ColumnType::text},
    {"province", ColumnType::text},
    {"city", ColumnType::text},
    {"district", ColumnType::text},
    {"detail", ColumnType::text},
    {"postcode", ColumnType::text},
    {"is_default", ColumnType::integer},
    {"created_at", ColumnType::integer},
    {"updated_at", ColumnType::integer}};
constexpr sql::BulkInsert kInsertMany{"shipping.insert_addresses", "addresses", kColumns};

}  // namespace

std::vector<AddressId> AddressService::create_first_of_many(
    sql::Transaction& tx, std::span<const UserId> users, const AddressFields& fields
) const {
    const Time now = clock_.now();
    std::vector<sql::Param> values;
    std::string list = "[";
    for (const UserId user : users) {
        values.insert(
            values.end(),
            {user,
             fields.recipient,
             fields.phone,
             fields.province,
             fields.city,
             fields.district,
             fields.detail,
             fields.postcode,
             1,
             now,
             now}
        );
        list += (list.size() > 1 ? "," : "") + user.to_string();
    }
    list += ']';
    tx.insert_many(kInsertMany, values);
    std::unordered_map<UserId, AddressId> made;
    tx.query(queries::list_addresses_of_users, {list}, [&](const sql::Row& row) {
        made.emplace(row.id<UserId>(0), row.id<AddressId>(1));
    });
    std::vector<AddressId> ids;
    ids.reserve(users.size());
    for (const UserId user : users) ids.push_back(made.at(user));
    return ids;
}

std::vector<Address> AddressService::list(sql::Reader& reader, UserId user) const {
    return reader.all(queries::list_addresses, {user}, address_of);
}

}  // namespace doorbuster::shipping
