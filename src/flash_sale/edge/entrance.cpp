#include "flash_sale/edge/entrance.hpp"

#include "flash_sale/engine/order_desk.hpp"
#include "flash_sale/model/errors.hpp"

namespace doorbuster::flash_sale {
namespace {

// How long a buyer should wait for a place at the door: leases are given back all the time.
constexpr std::string_view kDoorRetrySeconds = "3";

void tell_when_to_retry(http::Response& response, const Error& error) {
    if (error.is(kDoorFull)) response.with("Retry-After", std::string{kDoorRetrySeconds});
}

}  // namespace

Entrance::Entrance(const Parts& parts) : parts_{parts} {
    for (const ErrorKind* kind : {&kSoldOut, &kNotOpen, &kEnded, &kPaused, &kStopped, &kBusy}) {
        prepared_.emplace_back(kind, http::PreparedFailure{*kind});
    }
}

// Nothing: it is on sale.
const ErrorKind* Entrance::closed(const SaleItem& item, bool stopped) const {
    const auto open = check_open(item, stopped, parts_.sale_clock.now());
    if (open.has_error()) return &open.error().kind();
    return parts_.gate.sold_out(item.id) ? &kSoldOut : nullptr;
}

Result<void> Entrance::check_on_sale(const SaleItem& item) const {
    const ErrorKind* const reason = closed(item, parts_.board.stopped());
    if (reason) return *reason;
    return {};
}

std::optional<http::Response> Entrance::refuse_early(const http::Request& request) const {
    return refuse_early(request, false);
}

std::optional<http::Response> Entrance::refuse_order_early(const http::Request& request) const {
    return refuse_early(request, true);
}

std::optional<http::Response> Entrance::refuse_early(const http::Request& request, bool orders)
    const {
    const auto snapshot = parts_.board.snapshot();
    const auto found = snapshot->items.find(request.path_id<PromotionItemId>("item"));
    if (found == snapshot->items.end()) return std::nullopt;  // the handler says so
    const SaleItem& item = *found->second;
    const bool secret = item.shadow && !knows_rehearsals(request);
    if (secret) return std::nullopt;
    if (const ErrorKind* const reason = closed(item, snapshot->stopped)) {
        const std::string_view key = request.header("Idempotency-Key");
        const bool may_be_retry = orders && !key.empty() && parts_.seen.maybe(item.id, key);
        if (!may_be_retry) {
            count_early(item.id, *reason);
            return refuse_all(request, *reason);
        }
    }
    if (orders && parts_.orders && parts_.orders->crowded()) {
        count_early(item.id, kBusy);
        return refuse_all(request, kBusy);
    }
    if (item.shadow) return std::nullopt;
    auto refused = parts_.limits.refuse_address(request);
    if (refused) count_early(item.id, kRateLimited);
    return refused;
}

bool Entrance::knows_rehearsals(const http::Request& request) const {
    const RehearsalBuyers* const buyers = parts_.rehearsal_buyers;
    return buyers && buyers->knows_session(request.header("Authorization"));
}

Task<Result<void>> Entrance::check_visitor(const http::Request& request, const Visit& visit) const {
    if (!visit.item) co_return kItemNotFound;
    if (!visit.item->shadow) co_return Result<void>{};
    RehearsalBuyers* const buyers = parts_.rehearsal_buyers;
    if (!buyers) co_return kItemNotFound;
    const std::string_view authorization = request.header("Authorization");
    const bool is_one = co_await buyers->has(request.user(), authorization);
    if (!is_one) co_return kItemNotFound;
    co_return Result<void>{};
}

http::Response Entrance::refuse_all(const http::Request& request, const ErrorKind& kind) const {
    for (const auto& [prepared, failure] : prepared_) {
        if (prepared == &kind) return failure.answer(request);
    }
    return http::failure(request, kind);
}

std::optional<http::Response> Entrance::admit(
    const http::Request& request, ShopperLimits::Route route, Visit& visit
) const {
    visit.began = parts_.clock.steady();
    const auto item = request.path_id<PromotionItemId>("item");
    visit.item = parts_.board.find(item);
    visit.admission = parts_.limits.admit(request, request.user(), item, route);
    if (visit.admission.refusal && visit.item) count(item, kRateLimited.name, visit.began);
    return std::move(visit.admission.refusal);
}

http::Response Entrance::refuse(
    const http::Request& request, const Visit& visit, const Error& error
) const {
    http::Response response = http::failure(request, error);
    tell_when_to_retry(response, error);
    return done(std::move(response), visit, error.kind().name);
}

http::Response Entrance::done(http::Response response, const Visit& visit, std::string_view outcome)
    const {
    if (visit.item) count(visit.item->id, outcome, visit.began);
    parts_.limits.tell(response, visit.admission);
    return response;
}

// A microsecond or so: not worth the two looks at the clock, which would be a good part of it.
void Entrance::count_early(PromotionItemId item, const ErrorKind& kind) const {
    parts_.meter.record(item, kind.name, std::chrono::microseconds{1});
}

void Entrance::count(PromotionItemId item, std::string_view outcome, Instant began) const {
    parts_.meter.record(item, outcome, parts_.clock.steady() - began);
}

}  // namespace doorbuster::flash_sale
