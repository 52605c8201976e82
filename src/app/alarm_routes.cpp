#include "app/alarm_routes.hpp"

#include <boost/json.hpp>

#include "app/watched_backlogs.hpp"
#include "http/envelope.hpp"

namespace doorbuster::app {

namespace {

namespace json = boost::json;

json::object to_json(const WatchedBacklog& watched, const Backlog& found, Time now) {
    json::object told{
        {"alarm", watched.name},
        {"what", watched.what},
        {"raised", watched.is_alarming(found, now)},
        {"count", found.count},
        {"oldest_at", nullptr},
        {"patience_seconds", watched.patience.count() / 1000},
        {"see", watched.see}};
    if (found.oldest) told["oldest_at"] = to_rfc3339(*found.oldest);
    return told;
}

Task<http::Response> list(sql::Database& database, const Clock& clock, http::Request& request) {
    const Time now = clock.now();
    const auto read = [&](sql::Reader& reader) { return read_backlogs(reader, now); };
    const std::vector<Backlog> found = co_await database.read(read);
    json::array rows;
    bool any = false;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const WatchedBacklog& watched = watched_backlogs()[i];
        any = any || watched.is_alarming(found[i], now);
        rows.push_back(to_json(watched, found[i], now));
    }
    co_return http::ok(request, json::object{{"raised", any}, {"list", std::move(rows)}});
}

}  // namespace

http::Routes alarm_routes(sql::Database& database, const Clock& clock) {
    const auto show = [&database, &clock](http::Request& r) { return list(database, clock, r); };
    return {
        {http::Method::get,
         "/api/admin/v1/alarms",
         http::Access::staff(Right::finance),
         http::AsyncHandler{show}}};
}

}  // namespace doorbuster::app
