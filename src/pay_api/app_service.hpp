#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "events/audit_log.hpp"
#include "http/router.hpp"
#include "pay_api/app_store.hpp"
#include "payments/return_places.hpp"
#include "ports/database.hpp"
#include "webhooks/endpoints.hpp"

namespace doorbuster::pay_api {

// Whose the receivers are to which the apps' notifications go (webhooks::Endpoints).
inline constexpr const char* kEndpointsOwner = "pay_app";

// Which order systems may use the payment side, their keys, and where they are told what happened.
// What staff do is in the audit log, in the same transaction; `actor` none: a command on this
// machine. Thread-safe.
class AppService final : public http::AppAuthenticator, public payments::ReturnPlaces {
public:
    AppService(
        sql::Database& database,
        const Clock& clock,
        Random& random,
        const events::AuditLog& audit,
        const webhooks::Endpoints& endpoints
    )
        : database_{database},
          clock_{clock},
          random_{random},
          audit_{audit},
          endpoints_{endpoints} {}

    using Actor = std::optional<UserId>;
    // An app as staff see it.
    struct View {
        PayApp app;
        std::string notify_url;  // empty: it is told nothing
        std::vector<AppKey> keys;
        std::optional<Time> old_secret_until;  // an older signing secret signs, too
    };
    // Secrets are told once, when they are made.
    struct Created {
        View view;
        Secret key;
        Secret signing_secret;
    };
    struct NewKeyOf {
        View view;
        std::string id;
        Secret key;
    };
    struct Change {
        std::optional<std::string> notify_url;
        std::optional<std::string> return_url;
        std::optional<bool> enabled;
    };

    // Both addresses may be empty. Errors: kAppNameTaken, kTooManyApps.
    Result<Created> create(
        sql::Transaction& tx,
        Actor actor,
        const std::string& name,
        const std::string& notify_url,
        const std::string& return_url = {}
    ) const;
    // Errors of all that follow: kAppNotFound.
    Result<View> change(sql::Transaction& tx, Actor actor, AppId id, const Change& change) const;
    // A second key; the first stays good until it is revoked. Errors: kTooManyKeys.
    Result<NewKeyOf> add_key(sql::Transaction& tx, Actor actor, AppId id) const;
    // Refused from the next request on. Errors: kKeyNotFound.
    Result<View> revoke_key(sql::Transaction& tx, Actor actor, AppId id, const std::string& key)
        const;
    struct NewSecret {
        Secret secret;
        std::optional<Time> old_until;  // none: the one before ended at once
    };
    // What is sent from now on is signed with it, and for `overlap` with the one before, too. One
    // that still signed from an earlier overlap ends at once.
    Result<NewSecret> renew_signing_secret(
        sql::Transaction& tx, Actor actor, AppId id, Milliseconds overlap
    ) const;
    // One notification again, with all its tries. Errors: webhooks::kDeliveryNotFound,
    // kWebhookDisabled.
    Result<webhooks::Delivery> redeliver(
        sql::Transaction& tx, Actor actor, AppId id, webhooks::DeliveryId delivery
    ) const;

    Result<View> find(sql::Reader& reader, AppId id) const;
    Result<View> find(sql::Reader& reader, std::string_view name) const;
    std::vector<View> list(sql::Reader& reader) const;
    Result<webhooks::Endpoints::Log> deliveries(
        sql::Reader& reader,
        AppId id,
        const std::string& state,
        std::int64_t limit,
        std::int64_t offset
    ) const;

    // Also of one that is switched off: its buyers may be at the provider.
    std::string place_of(sql::Reader& reader, std::string_view app) override;

    // Errors: kUnauthenticated, kAppKeyInvalid, kAppDisabled.
    Task<Result<http::AppPrincipal>> authenticate_app(const http::Request& request) override;

private:
    View view_of(sql::Reader& reader, const PayApp& app) const;
    Result<NewKey> make_key(sql::Transaction& tx, Actor actor, AppId app) const;
    void note(
        sql::Transaction& tx,
        Actor actor,
        std::string_view action,
        const PayApp& app,
        std::string_view detail
    ) const;

    sql::Database& database_;
    const Clock& clock_;
    Random& random_;
    const events::AuditLog& audit_;
    const webhooks::Endpoints& endpoints_;
};

}  // namespace doorbuster::pay_api
