#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "ports/sql.hpp"

namespace doorbuster::shipping {

struct AddressFields {
    std::string recipient;
    std::string phone;
    std::string province;
    std::string city;
    std::string district;
    std::string detail;
    std::string postcode;
};

struct Address {
    AddressId id;
    AddressFields fields;
    bool is_default = false;
    Time created_at;
    Time updated_at;
};

// What is wrong with the phone number and the postcode; lengths are the caller's to bound.
std::vector<ErrorDetail> problems_of(const AddressFields& fields);

// A user's address book. Every function is limited to the user's own entries: another user's
// address is kAddressNotFound. The first address becomes the default; removing the default makes
// the newest of the rest the default. So a book that is not empty has exactly one default, also
// when many requests change it at once. At most kAddressesMax per user. Thread-safe.
class AddressService {
public:
    static constexpr std::int64_t kAddressesMax = 50;

    explicit AddressService(const Clock& clock) : clock_{clock} {}

    // Errors: kValidationFailed, kTooManyAddresses.
    Result<Address> create(
        sql::Transaction& tx, UserId user, const AddressFields& fields, bool as_default
    ) const;
    // `as_default` false leaves the default where it is: another one takes it over. Errors:
    // kValidationFailed, kAddressNotFound.
    Result<Address> update(
        sql::Transaction& tx,
        UserId user,
        AddressId id,
        const AddressFields& fields,
        std::optional<bool> as_default
    ) const;
    Result<Address> set_default(sql::Transaction& tx, UserId user, AddressId id) const;
    Result<void> remove(sql::Transaction& tx, UserId user, AddressId id) const;
    Result<Address> get(sql::Reader& reader, UserId user, AddressId id) const;
    // Many at once, of whatever users; the caller compares each owner. Unknown ids are absent.
    struct Owned {
        UserId owner;
        AddressFields fields;
    };
    std::unordered_map<AddressId, Owned> find_many(
        sql::Reader& reader, std::span<const AddressId> ids
    ) const;
    std::vector<Address> list(sql::Reader& reader, UserId user) const;

    // The first address of each of many new users, in their order; a few statements, however many
    // there are. For users whose book is empty and whom nobody else knows yet.
    std::vector<AddressId> create_first_of_many(
        sql::Transaction& tx, std::span<const UserId> users, const AddressFields& fields
    ) const;

private:
    const Clock& clock_;
};

}  // namespace doorbuster::shipping
