#include "app/local_api.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <optional>

#include "accounts/accounts_routes.hpp"
#include "app/admin_client.hpp"
#include "app/back_office.hpp"
#include "app/command_error.hpp"
#include "app/open_database.hpp"
#include "app/settings_of.hpp"
#include "http/event_loops.hpp"
#include "pay_api/app_routes.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace json = boost::json;

namespace {

http::Method method_of(std::string_view word) {
    using http::Method;
    for (const Method method :
         {Method::get, Method::post, Method::put, Method::patch, Method::del}) {
        if (http::to_string(method) == word) return method;
    }
    throw CommandError{"no such method"};
}

}  // namespace

class LocalApi::Backend {
public:
    virtual ~Backend() = default;
    virtual AdminAnswer ask(
        const std::string& method, const std::string& path, const std::string& body
    ) = 0;
};

class LocalApi::RemoteBackend final : public Backend {
public:
    explicit RemoteBackend(const std::filesystem::path& folder) : client_{folder} {}
    AdminAnswer ask(const std::string& method, const std::string& path, const std::string& body)
        override {
        return client_.ask(method, path, body);
    }

private:
    AdminClient client_;
};

// The same routes without a server: one event loop, the database, and the services behind them.
class LocalApi::InProcessBackend final : public Backend {
public:
    explicit InProcessBackend(const runtime::Config& config)
        : folder_{config.data}, database_{open_database(config, {clock_})} {
        migrate(*database_, clock_);
        const Ground ground{config, *database_, clock_, random_};
        accounts_.emplace(*database_, clock_, random_, accounts_settings(config));
        office_.emplace(ground, *accounts_);
        apps_.emplace(*database_, clock_, random_, accounts_->audit, app_endpoints_);
        app_deps_.emplace(pay_api::AppRoutesDeps{*database_, clock_, *apps_});
        router_.emplace(accounts_->sessions);
        router_->add(accounts::local_user_routes(*accounts_));
        router_->add(office_->local_routes());
        router_->add(pay_api::local_app_routes(*app_deps_));
        loops_.start();
    }
    ~InProcessBackend() override { loops_.stop(); }

    AdminAnswer ask(const std::string& method, const std::string& path, const std::string& body)
        override {
        const std::vector<http::Request::Header> headers = {{"Content-Type", "application/json"}};
        http::Request request;
        request.method = method_of(method);
        request.target = path;
        const std::size_t question = std::min(path.find('?'), path.size());
        request.path = std::string_view{path}.substr(0, question);
        if (question < path.size()) request.query = std::string_view{path}.substr(question + 1);
        request.body = body;
        request.headers = headers;
        request.local = true;
        request.id = "command";
        auto answered = boost::asio::co_spawn(
            loops_.executor(0), router_->dispatch(request), boost::asio::use_future
        );
        http::Response response = answered.get();
        return {response.status, std::move(response.body)};
    }

private:
    SystemClock clock_;
    SystemRandom random_;
    http::EventLoops loops_{1};
    runtime::DataFolder folder_;
    std::unique_ptr<sql::Database> database_;
    webhooks::Endpoints app_endpoints_{clock_, random_, pay_api::kEndpointsOwner};
    std::optional<accounts::Accounts> accounts_;
    std::optional<BackOffice> office_;
    std::optional<pay_api::AppService> apps_;
    std::optional<pay_api::AppRoutesDeps> app_deps_;
    std::optional<http::Router> router_;
};

LocalApi::LocalApi(const runtime::Config& config) {
    if (runtime::DataFolder::is_held(config.data)) {
        backend_ = std::make_unique<RemoteBackend>(config.data);
    } else {
        backend_ = std::make_unique<InProcessBackend>(config);
    }
}

LocalApi::~LocalApi() = default;

json::value LocalApi::get(const std::string& path) { return send("GET", path, nullptr); }

json::value LocalApi::send(
    const std::string& method, const std::string& path, const json::value& body
) {
    const AdminAnswer answer =
        backend_->ask(method, path, body.is_null() ? "" : json::serialize(body));
    boost::system::error_code failure;
    const json::value envelope = json::parse(answer.body, failure);
    if (failure || !envelope.is_object()) {
        throw CommandError{
            "the server answered " + std::to_string(answer.status) + " without a reason"};
    }
    const json::object& fields = envelope.get_object();
    if (answer.status < 300) return fields.at("data");
    std::string reason{fields.at("msg").as_string()};
    if (const auto* details = fields.if_contains("details"); details && details->is_array()) {
        for (const json::value& detail : details->get_array()) {
            reason += " (" + std::string{detail.at("field").as_string()} + ": " +
                      std::string{detail.at("reason").as_string()} + ')';
        }
    }
    throw CommandError{reason};
}

}  // namespace doorbuster::app
