#include "catalog/media_routes.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "catalog/model/errors.hpp"
#include "http/envelope.hpp"
#include "http/fields.hpp"
#include "http/text.hpp"
#include "idempotency/idempotency.hpp"

namespace doorbuster::catalog {
namespace {

using http::Access;
using http::Request;
using http::Response;

// "image/png; q=1" → "image/png".
std::string media_type(const Request& request) {
    const std::string_view header = request.header("content-type");
    const std::string_view type = http::trim_blanks(header.substr(0, header.find(';')));
    std::string lower{type};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string media_text(const Media& media) {
    return boost::json::serialize(boost::json::object{
        {"id", media.id.to_string()},
        {"url", media.address()},
        {"content_type", media.content_type},
        {"byte_count", media.byte_count}});
}

using AddMedia = std::function<Media(sql::Transaction&)>;
Task<Response> record(CatalogDeps& deps, Request& request, AddMedia add) {
    const UserId actor = request.user();
    const idempotency::Work work = [&deps, add, actor](sql::Transaction& tx) {
        const Media media = add(tx);
        const std::string subject = "media:" + media.id.to_string();
        deps.audit.append(tx, actor, "media.added", subject, media.address());
        return Result<std::string>{media_text(media)};
    };
    Task<Response> answer = idempotency::respond(deps.database, deps.clock, request, 201, work);
    co_return co_await std::move(answer);
}

Task<Response> add_address(CatalogDeps& deps, Request& request) {
    http::Fields fields = http::Fields::body(request);
    const std::string url = fields.text("url", {.max = 2'000});
    if (!url.empty() && !valid_media_url(url)) {
        fields.reject("url", "must be an http or https address, or a path on this server");
    }
    if (auto bad = fields.check(); bad.has_error()) co_return http::failure(request, bad.error());

    const AddMedia add = [&deps, url](sql::Transaction& tx) { return deps.media.add_url(tx, url); };
    Task<Response> answer = record(deps, request, add);
    co_return co_await std::move(answer);
}

Task<Response> add_file(CatalogDeps& deps, Request& request, std::string declared) {
    Task<Result<MediaFiles::Stored>> storing = deps.media_files.store_async(request.body, declared);
    const auto stored = co_await std::move(storing);
    if (stored.has_error()) co_return http::failure(request, stored.error());

    const AddMedia add = [&deps, file = *stored](sql::Transaction& tx) {
        return deps.media.add_file(tx, file.sha256, file.content_type, file.byte_count);
    };
    Task<Response> answer = record(deps, request, add);
    co_return co_await std::move(answer);
}

Task<Response> upload(CatalogDeps& deps, Request& request) {
    std::string declared = media_type(request);
    if (declared == "application/json") return add_address(deps, request);
    return add_file(deps, request, std::move(declared));
}

Response serve(MediaFiles::Document document) {
    Response response;
    response.document = std::move(document);
    return response;
}

std::optional<Response> serve_kept(CatalogDeps& deps, Request& request) {
    const std::string name{request.path_param("name")};
    if (!is_media_name(name)) return http::failure(request, kMediaNotFound);
    auto document = deps.media_files.find_kept(name);
    if (!document) return std::nullopt;
    return serve(std::move(document));
}

Task<Response> serve_file(CatalogDeps& deps, Request& request) {
    std::string name{request.path_param("name")};
    Task<Result<MediaFiles::Document>> loading = deps.media_files.load(std::move(name));
    auto document = co_await std::move(loading);
    if (document.has_error()) co_return http::failure(request, document.error());
    if (!*document) co_return http::failure(request, kMediaNotFound);
    co_return serve(*std::move(document));
}

}  // namespace

http::Routes media_routes(CatalogDeps& deps) {
    const http::HybridHandler file{
        [&deps](Request& r) { return serve_kept(deps, r); },
        [&deps](Request& r) { return serve_file(deps, r); }};
    const http::AsyncHandler add = [&deps](Request& r) { return upload(deps, r); };
    const http::RouteOptions large{.body_bytes_max = MediaFiles::kFileBytesMax};
    using http::Method;
    return {
        {Method::get, "/media/{name}", Access::anyone(), file},
        {Method::post, "/api/admin/v1/media", Access::staff(Right::catalog), add, large}};
}

}  // namespace doorbuster::catalog
