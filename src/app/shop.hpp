#pragma once

#include <optional>

#include "adapters/gd/gd_captcha_painter.hpp"
#include "adapters/memory/memory_gate.hpp"
#include "app/back_office.hpp"
#include "app/backlog_gauges.hpp"
#include "app/messages.hpp"
#include "app/pay_office.hpp"
#include "app/rehearsals.hpp"
#include "cart/cart_routes.hpp"
#include "flash_sale/shoppers.hpp"
#include "flash_sale/staff/promotion_routes.hpp"
#include "flash_sale/waiting.hpp"
#include "orders/order_jobs.hpp"
#include "orders/order_routes.hpp"
#include "runtime/scheduler.hpp"
#include "shipping/address_routes.hpp"

namespace doorbuster::app {

// The domains that sell, joined with the payment side. A worker has it even where only payments are
// served: the events it relays may be for any of its parts.
class Shop {
public:
    Shop(
        const Ground& ground, accounts::Accounts& accounts, Messages& messages, PayOffice& payments
    );

    // What memory must hold before the first request; once the schema is there.
    void load();
    http::Routes routes();
    http::Routes local_routes();
    BackOffice& office() { return office_; }

    // What every process that serves shoppers keeps in its memory; role `shop`.
    void add_serving_jobs(runtime::Scheduler& scheduler);
    // Due-time work and cleaning, for the role `worker`; before the first request, which may have
    // work to be done at once.
    void add_jobs(runtime::Scheduler& scheduler);

private:
    // A guest's cart becomes the user's in the transaction of the log-in.
    class CartMerger final : public accounts::LoginListener {
    public:
        explicit CartMerger(const cart::CartService& carts) : carts_{carts} {}
        void logged_in(
            sql::Transaction& tx, const http::Request& request, const accounts::User& user
        ) override;

    private:
        const cart::CartService& carts_;
    };

    const Ground ground_;
    Messages& messages_;
    BackOffice office_;

    shipping::AddressService addresses_;
    cart::CartService carts_;
    CartMerger cart_merger_;
    orders::OrderNumbers order_numbers_;
    orders::OrderService orders_;
    memory::MemoryGate gate_;
    flash_sale::FlashSale flash_sale_;
    gd::GdCaptchaPainter captcha_painter_;
    flash_sale::Shoppers flash_shoppers_;
    flash_sale::Waiting flash_waiting_;
    Rehearsals rehearsals_;
    orders::OrderJobs order_jobs_;
    std::optional<BacklogGauges> backlog_gauges_;

    shipping::AddressDeps address_deps_;
    cart::CartRoutesDeps cart_deps_;
    orders::OrderRoutesDeps order_deps_;
    flash_sale::PromotionRoutesDeps promotion_deps_;
};

}  // namespace doorbuster::app
