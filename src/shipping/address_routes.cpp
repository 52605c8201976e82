#include "shipping/address_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/listing.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::shipping {

namespace {

namespace json = boost::json;

json::object address_json(const Address& address) {
    const AddressFields& fields = address.fields;
    return {
        {"id", address.id.to_string()},
        {"recipient", fields.recipient},
        {"phone", fields.phone},
        {"province", fields.province},
        {"city", fields.city},
        {"district", fields.district},
        {"detail", fields.detail},
        {"postcode", fields.postcode},
        {"is_default", address.is_default},
        {"created_at", to_rfc3339(address.created_at)},
        {"updated_at", to_rfc3339(address.updated_at)}};
}

struct Input {
    AddressFields fields;
    std::optional<bool> as_default;
};

// Some cities have no districts, and not everyone knows a postcode.
Input read_input(http::Fields& fields) {
    Input input;
    input.fields.recipient = fields.text("recipient", {.max = 50});
    input.fields.phone = fields.text("phone", {.min = 5, .max = 20});
    input.fields.province = fields.text("province", {.max = 50});
    input.fields.city = fields.text("city", {.max = 50});
    input.fields.district = fields.optional_text("district", {.min = 0, .max = 50}).value_or("");
    input.fields.detail = fields.text("detail", {.max = 200});
    input.fields.postcode = fields.optional_text("postcode", {.min = 0, .max = 6}).value_or("");
    input.as_default = fields.optional_boolean("is_default");
    // A phone number that is missing or of the wrong length reads as empty and is told already.
    for (const ErrorDetail& problem : problems_of(input.fields)) {
        if (problem.field == "phone" && input.fields.phone.empty()) continue;
        fields.reject(problem.field, problem.reason);
    }
    return input;
}

Task<http::Response> list_addresses(AddressDeps& deps, http::Request& request) {
    const auto list_in = [&](sql::Reader& reader) {
        return deps.addresses.list(reader, request.user());
    };
    const auto addresses = co_await deps.database.read(list_in);
    json::array list;
    for (const Address& address : addresses) list.push_back(address_json(address));
    constexpr auto kMax = AddressService::kAddressesMax;
    co_return http::ok(request, http::whole_listing_json(std::move(list), kMax));
}

Task<http::Response> create_address(AddressDeps& deps, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const Input input = read_input(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    idempotency::Work work = [&](sql::Transaction& tx) -> Result<std::string> {
        const auto address = deps.addresses.create(
            tx, request.user(), input.fields, input.as_default.value_or(false)
        );
        if (address.has_error()) return address.error();
        return json::serialize(address_json(*address));
    };
    Task<http::Response> answer =
        idempotency::respond(deps.database, deps.clock, request, 201, std::move(work));
    co_return co_await std::move(answer);
}

Task<http::Response> show_address(AddressDeps& deps, http::Request& request) {
    const auto id = request.path_id<AddressId>("id");
    const auto get_in = [&](sql::Reader& reader) {
        return deps.addresses.get(reader, request.user(), id);
    };
    const auto address = co_await deps.database.read(get_in);
    co_return http::answer(request, address, address_json);
}

Task<http::Response> replace_address(AddressDeps& deps, http::Request& request) {
    http::Fields fields = http::Fields::body(request);
    const Input input = read_input(fields);
    const auto checked = fields.check();
    if (checked.has_error()) co_return http::failure(request, checked.error());
    const auto id = request.path_id<AddressId>("id");
    const auto update_in = [&](sql::Transaction& tx) {
        return deps.addresses.update(tx, request.user(), id, input.fields, input.as_default);
    };
    const auto address = co_await deps.database.write(update_in);
    co_return http::answer(request, address, address_json);
}

Task<http::Response> remove_address(AddressDeps& deps, http::Request& request) {
    const auto id = request.path_id<AddressId>("id");
    const auto remove_in = [&](sql::Transaction& tx) {
        return deps.addresses.remove(tx, request.user(), id);
    };
    const auto removed = co_await deps.database.write(remove_in);
    co_return http::answer(request, removed);
}

Task<http::Response> set_default(AddressDeps& deps, http::Request& request) {
    const auto id = request.path_id<AddressId>("id");
    const auto set_in = [&](sql::Transaction& tx) {
        return deps.addresses.set_default(tx, request.user(), id);
    };
    const auto address = co_await deps.database.write(set_in);
    co_return http::answer(request, address, address_json);
}

}  // namespace

http::Routes address_routes(AddressDeps& deps) {
    using http::Access;
    using http::Method;
    constexpr std::size_t kBodyMax = 16 * 1024;
    return {
        {Method::get,
         "/api/v1/addresses",
         Access::user(),
         [&deps](http::Request& r) { return list_addresses(deps, r); }},
        {Method::post,
         "/api/v1/addresses",
         Access::user(),
         [&deps](http::Request& r) { return create_address(deps, r); },
         {.body_bytes_max = kBodyMax}},
        {Method::get,
         "/api/v1/addresses/{id}",
         Access::user(),
         [&deps](http::Request& r) { return show_address(deps, r); }},
        {Method::put,
         "/api/v1/addresses/{id}",
         Access::user(),
         [&deps](http::Request& r) { return replace_address(deps, r); },
         {.body_bytes_max = kBodyMax}},
        {Method::del,
         "/api/v1/addresses/{id}",
         Access::user(),
         [&deps](http::Request& r) { return remove_address(deps, r); }},
        {Method::put, "/api/v1/addresses/{id}/default", Access::user(), [&deps](http::Request& r) {
             return set_default(deps, r);
         }}};
}

}  // namespace doorbuster::shipping
