#include <openssl/evp.h>

#include <boost/json/object.hpp>

#include "flash_sale/edge/shopper_routes.hpp"
#include "flash_sale/model/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

using http::Request;
using http::Response;

std::string to_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // the last one for a NUL
    const int length = EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        static_cast<int>(bytes.size())
    );
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Task<Response> ask(ShopperRoutesDeps& deps, const Request& request) {
    Entrance::Visit visit;
    const auto refusal = deps.entrance.admit(request, ShopperLimits::Route::captcha, visit);
    if (refusal) co_return *refusal;
    const auto known = co_await deps.entrance.check_visitor(request, visit);
    if (known.has_error()) co_return deps.entrance.refuse(request, visit, known.error());
    const auto on_sale = deps.entrance.check_on_sale(*visit.item);
    if (on_sale.has_error()) co_return deps.entrance.refuse(request, visit, on_sale.error());
    const auto challenge = deps.captchas.ask(request.user(), *visit.item);
    const boost::json::object data{
        {"captcha_id", challenge.id},
        {"image", "data:image/png;base64," + to_base64(challenge.png)},
        {"expires_at", to_rfc3339(deps.sale_clock.now() + Captchas::kLife)}};
    co_return deps.entrance.done(http::created(request, data), visit, "captcha");
}

}  // namespace

http::Routes captcha_routes(ShopperRoutesDeps& deps) {
    http::RouteOptions options;
    options.early = [&deps](Request& request) { return deps.entrance.refuse_early(request); };
    const http::AsyncHandler handler = [&deps](Request& request) { return ask(deps, request); };
    return {
        {http::Method::post,
         "/api/v1/flash-sales/{item}/captcha",
         http::Access::user(),
         handler,
         options}};
}

}  // namespace doorbuster::flash_sale
