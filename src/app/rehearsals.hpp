#pragma once

#include <boost/json/fwd.hpp>

#include "accounts/accounts.hpp"
#include "flash_sale/flash_sale.hpp"
#include "http/route.hpp"
#include "runtime/config.hpp"

namespace doorbuster::app {

// What `doorbuster rehearse` asks of a running server, over the admin socket only: shadow
// promotions, whose units come from nowhere and go nowhere, and buyers whom nobody can be. All of
// it can be removed again, and is not seen by shoppers meanwhile. Rows of every domain are removed
// here, by id and of shadows only: like the audit, this knows the whole schema. Thread-safe.
//
//   POST   /local/v1/rehearsals             {stock, per_user, price, seconds, webhooks}
//   GET    /local/v1/rehearsals             those there are
//   GET    /local/v1/rehearsals/{id}        the counters, as the database has them
//   POST   /local/v1/rehearsals/{id}/buyers {count} → {buyers: [[session token, address id], …]}
//   DELETE /local/v1/rehearsals/{id}        ends it and removes a part; again until `left` is 0
class Rehearsals {
public:
    static constexpr std::int64_t kBuyersMax = 1'000'000;     // of one rehearsal
    static constexpr std::int64_t kBuyersPerCallMax = 2'000;  // made in one transaction
    static constexpr std::int64_t kRemovedPerCall = 2'000;    // buyers, in one transaction

    // All must outlive this.
    struct Parts {
        const runtime::Config& config;
        sql::Database& database;
        const Clock& clock;
        Random& random;
        accounts::Accounts& accounts;
        const shipping::AddressService& addresses;
        const inventory::InventoryService& stock;
        flash_sale::FlashSale& flash_sale;
    };
    explicit Rehearsals(const Parts& parts) : parts_{parts} {}

    http::Routes routes();

private:
    struct Wish {
        std::int64_t stock = 0;
        std::int64_t per_user = 1;
        Money price;
        Milliseconds lasts{};
        bool webhooks = false;  // their receivers may be told of its orders
    };
    struct Made {
        std::string token;
        AddressId address;
    };

    Task<http::Response> create(http::Request& request);
    Task<http::Response> list(http::Request& request);
    Task<http::Response> state(http::Request& request);
    Task<http::Response> add_buyers(http::Request& request);
    Task<http::Response> remove(http::Request& request);

    Result<flash_sale::Promotion> create_in(sql::Transaction& tx, const Wish& wish) const;
    Result<flash_sale::Promotion> find_shadow(sql::Reader& reader, PromotionId id) const;
    Result<std::vector<Made>> add_buyers_in(
        sql::Transaction& tx, PromotionId id, std::int64_t count
    ) const;
    Result<std::int64_t> remove_in(sql::Transaction& tx, PromotionId id) const;
    boost::json::object terms_json(const flash_sale::Promotion& promotion) const;

    const Parts parts_;
};

}  // namespace doorbuster::app
