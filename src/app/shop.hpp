#pragma once

#include <optional>
#include <stop_token>

#include "adapters/gd/gd_captcha_painter.hpp"
#include "adapters/memory/in_process_bus.hpp"
#include "adapters/memory/memory_gate.hpp"
#include "app/back_office.hpp"
#include "app/backlog_gauges.hpp"
#include "app/rehearsals.hpp"
#include "cart/cart_routes.hpp"
#include "events/outbox.hpp"
#include "events/relay.hpp"
#include "events/subscriptions.hpp"
#include "flash_sale/shoppers.hpp"
#include "flash_sale/staff/promotion_routes.hpp"
#include "flash_sale/waiting.hpp"
#include "orders/order_jobs.hpp"
#include "orders/order_routes.hpp"
#include "payments/doubt_routes.hpp"
#include "payments/payment_routes.hpp"
#include "payments/payment_worker.hpp"
#include "reconciliation/reconciliation_routes.hpp"
#include "refunds/refund_routes.hpp"
#include "refunds/refund_worker.hpp"
#include "runtime/scheduler.hpp"
#include "shipping/address_routes.hpp"
#include "webhooks/delivery_worker.hpp"
#include "webhooks/webhook_routes.hpp"

namespace doorbuster::app {

// All domains, joined. What to serve and what to run in the background is decided by the roles.
class Shop {
public:
    struct Providers {
        std::vector<PaymentProvider*> payments;
        std::vector<RefundProvider*> refunds;
        std::vector<BillProvider*> bills;
    };
    Shop(const Ground& ground, Providers providers, HttpClient& http);

    // What memory must hold before the first request; once the schema is there.
    void load();
    http::Routes routes();
    http::Routes local_routes();
    http::Authenticator& authenticator() { return office_.accounts().sessions; }
    BackOffice& office() { return office_; }

    // What every process that serves shoppers keeps in its memory; role `shop`.
    void add_serving_jobs(runtime::Scheduler& scheduler);
    // Due-time work and cleaning, for the role `worker`; before the first request, which may have
    // work to be done at once.
    void add_jobs(runtime::Scheduler& scheduler);
    // Until told to stop; role `worker`. Events from the outbox to their consumers …
    Task<void> relay_events(std::stop_token stop) { return relay_.run(stop); }
    // … and deliveries to webhooks.
    Task<void> deliver_webhooks(std::stop_token stop) { return delivery_worker_.run(stop); }

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
    BackOffice office_;
    events::Outbox outbox_;
    memory::InProcessBus bus_;
    events::Subscriptions subscriptions_;
    events::Relay relay_;

    shipping::AddressService addresses_;
    cart::CartService carts_;
    CartMerger cart_merger_;
    payments::PaymentService payments_;
    payments::PaymentWorker payment_worker_;
    refunds::RefundService refunds_;
    refunds::RefundWorker refund_worker_;
    reconciliation::Reconciler reconciler_;
    orders::OrderNumbers order_numbers_;
    orders::OrderService orders_;
    memory::MemoryGate gate_;
    flash_sale::FlashSale flash_sale_;
    gd::GdCaptchaPainter captcha_painter_;
    flash_sale::Shoppers flash_shoppers_;
    flash_sale::Waiting flash_waiting_;
    Rehearsals rehearsals_;
    orders::OrderJobs order_jobs_;
    webhooks::WebhookService webhooks_;
    webhooks::DeliveryWorker delivery_worker_;
    std::optional<BacklogGauges> backlog_gauges_;

    shipping::AddressDeps address_deps_;
    cart::CartRoutesDeps cart_deps_;
    orders::OrderRoutesDeps order_deps_;
    flash_sale::PromotionRoutesDeps promotion_deps_;
    webhooks::WebhookRoutesDeps webhook_deps_;
    payments::DoubtRoutesDeps doubt_deps_;
    refunds::RefundRoutesDeps refund_deps_;
    reconciliation::ReconciliationRoutesDeps reconciliation_deps_;
};

}  // namespace doorbuster::app
