#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/memory/in_process_bus.hpp"
#include "events/relay.hpp"
#include "events/subscriptions.hpp"
#include "pay_api/app_routes.hpp"
#include "pay_api/notifier.hpp"
#include "pay_api/pay_routes.hpp"
#include "support/refund_world.hpp"
#include "support/route_client.hpp"
#include "support/saved_answer.hpp"
#include "support/scripted_http_client.hpp"
#include "support/token_users.hpp"
#include "webhooks/delivery_worker.hpp"

namespace doorbuster::test {

// The payment side as other order systems meet it: apps with their keys, the routes, and what they
// are told, by a relay and a delivery worker that run when a test says so.
class PayApiWorld : public RefundWorld {
protected:
    using View = pay_api::AppService::View;
    using Created = pay_api::AppService::Created;

    PayApiWorld() {
        router_.set_apps(apps_);
        router_.add(pay_api::app_routes(app_deps_));
        router_.add(pay_api::local_app_routes(app_deps_));
    }
    void SetUp() override {
        RefundWorld::SetUp();
        if (IsSkipped()) return;
        pay_deps_.emplace(pay_api::PayRoutesDeps{database(), clock_, *payments_, *refunds_});
        notifier_.emplace(endpoints_, *refunds_);
        notifier_->subscribe(subscriptions_);
        router_.add(pay_api::app_payment_routes(*pay_deps_));
        router_.add(pay_api::app_refund_routes(*pay_deps_));
    }

    Created create_app(const std::string& name, const std::string& url = "https://app.test/told") {
        return write([&](sql::Transaction& tx) { return apps_.create(tx, std::nullopt, name, url); }
        ).value();
    }
    RouteClient client_of(const Created& app) const { return guest_.as(app.key.reveal()); }
    RouteClient new_client(const std::string& name) { return client_of(create_app(name)); }

    static std::string wanted(const std::string& reference, std::int64_t amount = 1000) {
        return R"({"reference":")" + reference +
               R"(","provider":"wechat_pay","description":"A kettle","expires_in":1800,"amount":)" +
               std::to_string(amount) + "}";
    }
    // An attempt of an app, paid. Its id.
    std::string paid_by(const RouteClient& app, const std::string& reference) {
        const Reply begun = app.post("/api/pay/v1/payments", wanted(reference));
        EXPECT_EQ(begun.status, 201) << begun.body;
        const std::string trade = last_trade();
        wechat_.pay(trade);
        notify(wechat_, wechat_.notification(trade));
        return begun.text("/data/id");
    }
    // Closed, told so, and paid all the same.
    std::string paid_late_by(const RouteClient& app, const std::string& reference) {
        const Reply begun = app.post("/api/pay/v1/payments", wanted(reference));
        const std::string trade = last_trade();
        app.post("/api/pay/v1/payments/close", R"({"reference":")" + reference + "\"}");
        while (run(payment_worker_->run_once())) {
        }
        wechat_.pay_in_spite(trade);
        notify(wechat_, wechat_.notification(trade));
        return begun.text("/data/id");
    }
    // Events reach the notifier, and notifications the apps.
    void tell() {
        events::Relay relay{database(), bus_, clock_};
        while (run(relay.run_once()) > 0) {
        }
        webhooks::DeliveryWorker worker{database(), clock_, receiver_};
        while (run(worker.run_once()) > 0) {
        }
    }
    static std::string header_of(const OutboundRequest& request, std::string_view name) {
        for (const auto& [key, value] : request.headers) {
            if (key == name) return value;
        }
        return {};
    }
    // The topics that came, in their order.
    std::string heard() const {
        std::string all;
        for (const auto& request : receiver_.requests()) {
            all += (all.empty() ? "" : ", ") + header_of(request, "Doorbuster-Topic");
        }
        return all;
    }
    Reply told(std::size_t index) const { return {.body = receiver_.requests().at(index).body}; }

    int receiver_status_ = 200;
    ScriptedHttpClient receiver_{[this](const OutboundRequest&) {
        return OutboundResponse{.status = receiver_status_, .headers = {}, .body = ""};
    }};
    memory::InProcessBus bus_;
    events::Subscriptions subscriptions_{bus_, database(), clock_};
    events::AuditLog audit_log_{clock_};
    webhooks::Endpoints endpoints_{clock_, random_, pay_api::kEndpointsOwner};
    pay_api::AppService apps_{database(), clock_, random_, audit_log_, endpoints_};
    pay_api::AppRoutesDeps app_deps_{database(), clock_, apps_};
    std::optional<pay_api::PayRoutesDeps> pay_deps_;
    std::optional<pay_api::Notifier> notifier_;
    TokenUsers users_;
    http::Router router_{users_};
    RouteClient guest_{router_};
    RouteClient finance_ = guest_.as("7-finance");
};

}  // namespace doorbuster::test
